import { join } from 'node:path';
import {
  DeleteAliasCommand,
  DisableKeyCommand,
  KMSClient,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  DeleteScheduleCommand,
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Break, breakAndMend, DoctorScene } from './doctor-scene.ts';
import { root } from './harness.ts';

const profile = join(root, 'examples', 'profile.yaml');
const FUNCTION = 'km-github-token-refresher';

let scene: DoctorScene;
let id: string;

beforeAll(async () => {
  scene = await DoctorScene.start();
  await createSandbox();
});

afterAll(() => scene[Symbol.asyncDispose]());

async function createSandbox(): Promise<void> {
  ({ id } = await scene.world.json<{ id: string }>(['create', profile]));
}

const scheduler = () => new SchedulerClient(scene.config);
const kms = () => new KMSClient(scene.config);
const ssm = () => new SSMClient(scene.config);
const refresh = () => ({ Name: `km-github-token-${id}`, GroupName: 'km' });
const token = () => `/sandbox/${id}/github-token`;

async function keyOf(): Promise<string> {
  const { Aliases = [] } = await kms().send(new ListAliasesCommand({}));
  return Aliases.find(({ AliasName }) => AliasName === `alias/km-github-token-${id}`)?.TargetKeyId ?? '';
}

async function setSchedule(State: 'ENABLED' | 'DISABLED'): Promise<void> {
  const { ScheduleExpression, Target, FlexibleTimeWindow, StartDate } = await scheduler().send(
    new GetScheduleCommand(refresh()),
  );
  await scheduler().send(
    new UpdateScheduleCommand({
      ...refresh(),
      ScheduleExpression,
      Target,
      FlexibleTimeWindow,
      StartDate,
      State,
    }),
  );
}

const configure = (input: object) =>
  new LambdaClient(scene.config).send(
    new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION, ...input }),
  );

describe('km doctor where nothing is wrong', () => {
  test('ends with 0, has no check that warns or fails, and says what it did not look at', async () => {
    const { code, ok, findings } = await scene.diagnose();
    expect(findings.filter(({ status }) => status === 'warn' || status === 'fail')).toEqual([]);
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(findings.filter(({ status }) => status === 'skip').map(({ check }) => check)).toEqual([
      'platform-drift',
    ]);
  });

  test('is one line a finding, its remedy under it and the count at the end, without control characters', async () => {
    const { code, stdout, stderr } = await scene.world.local(['doctor', id]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^✓ Platform stack +km-platform is CREATE_COMPLETE$/m);
    expect(stdout).toContain('2 installation(s) found (my-org, my-user)');
    expect(stdout).toMatch(new RegExp(`^✓ Sandbox tokens +${id}: my-user, minted .* ago, expires in `, 'm'));
    expect(stdout).toMatch(/^- Platform drift .*\n {2}→ aws cloudformation detect-stack-drift /m);
    expect(stdout).toMatch(/\n\d+ ok, 0 to look at, 0 failed, 1 not looked at\n$/);
    expect(stdout).not.toContain('\x1b');
  });

  test('--quiet leaves out what is well', async () => {
    const { stdout } = await scene.world.local(['doctor', '--quiet']);
    expect(stdout).not.toContain('✓');
    expect(stdout.split('\n').filter((line) => line !== '')).toHaveLength(3);
  });

  test('--probe reads, is refused a write, and sees the token dead', async () => {
    const { stdout, code } = await scene.world.local(['doctor', '--probe', '--repo', 'my-org/another-repo']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ Probe +my-org\/another-repo: .*read, write-refused, revoke, dead$/m);
  });
});

const MENDED_BY_PASTING: readonly Break[] = [
  {
    name: "a sandbox's token parameter is deleted",
    break: () => ssm().send(new DeleteParameterCommand({ Name: token() })),
    check: 'sandbox-token',
    finding: /no token for my-user$/,
    remedy: /^km destroy sb-/,
  },
  {
    name: 'a personal access token is stored where a token should be',
    break: () =>
      ssm().send(
        new PutParameterCommand({
          Name: token(),
          Value: 'ghp_x',
          Type: 'SecureString',
          Description: 'mine',
          Overwrite: true,
        }),
      ),
    check: 'sandbox-token',
    finding: /was not written by km: it may hold a personal access token$/,
    remedy: /^km refresh sb-/,
  },
  {
    name: 'a token is stored in plain text',
    break: async () => {
      await ssm().send(new DeleteParameterCommand({ Name: token() }));
      await ssm().send(new PutParameterCommand({ Name: token(), Value: 'ghp_x', Type: 'String' }));
    },
    check: 'sandbox-token',
    finding: /is plain text/,
    remedy: /^km destroy sb-/,
  },
  {
    name: "a sandbox's schedule is disabled",
    break: () => setSchedule('DISABLED'),
    check: 'sandbox-schedule',
    finding: /is DISABLED$/,
    remedy: /^km doctor sb-[0-9a-f]{8} --fix --yes/,
  },
  {
    name: "the alias of a sandbox's key is deleted",
    break: () => kms().send(new DeleteAliasCommand({ AliasName: `alias/km-github-token-${id}` })),
    check: 'sandbox-key',
    finding: /alias\/km-github-token-sb-\S+ is gone/,
    remedy: /^aws kms create-alias /,
  },
  {
    name: "a sandbox's key is disabled",
    break: async () => kms().send(new DisableKeyCommand({ KeyId: await keyOf() })),
    check: 'sandbox-key',
    finding: /its key is Disabled$/,
    remedy: /^aws kms enable-key /,
  },
  {
    name: "a sandbox's key is scheduled for deletion",
    break: async () =>
      kms().send(new ScheduleKeyDeletionCommand({ KeyId: await keyOf(), PendingWindowInDays: 7 })),
    check: 'sandbox-key',
    finding: /its key is PendingDeletion$/,
    remedy: /^aws kms cancel-key-deletion .* && aws kms enable-key /,
  },
  {
    name: 'the refresher loses its environment',
    break: () => configure({ Environment: { Variables: {} } }),
    check: 'refresher-configuration',
    finding: /^KM_PREFIX is not set instead of km$/,
    remedy: /^aws lambda update-function-configuration /,
  },
  {
    name: 'the refresher has 3 seconds',
    break: () => configure({ Timeout: 3 }),
    check: 'refresher-configuration',
    finding: /^timeout 3 s instead of 60 s$/,
    remedy: /^aws lambda update-function-configuration .*--timeout 60/,
  },
  {
    name: 'a refresh was given up',
    break: async () => {
      const sqs = new SQSClient(scene.config);
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'km-refresh-dlq' }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
    },
    check: 'dead-letter-queue',
    finding: /^1 refresh\(es\) given up/,
    remedy: /^aws sqs purge-queue /,
  },
  {
    name: 'the legacy installation id is stored',
    break: () =>
      ssm().send(
        new PutParameterCommand({ Name: '/km/config/github/installation-id', Value: '1', Type: 'String' }),
      ),
    check: 'legacy-settings',
    status: 'warn',
    finding: /installation-id is from before/,
    remedy: /^km configure github --discover --force && aws ssm delete-parameter /,
  },
  {
    name: 'an installation is removed on GitHub, and its entry stays',
    break: async () => {
      await scene.onGitHub('POST', '/installations', { account: 'other-org', repositories: 'all' });
      await scene.paste('km configure github --discover --force');
      await scene.onGitHub('DELETE', '/installations/other-org');
    },
    check: 'installations',
    finding: /^other-org is stored \(\d+\), but the App is not installed there any more$/,
    remedy: /^km configure github --discover --prune$/,
  },
  {
    name: 'the App is installed anew, under another id',
    break: () => scene.onGitHub('POST', '/installations', { account: 'my-user', repositories: 'all' }),
    check: 'installations',
    status: 'warn',
    finding: /^my-user is \d+ on GitHub and \d+ as stored/,
    remedy: /^km configure github --discover --force$/,
  },
  {
    name: "a sandbox's schedule is deleted",
    break: () => scheduler().send(new DeleteScheduleCommand(refresh())),
    check: 'sandbox-schedule',
    finding: /is gone$/,
    remedy: /^km destroy sb-/,
  },
];

test.each(MENDED_BY_PASTING)('$name: exactly that check tells, and its remedy mends it', async (each) => {
  const remedy = await breakAndMend(scene, each);
  if (remedy.startsWith('km destroy')) await createSandbox();
});

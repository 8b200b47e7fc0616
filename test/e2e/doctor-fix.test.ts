import { join } from 'node:path';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { CreateScheduleCommand, GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DoctorScene } from './doctor-scene.ts';
import { root } from './harness.ts';

const GONE = 'sb-0000dead';
const LATELY = 'sb-00001a7e';

let scene: DoctorScene;
let id: string;

const scheduler = () => new SchedulerClient(scene.config);
const kms = () => new KMSClient(scene.config);

async function leaveSchedule(of: string): Promise<void> {
  const { ScheduleExpression, Target, FlexibleTimeWindow } = await scheduler().send(
    new GetScheduleCommand({ Name: `km-github-token-${id}`, GroupName: 'km' }),
  );
  const schedule = { ScheduleExpression, Target, FlexibleTimeWindow, State: 'DISABLED' as const };
  await scheduler().send(
    new CreateScheduleCommand({ Name: `km-github-token-${of}`, GroupName: 'km', ...schedule }),
  );
}

const aliasOf = (sandbox: string): string => `alias/km-github-token-${sandbox}`;

async function leaveKey(of: string): Promise<string> {
  const Tags = [{ TagKey: 'km:sandbox-id', TagValue: of }];
  const { KeyMetadata } = await kms().send(new CreateKeyCommand({ Tags }));
  const TargetKeyId = KeyMetadata?.KeyId ?? '';
  await kms().send(new CreateAliasCommand({ AliasName: aliasOf(of), TargetKeyId }));
  return TargetKeyId;
}

async function stateOf(KeyId: string): Promise<string | undefined> {
  return (await kms().send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
}

async function leaveToken(of: string, expiresAt: string): Promise<void> {
  const Description = JSON.stringify({ mintedAt: '2020-01-01T00:00:00Z', expiresAt, owner: 'my-user' });
  await new SSMClient(scene.config).send(
    new PutParameterCommand({ Name: `/sandbox/${of}/github-token`, Value: 'x', Type: 'String', Description }),
  );
}

beforeAll(async () => {
  scene = await DoctorScene.start();
  ({ id } = await scene.world.json<{ id: string }>(['create', join(root, 'examples', 'profile.yaml')]));
});

afterAll(() => scene[Symbol.asyncDispose]());

test('what was left of a sandbox that is gone is told as orphans, each with the same remedy', async () => {
  await leaveSchedule(GONE);
  await leaveKey(GONE);
  await leaveToken(GONE, '2020-01-01T01:00:00Z');
  const remedy = expect.stringMatching(/^km doctor --fix/);
  expect(await scene.troubles()).toMatchObject([
    { check: 'orphans', status: 'warn', subject: GONE, remedy },
    { check: 'orphans', status: 'warn', subject: GONE, remedy },
    { check: 'orphans', status: 'fail', subject: GONE, remedy },
  ]);
});

test('nothing is removed without a yes', async () => {
  const { code, stderr } = await scene.world.local(['doctor', '--fix']);
  expect(code).toBe(2);
  expect(stderr).toContain(`would delete the schedule km-github-token-${GONE}`);
  expect(stderr).toContain('--yes');
  expect(await scene.troubles()).toHaveLength(3);
});

test('with it they are removed, and nothing else', async () => {
  const { code, stdout } = await scene.world.local(['doctor', '--fix', '--yes']);
  expect(code).toBe(0);
  expect(stdout.match(/^fixed: .*$/gm)).toEqual([
    `fixed: delete the schedule km-github-token-${GONE}`,
    `fixed: delete the parameter /sandbox/${GONE}/github-token`,
    `fixed: delete, in 7 days, the key behind alias/km-github-token-${GONE}`,
  ]);
  expect(await scene.troubles()).toEqual([]);
  const cloned = await scene.world.exec(id, ['git', 'ls-remote', 'https://github.com/my-user/my-repo']);
  expect(cloned).toMatchObject({ code: 0 });
});

test('a key whose token still lives is left, and so is the token: nothing else could revoke it', async () => {
  const keyId = await leaveKey(LATELY);
  await leaveToken(LATELY, '2100-01-01T00:00:00Z');
  const { code, stderr } = await scene.world.local(['doctor', '--fix', '--yes']);
  expect(code).toBe(0);
  expect(stderr).toContain('Nothing that --fix may mend.');
  expect(await scene.troubles()).toMatchObject([{ subject: LATELY }, { subject: LATELY }]);
  expect(await stateOf(keyId)).toBe('Enabled');
});

describe('an operator, whose template may give any key an alias, has an administrator delete no key of another', () => {
  const FAKED = 'sb-0000fa4e';
  const cases: [string, () => Promise<string>][] = [
    [
      "a living sandbox's",
      async () => {
        const { KeyMetadata } = await kms().send(new DescribeKeyCommand({ KeyId: aliasOf(id) }));
        return KeyMetadata?.KeyId ?? '';
      },
    ],
    [
      "one that is none of km's",
      async () => (await kms().send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? '',
    ],
    [
      'that of a sandbox of this id on another platform',
      async () => {
        const keyId = await leaveKey(FAKED);
        await kms().send(new DeleteAliasCommand({ AliasName: aliasOf(FAKED) }));
        const AliasName = `alias/other-github-token-${FAKED}`;
        await kms().send(new CreateAliasCommand({ AliasName, TargetKeyId: keyId }));
        return keyId;
      },
    ],
  ];

  test.each(cases)('%s', async (_whose, keyOf) => {
    const TargetKeyId = await keyOf();
    await kms().send(new CreateAliasCommand({ AliasName: aliasOf(FAKED), TargetKeyId }));
    try {
      const { code, stderr } = await scene.world.local(['doctor', '--fix', '--yes']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/not fixed: .*km-github-token-sb-0000fa4e.*: .* is not that sandbox's alone/);
      expect(await stateOf(TargetKeyId)).toBe('Enabled');
    } finally {
      await kms().send(new DeleteAliasCommand({ AliasName: aliasOf(FAKED) }));
    }
  });
});

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { DescribeParametersCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, World } from './harness.ts';
import {
  ACCOUNT,
  assume,
  attempts,
  type Config,
  configOf,
  DENIED,
  type Described,
  REGION,
  tokenOf,
} from './isolation-attempts.ts';

const SERVICE_ROLE = `arn:aws:iam::${ACCOUNT}:role/km-cloudformation-${REGION}`;
const [A, B] = ['sb-5a4ed00a', 'sb-5a4ed00b'];

let world: World;
let asOperator: Config;
let asA: Config;
let a: Described;
let b: Described;

const cloudFormation = () => new CloudFormationClient(asOperator);

const settled = async (id: string, status: RegExp): Promise<Stack> => {
  for (const end = Date.now() + 20_000; ; await delay(100)) {
    const { Stacks = [] } = await cloudFormation().send(
      new DescribeStacksCommand({ StackName: `km-sandbox-${id}` }),
    );
    const [stack] = Stacks;
    if (stack && status.test(stack.StackStatus ?? '')) return stack;
    if (Date.now() > end) throw new Error(`${id}: ${stack?.StackStatus} ${stack?.StackStatusReason}`);
  }
};

const stackOf = (id: string) => ({
  StackName: `km-sandbox-${id}`,
  RoleARN: SERVICE_ROLE,
  Capabilities: ['CAPABILITY_NAMED_IAM' as const],
  DeploymentConfig: { Mode: 'EXPRESS' as const, DisableRollback: false },
});

const create = async (id: string, profile: string): Promise<Described> => {
  await world.json(['create', profile, '--id', id]);
  return world.json<Described>(['describe', id]);
};

beforeAll(async () => {
  world = await World.start();
  const env = await world.environment();
  asOperator = configOf(env.AWS_ENDPOINT_URL ?? '', {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
  });
  const text = await readFile(join(root, 'examples', 'profile.yaml'), 'utf8');
  const profile = join(world.dir, 'shared.yaml');
  await writeFile(profile, text.replace('spec:\n', 'spec:\n  encryption: shared\n'));
  [a, b] = await Promise.all([create(A, profile), create(B, profile)]);
  asA = await assume(asOperator, a.roleArn);
});

afterAll(() => world[Symbol.asyncDispose]());

test('both sandboxes have the one key of the platform, and none of their own', async () => {
  expect(a.keyArn).toMatch(/^arn:aws:kms:.*:key\//);
  expect(b.keyArn).toBe(a.keyArn);
  const { Aliases = [] } = await new KMSClient(asOperator).send(new ListAliasesCommand({}));
  const names = Aliases.map(({ AliasName }) => AliasName);
  expect(names).toContain('alias/km-github-tokens');
  expect(names).not.toContain(`alias/km-github-token-${A}`);
});

test('a sandbox reads its own tokens: the refusals below are not those of a role that can do nothing', async () => {
  for (const Name of [tokenOf(a), `/sandbox/${a.id}/github-tokens/my-org`]) {
    const { Parameter } = await new SSMClient(asA).send(
      new GetParameterCommand({ Name, WithDecryption: true }),
    );
    expect(Parameter?.Value).toMatch(/^ghs_/);
  }
});

test.each(attempts({ config: () => asA, own: () => a, victim: () => b }))(
  "under the shared key, with sandbox A's credentials one cannot %s",
  async (_what, attempt) => {
    await expect(attempt()).rejects.toThrow(DENIED);
  },
);

describe("a role of an operator's own template, with all that the boundary leaves it and the tag of sandbox A", () => {
  const RoleName = 'km-sandbox-sb-0bad0bad';
  let asThief: Config;

  beforeAll(async () => {
    const statement = (more: object) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', ...more }],
    });
    const Thief = {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName,
        PermissionsBoundary: `arn:aws:iam::${ACCOUNT}:policy/km-sandbox-boundary-${REGION}`,
        AssumeRolePolicyDocument: statement({
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
          Action: 'sts:AssumeRole',
        }),
        Policies: [{ PolicyName: 'all', PolicyDocument: statement({ Action: '*', Resource: '*' }) }],
        Tags: [{ Key: 'km:sandbox-id', Value: A }],
      },
    };
    await cloudFormation().send(
      new CreateStackCommand({
        ...stackOf('sb-0bad0bad'),
        TemplateBody: JSON.stringify({ Resources: { Thief } }),
      }),
    );
    await settled('sb-0bad0bad', /^CREATE_COMPLETE$/);
    asThief = await assume(asOperator, `arn:aws:iam::${ACCOUNT}:role/${RoleName}`);
  });

  test('gets the ciphertext, and the key refuses to decrypt it', async () => {
    const read = (WithDecryption: boolean) =>
      new SSMClient(asThief).send(new GetParameterCommand({ Name: tokenOf(a), WithDecryption }));
    expect((await read(false)).Parameter?.Value).not.toMatch(/^ghs_/);
    await expect(read(true)).rejects.toThrow(DENIED);
  });
});

describe('an operator who has the stack changed', () => {
  const reconfigure = async (parameters: Readonly<Record<string, string>>): Promise<unknown> => {
    const { Payload } = await new LambdaClient(asOperator).send(
      new InvokeCommand({
        FunctionName: 'km-github-token-refresher',
        Payload: JSON.stringify({ action: 'reconfigure', sandbox_id: B, parameters }),
      }),
    );
    return JSON.parse(Payload?.transformToString() ?? '');
  };
  const update = async (parameters: Readonly<Record<string, string>>): Promise<void> => {
    expect(await reconfigure(parameters)).toMatchObject({ sandbox_id: B, changed: true });
    await settled(B, /^UPDATE_COMPLETE$/);
  };
  const tokens = async () => {
    const { Parameters = [] } = await new SSMClient(asOperator).send(
      new DescribeParametersCommand({
        ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: [`/sandbox/${B}/`] }],
      }),
    );
    return Parameters.length;
  };
  const schedule = () =>
    new SchedulerClient(asOperator).send(
      new GetScheduleCommand({ GroupName: 'km', Name: `km-github-token-${B}` }),
    );

  test('pauses the sandbox: its tokens are gone, and nothing refreshes them', async () => {
    await update({ Paused: 'true' });
    expect(await tokens()).toBe(0);
    expect(await schedule()).toMatchObject({ State: 'DISABLED' });
  });

  test('resumes it: its role reads new tokens, and they are refreshed again', async () => {
    const RefreshStart = `${new Date(Date.now() + 45 * 60_000).toISOString().slice(0, 19)}Z`;
    await update({ Paused: 'false', RefreshStart });
    expect(await schedule()).toMatchObject({ State: 'ENABLED' });
    const asB = await assume(asOperator, b.roleArn);
    const { Parameter } = await new SSMClient(asB).send(
      new GetParameterCommand({ Name: tokenOf(b), WithDecryption: true }),
    );
    expect(Parameter?.Value).toMatch(/^ghs_/);
  });

  test.each([
    ['let others into its role', { TrustedPrincipalArns: `arn:aws:iam::${ACCOUNT}:user/*` }],
    ['give it another key', { SharedKeyArn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/mine` }],
    ['make it another sandbox', { SandboxId: A }],
  ])('cannot %s', async (_what, parameters) => {
    expect(await reconfigure(parameters)).toMatchObject({
      errorType: 'ErrRefreshEventInvalid',
      errorMessage: expect.stringContaining('which cannot be changed'),
    });
  });
});

import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
} from '@aws-sdk/client-cloudformation';
import { DecryptCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { DeleteScheduleCommand, SchedulerClient, UpdateScheduleCommand } from '@aws-sdk/client-scheduler';
import {
  GetParameterCommand,
  GetParameterHistoryCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, World } from './harness.ts';
import {
  ACCOUNT,
  type Attempt,
  assume,
  attempts,
  type Config,
  configOf,
  DENIED,
  type Described,
  REGION,
  tokenOf,
} from './isolation-attempts.ts';

let world: World;
let a: Described;
let b: Described;
let asA: Config;
let asOperator: Config;

const profile = join(root, 'examples', 'profile.yaml');

beforeAll(async () => {
  world = await World.start();
  const made = await Promise.all([1, 2].map(() => world.json<{ id: string }>(['create', profile])));
  [a, b] = (await Promise.all(made.map(({ id }) => world.json<Described>(['describe', id])))) as [
    Described,
    Described,
  ];
  const env = await world.environment();
  asOperator = configOf(env.AWS_ENDPOINT_URL ?? '', {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
  });
  asA = await assume(asOperator, a.roleArn);
});

afterAll(() => world[Symbol.asyncDispose]());

test('a sandbox reads its own tokens: the refusals below are not those of a role that can do nothing', async () => {
  const ssm = new SSMClient(asA);
  for (const Name of [tokenOf(a), `/sandbox/${a.id}/github-tokens/my-org`]) {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    expect(Parameter?.Value).toMatch(/^ghs_/);
  }
  expect((await new STSClient(asA).send(new GetCallerIdentityCommand({}))).Arn).toContain(
    `assumed-role/km-sandbox-${a.id}/`,
  );
});

test.each(attempts({ config: () => asA, own: () => a, victim: () => b }))(
  "with sandbox A's credentials one cannot %s",
  async (_what, attempt) => {
    await expect(attempt()).rejects.toThrow(DENIED);
  },
);

const ownAttempts: readonly Attempt[] = [
  [
    'overwrite its own token',
    () =>
      new SSMClient(asA).send(
        new PutParameterCommand({ Name: tokenOf(a), Value: 'x', Type: 'SecureString', Overwrite: true }),
      ),
  ],
  [
    'read the history of its own token',
    () => new SSMClient(asA).send(new GetParameterHistoryCommand({ Name: tokenOf(a), WithDecryption: true })),
  ],
  [
    'use its own key but through Parameter Store',
    () =>
      new KMSClient(asA).send(
        new DecryptCommand({
          KeyId: a.keyArn,
          CiphertextBlob: Buffer.from('x'.repeat(80)),
          EncryptionContext: { PARAMETER_ARN: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${tokenOf(a)}` },
        }),
      ),
  ],
  [
    "open its own key's policy",
    () =>
      new KMSClient(asA).send(
        new PutKeyPolicyCommand({ KeyId: a.keyArn, PolicyName: 'default', Policy: '{}' }),
      ),
  ],
  [
    'ask the refresher for a wider token',
    () =>
      new LambdaClient(asA).send(
        new InvokeCommand({
          FunctionName: 'km-github-token-refresher',
          Payload: JSON.stringify({
            sandbox_id: a.id,
            allowed_repos: ['*'],
            permissions: { contents: 'write' },
          }),
        }),
      ),
  ],
  [
    "replace the refresher's code",
    () =>
      new LambdaClient(asA).send(
        new UpdateFunctionCodeCommand({
          FunctionName: 'km-github-token-refresher',
          ZipFile: Buffer.from('x'),
        }),
      ),
  ],
  [
    'stop its own end',
    () =>
      new SchedulerClient(asA).send(new DeleteScheduleCommand({ Name: `km-ttl-${a.id}`, GroupName: 'km' })),
  ],
  [
    'change what its own schedule sends',
    () =>
      new SchedulerClient(asA).send(
        new UpdateScheduleCommand({
          Name: `km-github-token-${a.id}`,
          GroupName: 'km',
          ScheduleExpression: 'rate(45 minutes)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: {
            Arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:km-github-token-refresher`,
            RoleArn: `arn:aws:iam::${ACCOUNT}:role/km-scheduler-${REGION}`,
            Input: '{}',
          },
        }),
      ),
  ],
  [
    'create a stack',
    () =>
      new CloudFormationClient(asA).send(
        new CreateStackCommand({
          StackName: 'km-sandbox-sb-00000000',
          TemplateBody: '{"Resources":{}}',
          RoleARN: `arn:aws:iam::${ACCOUNT}:role/km-cloudformation-${REGION}`,
        }),
      ),
  ],
  [
    "delete another's stack",
    () => new CloudFormationClient(asA).send(new DeleteStackCommand({ StackName: `km-sandbox-${b.id}` })),
  ],
];

test.each(ownAttempts)('a sandbox cannot %s', async (_what, attempt) => {
  await expect(attempt()).rejects.toThrow(DENIED);
});

const operatorAttempts: readonly Attempt[] = [
  [
    "read the App's private key",
    () =>
      new SSMClient(asOperator).send(
        new GetParameterCommand({ Name: '/km/config/github/private-key', WithDecryption: true }),
      ),
  ],
  [
    "read a sandbox's token without being it",
    () => new SSMClient(asOperator).send(new GetParameterCommand({ Name: tokenOf(a), WithDecryption: true })),
  ],
  [
    "replace the refresher's code",
    () =>
      new LambdaClient(asOperator).send(
        new UpdateFunctionCodeCommand({
          FunctionName: 'km-github-token-refresher',
          ZipFile: Buffer.from('x'),
        }),
      ),
  ],
  [
    "open a key's policy",
    () =>
      new KMSClient(asOperator).send(
        new PutKeyPolicyCommand({ KeyId: a.keyArn, PolicyName: 'default', Policy: '{}' }),
      ),
  ],
  [
    'create a stack with its own rights instead of the service role',
    () =>
      new CloudFormationClient(asOperator).send(
        new CreateStackCommand({ StackName: 'km-sandbox-sb-00000000', TemplateBody: '{"Resources":{}}' }),
      ),
  ],
  [
    'create a stack of another name',
    () =>
      new CloudFormationClient(asOperator).send(
        new CreateStackCommand({
          StackName: 'mine',
          TemplateBody: '{"Resources":{}}',
          RoleARN: `arn:aws:iam::${ACCOUNT}:role/km-cloudformation-${REGION}`,
        }),
      ),
  ],
  [
    'become the refresher',
    () =>
      new STSClient(asOperator).send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${ACCOUNT}:role/km-refresher-${REGION}`,
          RoleSessionName: 'attacker',
        }),
      ),
  ],
];

test.each(operatorAttempts)('an operator cannot %s', async (_what, attempt) => {
  await expect(attempt()).rejects.toThrow(DENIED);
});

test('a role without the boundary, made through the service role by a template of an operator, is refused', async () => {
  const cloudFormation = new CloudFormationClient(asOperator);
  const StackName = 'km-sandbox-sb-0bad0bad';
  await cloudFormation.send(
    new CreateStackCommand({
      StackName,
      RoleARN: `arn:aws:iam::${ACCOUNT}:role/km-cloudformation-${REGION}`,
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      TemplateBody: JSON.stringify({
        Resources: {
          Admin: {
            Type: 'AWS::IAM::Role',
            Properties: {
              RoleName: 'km-sandbox-sb-0bad0bad',
              AssumeRolePolicyDocument: {
                Version: '2012-10-17',
                Statement: [
                  {
                    Effect: 'Allow',
                    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
                    Action: 'sts:AssumeRole',
                  },
                ],
              },
              Policies: [
                {
                  PolicyName: 'all',
                  PolicyDocument: {
                    Version: '2012-10-17',
                    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
                  },
                },
              ],
            },
          },
        },
      }),
    }),
  );
  const failures = async () => {
    const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
    return StackEvents.map(({ ResourceStatusReason }) => ResourceStatusReason ?? '').join('\n');
  };
  await expect.poll(failures, { timeout: 20_000 }).toMatch(/not authorized to perform: iam:CreateRole/);
  const assumed = new STSClient(asOperator).send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/km-sandbox-sb-0bad0bad`,
      RoleSessionName: 'attacker',
    }),
  );
  await expect(assumed).rejects.toThrow(DENIED);
});

import { CreateKeyCommand, DecryptCommand, EncryptCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Credentials } from './sign-request.ts';
import { ACCOUNT, type Clients, policy, startTestCloud, type TestCloud } from './test-cloud.ts';

const parameterArn = (id: string): string =>
  `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/sandbox/${id}/github-token`;
const roleArn = (id: string): string => `arn:aws:iam::${ACCOUNT}:role/km-sandbox-${id}`;
const nameOf = (id: string): string => `/sandbox/${id}/github-token`;

interface Sandbox {
  readonly id: string;
  readonly keyId: string;
  readonly credentials: Credentials;
  readonly clients: Clients;
}

let local: TestCloud;
let a: Sandbox;
let b: Sandbox;
let refresher: Clients;

/** The lock of DESIGN: decrypt for the role, encrypt for the refresher, both through Parameter Store, for one ARN. */
const keyPolicy = (id: string): string => {
  const through = (role: string) => ({
    StringEquals: {
      'kms:ViaService': 'ssm.us-east-1.amazonaws.com',
      'kms:EncryptionContext:PARAMETER_ARN': parameterArn(id),
    },
    ArnLike: { 'aws:PrincipalArn': role },
  });
  const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
  const refresherArn = `arn:aws:iam::${ACCOUNT}:role/km-refresher`;
  const admin = ['kms:Describe*', 'kms:Put*', 'kms:Get*', 'kms:List*', 'kms:ScheduleKeyDeletion'];
  return JSON.stringify(
    policy(
      { Effect: 'Allow', Principal: root, Action: admin, Resource: '*' },
      {
        Effect: 'Allow',
        Principal: root,
        Action: 'kms:Decrypt',
        Resource: '*',
        Condition: through(roleArn(id)),
      },
      {
        Effect: 'Allow',
        Principal: root,
        Action: ['kms:Encrypt', 'kms:Decrypt'],
        Resource: '*',
        Condition: through(refresherArn),
      },
    ),
  );
};

const makeSandbox = async (id: string): Promise<Sandbox> => {
  const arn = await local.makeRole(`km-sandbox-${id}`, [
    { Effect: 'Allow', Action: ['ssm:GetParameter', 'ssm:GetParameters'], Resource: parameterArn(id) },
    { Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*' },
  ]);
  const { KeyMetadata } = await local.clients().kms.send(new CreateKeyCommand({ Policy: keyPolicy(id) }));
  const credentials = await local.session(arn);
  return { id, keyId: KeyMetadata?.KeyId ?? '', credentials, clients: local.clients(credentials) };
};

beforeAll(async () => {
  local = await startTestCloud();
  const arn = await local.makeRole('km-refresher', [
    {
      Effect: 'Allow',
      Action: ['ssm:PutParameter', 'ssm:GetParameter'],
      Resource: `arn:aws:ssm:*:${ACCOUNT}:parameter/sandbox/*`,
    },
    { Effect: 'Allow', Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: '*' },
  ]);
  refresher = local.clients(await local.session(arn));
  a = await makeSandbox('sb-aaaaaaaa');
  b = await makeSandbox('sb-bbbbbbbb');
  for (const { id, keyId } of [a, b]) {
    await refresher.ssm.send(
      new PutParameterCommand({
        Name: nameOf(id),
        Value: `token of ${id}`,
        Type: 'SecureString',
        KeyId: keyId,
      }),
    );
  }
  await local
    .clients()
    .ssm.send(
      new PutParameterCommand({ Name: '/km/config/github/private-key', Value: 'PEM', Type: 'SecureString' }),
    );
});
afterAll(() => local[Symbol.asyncDispose]());

const failure = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return 'allowed';
  } catch (error) {
    return (error as Error).name;
  }
};

test('a sandbox reads its own token', async () => {
  const { Parameter } = await a.clients.ssm.send(
    new GetParameterCommand({ Name: nameOf(a.id), WithDecryption: true }),
  );
  expect(Parameter?.Value).toBe('token of sb-aaaaaaaa');
});

describe("with sandbox A's credentials", () => {
  const denied = 'AccessDeniedException';
  test.each<[string, () => Promise<unknown>]>([
    [
      "B's token is not read",
      () => a.clients.ssm.send(new GetParameterCommand({ Name: nameOf(b.id), WithDecryption: true })),
    ],
    ["B's ciphertext is not read", () => a.clients.ssm.send(new GetParameterCommand({ Name: nameOf(b.id) }))],
    [
      "B's token is not read by its ARN",
      () => a.clients.ssm.send(new GetParameterCommand({ Name: parameterArn(b.id) })),
    ],
    [
      "B's token is not read among others",
      () => a.clients.ssm.send(new GetParametersCommand({ Names: [nameOf(a.id), nameOf(b.id)] })),
    ],
    [
      'a path is not read',
      () => a.clients.ssm.send(new GetParametersByPathCommand({ Path: '/sandbox', Recursive: true })),
    ],
    [
      'its own history is not read',
      () => a.clients.ssm.send(new GetParameterHistoryCommand({ Name: nameOf(a.id) })),
    ],
    ['parameters are not listed', () => a.clients.ssm.send(new DescribeParametersCommand({}))],
    [
      'the App key is not read',
      () => a.clients.ssm.send(new GetParameterCommand({ Name: '/km/config/github/private-key' })),
    ],
    [
      'whether a parameter exists is not told',
      () => a.clients.ssm.send(new GetParameterCommand({ Name: '/none' })),
    ],
    [
      'its own token is not written',
      () =>
        a.clients.ssm.send(
          new PutParameterCommand({ Name: nameOf(a.id), Value: 'x', Type: 'SecureString', Overwrite: true }),
        ),
    ],
    [
      "B's token is not deleted",
      () => a.clients.ssm.send(new DeleteParameterCommand({ Name: nameOf(b.id) })),
    ],
    [
      'nothing is encrypted under its own key',
      () => a.clients.kms.send(new EncryptCommand({ KeyId: a.keyId, Plaintext: new Uint8Array(1) })),
    ],
    [
      "B's key policy is not changed",
      () => a.clients.kms.send(new PutKeyPolicyCommand({ KeyId: b.keyId, Policy: keyPolicy(a.id) })),
    ],
  ])('%s', async (_, attempt) => {
    expect(await failure(attempt())).toBe(denied);
  });

  test.each<[string, () => Promise<unknown>]>([
    [
      "B's role",
      () => a.clients.sts.send(new AssumeRoleCommand({ RoleArn: roleArn(b.id), RoleSessionName: 'aa' })),
    ],
    [
      "the refresher's role",
      () =>
        a.clients.sts.send(
          new AssumeRoleCommand({
            RoleArn: `arn:aws:iam::${ACCOUNT}:role/km-refresher`,
            RoleSessionName: 'aa',
          }),
        ),
    ],
    [
      'a role that does not exist',
      () =>
        a.clients.sts.send(
          new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/none`, RoleSessionName: 'aa' }),
        ),
    ],
  ])('%s cannot be assumed', async (_, attempt) => {
    expect(await failure(attempt())).toBe('AccessDenied');
  });

  test('no policy of its own can be changed', async () => {
    const document = JSON.stringify(policy({ Effect: 'Allow', Action: '*', Resource: '*' }));
    const input = { RoleName: `km-sandbox-${a.id}`, PolicyName: 'inline', PolicyDocument: document };
    expect(await failure(local.iam('PutRolePolicy', input, a.credentials))).toBe('AccessDenied');
  });

  test('a stolen ciphertext is opened neither directly, nor with its context', async () => {
    const { Parameter } = await local.clients().ssm.send(new GetParameterCommand({ Name: nameOf(a.id) }));
    const CiphertextBlob = Buffer.from(Parameter?.Value ?? '', 'base64');
    for (const EncryptionContext of [undefined, { PARAMETER_ARN: parameterArn(a.id) }]) {
      const command = new DecryptCommand({
        CiphertextBlob,
        ...(EncryptionContext ? { EncryptionContext } : {}),
      });
      expect(await failure(a.clients.kms.send(command))).toBe(denied);
      expect(await failure(local.clients().kms.send(command))).toBe(denied);
    }
  });
});

describe('a key whose lock names the role and the parameter', () => {
  test('is closed even to whoever may read every parameter and decrypt with every key', async () => {
    const arn = await local.makeRole('curious', [
      { Effect: 'Allow', Action: ['ssm:*', 'kms:*'], Resource: '*' },
    ]);
    const { ssm } = local.clients(await local.session(arn));
    expect(
      await failure(ssm.send(new GetParameterCommand({ Name: nameOf(a.id), WithDecryption: true }))),
    ).toBe('AccessDeniedException');
    const admin = local.clients().ssm;
    expect(
      await failure(admin.send(new GetParameterCommand({ Name: nameOf(a.id), WithDecryption: true }))),
    ).toBe('AccessDeniedException');
  });

  test('does not encrypt for another parameter, even by the refresher', async () => {
    const put = new PutParameterCommand({
      Name: '/sandbox/sb-cccccccc/github-token',
      Value: 'x',
      Type: 'SecureString',
      KeyId: a.keyId,
    });
    expect(await failure(refresher.ssm.send(put))).toBe('AccessDeniedException');
  });

  test('an explicit deny in the session policy wins over everything', async () => {
    const { Credentials: given } = await local.clients().sts.send(
      new AssumeRoleCommand({
        RoleArn: roleArn(a.id),
        RoleSessionName: 'narrow',
        Policy: JSON.stringify(
          policy(
            { Effect: 'Allow', Action: '*', Resource: '*' },
            { Effect: 'Deny', Action: 'kms:*', Resource: '*' },
          ),
        ),
      }),
    );
    const { ssm } = local.clients({
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    });
    expect(await failure(ssm.send(new GetParameterCommand({ Name: nameOf(a.id) })))).toBe('allowed');
    expect(
      await failure(ssm.send(new GetParameterCommand({ Name: nameOf(a.id), WithDecryption: true }))),
    ).toBe('AccessDeniedException');
  });
});

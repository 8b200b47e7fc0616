import { describe, expect, test } from 'vitest';
import { administrator, may, parameterArn, roleNamed, viaParameterStore } from './policies.ts';
import { fillSandbox, OTHER_SANDBOX, SANDBOX, synthesize } from './synthesize.ts';
import { ACCOUNT, fill, keyNamed, names, only, REGION } from './template.ts';

const templates = synthesize();
const platform = fill(templates.platform);
const boundary = only(platform, 'AWS::IAM::ManagedPolicy', {
  ManagedPolicyName: names.sandboxBoundary(REGION),
});
const configKey = keyNamed(platform, names.configKeyAlias).key.KeyPolicy;
const { arn: SharedKeyArn, key: sharedKey } = keyNamed(platform, names.sharedKeyAlias);

const OWN_KEY_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/Key`;

/** A sandbox of its own account of the template: what it may do, and its key. */
const sandboxWith = (Encryption: string, id: string) => {
  const shared = Encryption === 'shared';
  const filled = fillSandbox(templates.sandbox, { SandboxId: id, Encryption, SharedKeyArn });
  return {
    role: roleNamed(filled, names.sandboxRole(id), boundary),
    keyPolicy: (shared ? sharedKey : only(filled, 'AWS::KMS::Key')).KeyPolicy,
    token: names.tokenParameter(id),
    furtherToken: names.ownerTokenParameter(id, 'my-org'),
  };
};
describe.each(['per-sandbox', 'shared'])('with encryption %s', (encryption) => {
  const a = sandboxWith(encryption, SANDBOX);
  const b = sandboxWith(encryption, OTHER_SANDBOX);
  const keyArn = encryption === 'shared' ? SharedKeyArn : OWN_KEY_ARN;

  test("a sandbox's role reads its own tokens and decrypts them through Parameter Store", () => {
    for (const token of [a.token, a.furtherToken]) {
      expect(may(a.role, 'ssm:GetParameter', parameterArn(token))).toBe(true);
      expect(may(a.role, 'kms:Decrypt', keyArn, viaParameterStore(token), a.keyPolicy)).toBe(true);
    }
  });

  test.each([
    ['ssm:GetParameter', parameterArn(b.token)],
    ['ssm:GetParameter', parameterArn(b.furtherToken)],
    ['ssm:GetParameter', parameterArn('/sandbox/sb-1234abcd-other/github-token')],
    ['ssm:GetParameter', parameterArn(names.privateKey)],
    ['ssm:GetParameter', parameterArn(names.appClientId)],
    ['ssm:GetParameters', parameterArn(a.token)],
    ['ssm:GetParametersByPath', parameterArn('/sandbox')],
    ['ssm:GetParameterHistory', parameterArn(a.token)],
    ['ssm:DescribeParameters', '*'],
    ['ssm:PutParameter', parameterArn(a.token)],
    ['ssm:DeleteParameter', parameterArn(a.token)],
    ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/km-sandbox-${OTHER_SANDBOX}`],
    ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/km-refresher-${REGION}`],
    ['iam:PutRolePolicy', `arn:aws:iam::${ACCOUNT}:role/km-sandbox-${SANDBOX}`],
    ['iam:DeleteRolePermissionsBoundary', `arn:aws:iam::${ACCOUNT}:role/km-sandbox-${SANDBOX}`],
    ['lambda:InvokeFunction', `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${names.functionName}`],
    [
      'cloudformation:DescribeStacks',
      `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/km-sandbox-${SANDBOX}/1`,
    ],
    ['sqs:SendMessage', `arn:aws:sqs:${REGION}:${ACCOUNT}:km-refresh-retry`],
  ])("a sandbox's role may not %s on %s", (action, resource) => {
    expect(may(a.role, action, resource)).toBe(false);
  });

  describe('every way to another key is refused', () => {
    const identityOnly = { ...a.role, boundary: undefined };
    test.each([
      ["b's token with b's key", b.keyPolicy, viaParameterStore(b.token)],
      ["b's token with its own key", a.keyPolicy, viaParameterStore(b.token)],
      [
        'its own token, directly',
        a.keyPolicy,
        { 'kms:EncryptionContext:PARAMETER_ARN': parameterArn(a.token) },
      ],
      ['without any encryption context', a.keyPolicy, { 'kms:ViaService': `ssm.${REGION}.amazonaws.com` }],
      ['the App key', configKey, viaParameterStore(names.privateKey)],
    ])("a sandbox's role may not decrypt %s", (_, policy, context) => {
      expect(may(a.role, 'kms:Decrypt', keyArn, context, policy)).toBe(false);
    });

    test('a token that was encrypted with another key of its own, it may not decrypt', () => {
      const another = sandboxWith('per-sandbox', OTHER_SANDBOX).keyPolicy;
      expect(may(a.role, 'kms:Decrypt', keyArn, viaParameterStore(a.token), another)).toBe(false);
      const elsewhere = keyArn === SharedKeyArn ? OWN_KEY_ARN : SharedKeyArn;
      expect(may(a.role, 'kms:Decrypt', elsewhere, viaParameterStore(a.token), a.keyPolicy)).toBe(false);
    });

    test("its key's policy refuses even a role whose own policies allow everything", () => {
      const greedy = { ...a.role, identity: administrator.identity };
      expect(
        may(
          { ...greedy, boundary: undefined },
          'kms:Decrypt',
          keyArn,
          viaParameterStore(b.token),
          b.keyPolicy,
        ),
      ).toBe(false);
    });

    test("its own policy refuses b's token even under a key policy that allows everything", () => {
      const open = {
        Statement: { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' },
      } as const;
      expect(may(identityOnly, 'kms:Decrypt', keyArn, viaParameterStore(b.token))).toBe(false);
      expect(may(a.role, 'kms:Encrypt', keyArn, viaParameterStore(a.token), open)).toBe(false);
    });
  });

  test('the boundary holds a role whose own policy allows everything to reading tokens', () => {
    const greedy = { ...a.role, identity: administrator.identity };
    expect(may(greedy, 'ssm:GetParameter', parameterArn(a.token))).toBe(true);
    for (const [action, resource] of [
      ['ssm:GetParameter', parameterArn(names.privateKey)],
      ['ssm:PutParameter', parameterArn(a.token)],
      ['kms:Decrypt', keyArn],
      ['iam:CreateUser', '*'],
      ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/admin`],
      ['s3:GetObject', 'arn:aws:s3:::a/b'],
    ] as const) {
      expect(may(greedy, action, resource)).toBe(false);
    }
  });

  describe("an account administrator and a sandbox's key", () => {
    test.each([
      'kms:PutKeyPolicy',
      'kms:ScheduleKeyDeletion',
      'kms:DescribeKey',
      'kms:DisableKey',
      'kms:TagResource',
    ])('may %s', (action) => {
      expect(may(administrator, action, keyArn, {}, a.keyPolicy)).toBe(true);
    });

    test.each([
      'kms:Decrypt',
      'kms:Encrypt',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:CreateGrant',
    ])('may not %s, directly or through Parameter Store', (action) => {
      expect(may(administrator, action, keyArn, {}, a.keyPolicy)).toBe(false);
      expect(may(administrator, action, keyArn, viaParameterStore(a.token), a.keyPolicy)).toBe(false);
    });
  });
});

describe('an account administrator and the key of the App', () => {
  test('may store a private key through Parameter Store, and not read it back', () => {
    const context = viaParameterStore(names.privateKey);
    expect(may(administrator, 'kms:Encrypt', OWN_KEY_ARN, context, configKey)).toBe(true);
    expect(may(administrator, 'kms:Decrypt', OWN_KEY_ARN, context, configKey)).toBe(false);
    expect(may(administrator, 'kms:CreateGrant', OWN_KEY_ARN, context, configKey)).toBe(false);
    expect(may(administrator, 'kms:Encrypt', OWN_KEY_ARN, {}, configKey)).toBe(false);
    expect(may(administrator, 'kms:Encrypt', OWN_KEY_ARN, viaParameterStore('/other'), configKey)).toBe(
      false,
    );
  });
});

test('no key policy grants kms:* or names a principal that might not exist yet', () => {
  const root = `arn:aws:iam::${ACCOUNT}:root`;
  const { keyPolicy } = sandboxWith('per-sandbox', SANDBOX);
  for (const policy of [keyPolicy, sharedKey.KeyPolicy, configKey]) {
    for (const statement of policy.Statement) {
      expect(statement.Principal).toEqual({ AWS: root });
      expect([statement.Action].flat()).not.toContain('kms:*');
    }
  }
});

import { describe, expect, test } from 'vitest';
import { administrator, may, roleNamed, type Subject, viaParameterStore } from './policies.ts';
import { fillSandbox, OTHER_SANDBOX, SANDBOX, synthesize } from './synthesize.ts';
import { ACCOUNT, fill, keyNamed, names, only, REGION } from './template.ts';

const templates = synthesize();
const platform = fill(templates.platform);
const { arn: keyArn, key } = keyNamed(platform, names.sharedKeyAlias);
const refresher = roleNamed(platform, names.refresherRole(REGION));
const own = names.tokenParameter(SANDBOX);
const another = names.tokenParameter(OTHER_SANDBOX);

/** A role whose own policies allow everything: what stops it is the key's policy. */
const role = (name: string, tags: Readonly<Record<string, string>> = {}): Subject => ({
  caller: {
    kind: 'role',
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/test`,
    principalArn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    userId: 'AROAEXAMPLE:test',
  },
  identity: administrator.identity,
  tags,
});
const tag = (id: string) => ({ 'km:sandbox-id': id });
const decrypts = (subject: Subject, parameter: string) =>
  may(subject, 'kms:Decrypt', keyArn, viaParameterStore(parameter), key.KeyPolicy);

test("its policy lets a sandbox's role decrypt its own tokens, whichever of its owners they are for", () => {
  const sandbox = role(names.sandboxRole(SANDBOX), tag(SANDBOX));
  expect(decrypts(sandbox, own)).toBe(true);
  expect(decrypts(sandbox, names.ownerTokenParameter(SANDBOX, 'my-org'))).toBe(true);
});

describe('its policy refuses, whatever the IAM policies of the caller say,', () => {
  const stranger: Subject = { ...administrator, tags: tag(SANDBOX) };
  test.each<[string, Subject, string]>([
    ["a sandbox another's token", role(names.sandboxRole(SANDBOX), tag(SANDBOX)), another],
    [
      "a sandbox a further owner's token of another",
      role(names.sandboxRole(SANDBOX), tag(SANDBOX)),
      names.ownerTokenParameter(OTHER_SANDBOX, 'my-org'),
    ],
    [
      "a sandbox that calls itself another by its tag, the other's token",
      role(names.sandboxRole(SANDBOX), tag(OTHER_SANDBOX)),
      another,
    ],
    [
      'a sandbox that calls itself another by its tag, its own',
      role(names.sandboxRole(SANDBOX), tag(OTHER_SANDBOX)),
      own,
    ],
    ['a sandbox whose tag is a wildcard', role(names.sandboxRole(SANDBOX), tag('*')), another],
    ['a sandbox whose tag is a part of the id', role(names.sandboxRole('sb-'), tag('sb-')), own],
    ['a sandbox without the tag', role(names.sandboxRole(SANDBOX)), own],
    ['a role of another name with the tag', role('admin', tag(SANDBOX)), own],
    ['a role of a longer name with the tag', role(`x/${names.sandboxRole(SANDBOX)}`, tag(SANDBOX)), own],
    ['a user with the tag', stranger, own],
    ['an administrator', administrator, own],
    ["a sandbox the App's key", role(names.sandboxRole(SANDBOX), tag(SANDBOX)), names.privateKey],
    [
      'a sandbox what else is below its path',
      role(names.sandboxRole(SANDBOX), tag(SANDBOX)),
      `/sandbox/${SANDBOX}/other`,
    ],
  ])('%s', (_, subject, parameter) => {
    expect(decrypts(subject, parameter)).toBe(false);
  });

  test.each([
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:ReEncryptFrom',
    'kms:CreateGrant',
    'kms:PutKeyPolicy',
  ])('a sandbox with the policy of its template %s', (action) => {
    const filled = fillSandbox(templates.sandbox, { Encryption: 'shared', SharedKeyArn: keyArn });
    const sandbox = roleNamed(filled, names.sandboxRole(SANDBOX));
    expect(may(sandbox, action, keyArn, viaParameterStore(own), key.KeyPolicy)).toBe(false);
  });

  test('a call that is not made by Parameter Store', () => {
    const { 'kms:ViaService': _, ...direct } = viaParameterStore(own);
    const sandbox = role(names.sandboxRole(SANDBOX), tag(SANDBOX));
    expect(may(sandbox, 'kms:Decrypt', keyArn, direct, key.KeyPolicy)).toBe(false);
  });
});

test.each([
  ['encrypt any token', 'kms:Encrypt', own, true],
  ['decrypt any token, to revoke it', 'kms:Decrypt', another, true],
  ["encrypt the App's key", 'kms:Encrypt', names.privateKey, false],
  ['decrypt anything else', 'kms:Decrypt', '/database/password', false],
  ['make data keys', 'kms:GenerateDataKey', own, false],
])('with it the refresher may or may not %s', (_, action, parameter, allowed) => {
  expect(may(refresher, action, keyArn, viaParameterStore(parameter), key.KeyPolicy)).toBe(allowed);
});

test("the role of a sandbox carries the tag that the key's policy asks for, on its own key too", () => {
  for (const Encryption of ['per-sandbox', 'shared']) {
    const filled = fillSandbox(templates.sandbox, { Encryption, SharedKeyArn: keyArn });
    expect(only(filled, 'AWS::IAM::Role').Tags).toEqual([{ Key: 'km:sandbox-id', Value: SANDBOX }]);
  }
});

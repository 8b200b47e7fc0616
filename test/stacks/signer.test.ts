import { describe, expect, test } from 'vitest';
import type { PolicyDocument } from '../../lib/local/aws/cloud.ts';
import { administrator, may, parameterArn, roleNamed, viaParameterStore } from './policies.ts';
import { synthesize } from './synthesize.ts';
import { ACCOUNT, fill, keyNamed, names, only, REGION } from './template.ts';

const template = synthesize().platform;
const filled = { parameter: fill(template), kms: fill(template, { Signer: 'kms' }) };
const refresher = {
  parameter: roleNamed(filled.parameter, names.refresherRole(REGION)),
  kms: roleNamed(filled.kms, names.refresherRole(REGION)),
};
const configKey = keyNamed(filled.parameter, names.configKeyAlias).key.KeyPolicy;
const configKeyArn = filled.parameter.outputs.ConfigKeyArn ?? '';
const signingKeyArn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/signing`;
const SIGNERS = ['parameter', 'kms'] as const;

/** A signing key whose own policy leaves everything to the account's IAM. */
const OPEN: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' },
  ],
};

const signing = (alias: string | undefined, algorithm = 'RSASSA_PKCS1_V1_5_SHA_256') => ({
  'kms:SigningAlgorithm': algorithm,
  'kms:KeyUsage': 'SIGN_VERIFY',
  ...(alias === undefined ? {} : { 'kms:RequestAlias': alias }),
});

test('the function is told its signer', () => {
  for (const signer of SIGNERS) {
    expect(only(filled[signer], 'AWS::Lambda::Function').Environment.Variables.KM_SIGNER).toBe(signer);
  }
  expect(template.Parameters.Signer).toMatchObject({
    Default: 'parameter',
    AllowedValues: ['parameter', 'kms'],
  });
});

test('nothing but the function and its role differs between the signers', () => {
  const differing = Object.keys(filled.kms.resources).filter(
    (id) => JSON.stringify(filled.kms.resources[id]) !== JSON.stringify(filled.parameter.resources[id]),
  );
  expect(differing.map((id) => filled.kms.resources[id]?.type).sort()).toEqual([
    'AWS::IAM::Role',
    'AWS::Lambda::Function',
  ]);
});

describe.each([names.privateKey, names.privateKeyCandidate])('%s', (parameter) => {
  test('is read and decrypted with signer parameter only', () => {
    for (const signer of SIGNERS) {
      const allowed = signer === 'parameter';
      const role = refresher[signer];
      expect(may(role, 'ssm:GetParameters', parameterArn(parameter))).toBe(allowed);
      expect(may(role, 'kms:Decrypt', configKeyArn, viaParameterStore(parameter), configKey)).toBe(allowed);
      expect(may(role, 'kms:Decrypt', configKeyArn, viaParameterStore(parameter), OPEN)).toBe(allowed);
    }
  });

  test('is stored by an administrator, who cannot read it back', () => {
    const use = (action: string) =>
      may(administrator, action, configKeyArn, viaParameterStore(parameter), configKey);
    expect([use('kms:Encrypt'), use('kms:Decrypt')]).toEqual([true, false]);
  });

  test.each(['ssm:GetParameter', 'ssm:GetParameterHistory', 'ssm:GetParametersByPath'])(
    'is not to be had by %s',
    (action) => {
      for (const signer of SIGNERS)
        expect(may(refresher[signer], action, parameterArn(parameter))).toBe(false);
    },
  );
});

test.each([
  names.appClientId,
  names.host,
  names.appSlug,
  names.signingKey,
  names.legacyInstallationId,
  names.installation('my-org'),
])('%s is read with both signers', (parameter) => {
  for (const signer of SIGNERS)
    expect(may(refresher[signer], 'ssm:GetParameters', parameterArn(parameter))).toBe(true);
});

test.each([
  ['the signing key', signing(names.signingKeyAlias), true],
  ["a rotation's candidate", signing(names.signingKeyCandidateAlias), true],
  ['any other alias', signing('alias/payroll'), false],
  ["another platform's signing key", signing('alias/acme-app-key'), false],
  ['a key by its id', signing(undefined), false],
  ['the signing key with another algorithm', signing(names.signingKeyAlias, 'RSASSA_PSS_SHA_256'), false],
])('with signer kms, signing with %s is allowed or not', (_, context, allowed) => {
  expect(may(refresher.kms, 'kms:Sign', signingKeyArn, context, OPEN)).toBe(allowed);
  expect(may(refresher.parameter, 'kms:Sign', signingKeyArn, context, OPEN)).toBe(false);
});

test('with signer kms, the public key is looked at by the alias only', () => {
  const look = (context: Readonly<Record<string, string>>) =>
    may(refresher.kms, 'kms:GetPublicKey', signingKeyArn, context, OPEN);
  expect(look(signing(names.signingKeyAlias))).toBe(true);
  expect(look(signing('alias/payroll'))).toBe(false);
  expect(look({})).toBe(false);
});

test.each(['kms:Decrypt', 'kms:Verify', 'kms:DescribeKey', 'kms:GetParametersForImport', 'kms:CreateGrant'])(
  'with signer kms, the refresher may not %s with the signing key',
  (action) => {
    expect(may(refresher.kms, action, signingKeyArn, signing(names.signingKeyAlias), OPEN)).toBe(false);
  },
);

test.each([
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'kms:DescribeKey',
  'kms:TagResource',
  'kms:CreateAlias',
])(
  "CloudFormation's role may not %s on a key that signs, whose policy leaves that to the account",
  (action) => {
    const role = roleNamed(filled.kms, names.cloudFormationRole(REGION));
    expect(may(role, action, signingKeyArn, { 'kms:KeyUsage': 'SIGN_VERIFY' }, OPEN)).toBe(false);
    expect(may(role, action, signingKeyArn, { 'kms:KeyUsage': 'ENCRYPT_DECRYPT' }, OPEN)).toBe(true);
  },
);

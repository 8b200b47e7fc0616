import { expect, test } from 'vitest';
import { may, parameterArn, roleNamed, viaParameterStore } from './policies.ts';
import { fillSandbox, SANDBOX, synthesize } from './synthesize.ts';
import { ACCOUNT, fill, keyNamed, names, only, REGION } from './template.ts';

const templates = synthesize();
const platform = fill(templates.platform);
const refresher = roleNamed(platform, names.refresherRole(REGION));
const configKey = keyNamed(platform, names.configKeyAlias).key.KeyPolicy;
const sandboxKey = only(fillSandbox(templates.sandbox), 'AWS::KMS::Key').KeyPolicy;
const key = (id: string) => `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id}`;
const stack = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/km-sandbox-sb-1234abcd/1`;
const platformStack = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/km-platform/1`;
const serviceRole = `arn:aws:iam::${ACCOUNT}:role/${names.cloudFormationRole(REGION)}`;
const configKeyArn = platform.outputs.ConfigKeyArn ?? '';

test.each([
  ['ssm:GetParameters', parameterArn('/km/config/github/app-client-id')],
  ['ssm:GetParameters', parameterArn('/km/config/github/private-key')],
  ['ssm:GetParametersByPath', parameterArn('/km/config/github/installations')],
  ['ssm:PutParameter', parameterArn('/sandbox/sb-1234abcd/github-token')],
  ['ssm:PutParameter', parameterArn('/sandbox/sb-1234abcd/github-tokens/my-org')],
  ['ssm:GetParameterHistory', parameterArn('/sandbox/sb-1234abcd/github-token')],
  ['ssm:DeleteParameters', parameterArn('/sandbox/sb-1234abcd/github-token')],
  ['ssm:GetParametersByPath', parameterArn('/sandbox/sb-1234abcd/github-tokens')],
  ['sqs:SendMessage', `arn:aws:sqs:${REGION}:${ACCOUNT}:km-refresh-retry`],
  ['sqs:ReceiveMessage', `arn:aws:sqs:${REGION}:${ACCOUNT}:km-refresh-retry`],
  ['sqs:ChangeMessageVisibility', `arn:aws:sqs:${REGION}:${ACCOUNT}:km-refresh-retry`],
  ['ssm:DescribeParameters', '*'],
  ['logs:PutLogEvents', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${names.logGroup}:log-stream:a`],
  ['cloudformation:DescribeStacks', stack],
])('the refresher may %s on %s', (action, resource) => {
  expect(may(refresher, action, resource)).toBe(true);
});

test.each([
  ['ssm:PutParameter', parameterArn('/km/config/github/private-key')],
  ['ssm:PutParameter', parameterArn('/km/config/github/installations/my-org')],
  ['ssm:DeleteParameters', parameterArn('/km/config/github/private-key')],
  ['ssm:PutParameter', parameterArn('/sandbox/sb-1234abcd/other')],
  ['ssm:PutParameter', parameterArn('/somewhere/sandbox/sb-1234abcd/github-token')],
  ['ssm:GetParameters', parameterArn('/km/config/other')],
  ['ssm:GetParameters', parameterArn('/database/password')],
  ['ssm:GetParameters', parameterArn('/sandbox/sb-1234abcd/github-token')],
  ['ssm:GetParameters', parameterArn('/km/config/github/webhook-secret')],
  ['ssm:GetParametersByPath', parameterArn('/km/config/github')],
  ['ssm:GetParametersByPath', parameterArn('/')],
  ['ssm:GetParametersByPath', parameterArn('/sandbox')],
  ['ssm:AddTagsToResource', parameterArn('/sandbox/sb-1234abcd/github-token')],
  ['kms:Decrypt', key('any')],
  ['kms:CreateGrant', key('any')],
  ['kms:PutKeyPolicy', key('any')],
  ['kms:GenerateDataKey', key('any')],
  ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/km-sandbox-sb-1234abcd`],
  ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/km-sandbox-sb-1234abcd`],
  ['lambda:UpdateFunctionCode', `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${names.functionName}`],
  ['cloudformation:DeleteStack', stack],
  ['cloudformation:CreateStack', stack],
  ['cloudformation:TagResource', stack],
  ['cloudformation:UpdateStack', stack],
  ['cloudformation:DescribeStacks', platformStack],
  ['iam:PassRole', serviceRole],
  ['scheduler:CreateSchedule', `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/km/x`],
  ['sqs:SendMessage', `arn:aws:sqs:${REGION}:${ACCOUNT}:km-refresh-dlq`],
  ['sqs:ChangeMessageVisibility', `arn:aws:sqs:${REGION}:${ACCOUNT}:km-refresh-dlq`],
  ['cloudwatch:PutMetricData', '*'],
  ['sns:Publish', `arn:aws:sns:${REGION}:${ACCOUNT}:${names.alarmTopic}`],
  [
    'scheduler:UpdateSchedule',
    `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/km/${names.schedule(SANDBOX)}`,
  ],
  ['sqs:PurgeQueue', `arn:aws:sqs:${REGION}:${ACCOUNT}:km-refresh-retry`],
  ['logs:CreateLogGroup', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${names.logGroup}:*`],
  ['logs:GetLogEvents', `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${names.logGroup}:*`],
])('the refresher may not %s on %s', (action, resource) => {
  expect(may(refresher, action, resource)).toBe(false);
});

test.each<[string, string, string, Record<string, string>, boolean]>([
  [
    'a sandbox as the service role',
    'cloudformation:UpdateStack',
    stack,
    { 'cloudformation:RoleArn': serviceRole },
    true,
  ],
  [
    'a sandbox as another role',
    'cloudformation:UpdateStack',
    stack,
    { 'cloudformation:RoleArn': `arn:aws:iam::${ACCOUNT}:role/admin` },
    false,
  ],
  [
    'the platform',
    'cloudformation:UpdateStack',
    platformStack,
    { 'cloudformation:RoleArn': serviceRole },
    false,
  ],
  [
    'by passing the service role',
    'iam:PassRole',
    serviceRole,
    { 'iam:PassedToService': 'cloudformation.amazonaws.com' },
    true,
  ],
  [
    'by passing it to a function',
    'iam:PassRole',
    serviceRole,
    { 'iam:PassedToService': 'lambda.amazonaws.com' },
    false,
  ],
])('the refresher may or may not update %s', (_, action, resource, context, allowed) => {
  expect(may(refresher, action, resource, context)).toBe(allowed);
});

const token = names.tokenParameter(SANDBOX);
const another = names.tokenParameter('sb-5678ef01');

test.each([
  ['decrypt the private key', 'kms:Decrypt', configKeyArn, names.privateKey, configKey, true],
  ['encrypt the private key', 'kms:Encrypt', configKeyArn, names.privateKey, configKey, false],
  ['decrypt a token with the config key', 'kms:Decrypt', configKeyArn, token, configKey, false],
  ["encrypt a sandbox's token", 'kms:Encrypt', key('Key'), token, sandboxKey, true],
  ["decrypt a sandbox's token", 'kms:Decrypt', key('Key'), token, sandboxKey, true],
  [
    "decrypt a further owner's token",
    'kms:Decrypt',
    key('Key'),
    names.ownerTokenParameter(SANDBOX, 'o'),
    sandboxKey,
    true,
  ],
  [
    "encrypt another sandbox's token with this one's key",
    'kms:Encrypt',
    key('Key'),
    another,
    sandboxKey,
    false,
  ],
  [
    "encrypt anything else with a sandbox's key",
    'kms:Encrypt',
    key('Key'),
    '/database/password',
    sandboxKey,
    false,
  ],
])(
  'through Parameter Store, the refresher may or may not %s',
  (_, action, resource, parameter, policy, allowed) => {
    expect(may(refresher, action, resource, viaParameterStore(parameter), policy)).toBe(allowed);
  },
);

test.each([
  ['not through Parameter Store', { 'kms:EncryptionContext:PARAMETER_ARN': parameterArn(token) }],
  [
    'through another service',
    { ...viaParameterStore(token), 'kms:ViaService': `s3.${REGION}.amazonaws.com` },
  ],
  ['without an encryption context', { 'kms:ViaService': `ssm.${REGION}.amazonaws.com` }],
])("the refresher may not decrypt with a sandbox's key %s", (_, context) => {
  expect(may(refresher, 'kms:Decrypt', key('Key'), context, sandboxKey)).toBe(false);
});

test('the refresher alone is in its role, and only Lambda may assume it', () => {
  const role = only(platform, 'AWS::IAM::Role', { RoleName: names.refresherRole(REGION) });
  expect(role.AssumeRolePolicyDocument.Statement).toEqual([
    { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
  ]);
  expect(role.ManagedPolicyArns).toBeUndefined();
});

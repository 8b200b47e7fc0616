import { expect, test } from 'vitest';
import { may, parameterArn, userWith, viaParameterStore } from './policies.ts';
import { fillSandbox, SANDBOX, synthesize } from './synthesize.ts';
import { ACCOUNT, fill, keyNamed, names, only, REGION } from './template.ts';

const templates = synthesize();
const platform = fill(templates.platform);
const policy = only(platform, 'AWS::IAM::ManagedPolicy', { ManagedPolicyName: names.operatorPolicy(REGION) });
const operator = userWith(policy);

const iam = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;
const here = (type: string, resource: string) => `arn:aws:${type}:${REGION}:${ACCOUNT}:${resource}`;
const serviceRole = iam(`role/${names.cloudFormationRole(REGION)}`);
const stack = here('cloudformation', `stack/${names.stackName(SANDBOX)}/1`);
const as = (role: string) => ({ 'cloudformation:RoleArn': role });
const passedTo = (to: string) => ({ 'iam:PassedToService': to });
const logs = here('logs', `log-group:${names.logGroup}:*`);

test.each([
  ['create a sandbox as the service role', 'cloudformation:CreateStack', stack, as(serviceRole)],
  ['tag it', 'cloudformation:TagResource', stack, {}],
  [
    'take a change back that could not be taken back',
    'cloudformation:ContinueUpdateRollback',
    stack,
    as(serviceRole),
  ],
  ['delete it', 'cloudformation:DeleteStack', stack, {}],
  ['delete it as the service role', 'cloudformation:DeleteStack', stack, as(serviceRole)],
  ['follow its events', 'cloudformation:DescribeStackEvents', stack, {}],
  ['list all stacks', 'cloudformation:DescribeStacks', '*', {}],
  ['pass the service role', 'iam:PassRole', serviceRole, passedTo('cloudformation.amazonaws.com')],
  ['refresh', 'lambda:InvokeFunction', here('lambda', `function:${names.functionName}`), {}],
  ['list parameters', 'ssm:DescribeParameters', '*', {}],
  ['read which GitHub it is', 'ssm:GetParameter', parameterArn(names.host), {}],
  [
    'read a schedule',
    'scheduler:GetSchedule',
    here('scheduler', `schedule/km/${names.schedule(SANDBOX)}`),
    {},
  ],
  ['list schedules', 'scheduler:ListSchedules', '*', {}],
  [
    "describe a sandbox's key",
    'kms:DescribeKey',
    here('kms', 'key/1'),
    { 'aws:ResourceTag/km:sandbox-id': SANDBOX },
  ],
  ['look at the shared key', 'kms:DescribeKey', platform.outputs.SharedKeyArn ?? '', {}],
  ['act as a sandbox', 'sts:AssumeRole', iam(`role/${names.sandboxRole(SANDBOX)}`), {}],
  ['list key aliases', 'kms:ListAliases', '*', {}],
  [
    "look at the refresher's configuration",
    'lambda:GetFunctionConfiguration',
    here('lambda', `function:${names.functionName}`),
    {},
  ],
  ['count the dead letters', 'sqs:GetQueueAttributes', here('sqs', names.deadLetterQueue), {}],
  ['count what is tried again', 'sqs:GetQueueAttributes', here('sqs', names.retryQueue), {}],
  ["read the refresher's logs", 'logs:FilterLogEvents', logs, {}],
])('an operator may %s', (_, action, resource, context) => {
  expect(may(operator, action, resource, context)).toBe(true);
});

test.each([
  ['create a stack as themselves', 'cloudformation:CreateStack', stack, {}],
  ['create a stack as another role', 'cloudformation:CreateStack', stack, as(iam('role/admin'))],
  [
    'create any other stack',
    'cloudformation:CreateStack',
    here('cloudformation', 'stack/mine/1'),
    as(serviceRole),
  ],
  ['delete a stack as another role', 'cloudformation:DeleteStack', stack, as(iam('role/admin'))],
  ['delete the platform', 'cloudformation:DeleteStack', here('cloudformation', 'stack/km-platform/1'), {}],
  ['update a sandbox as the service role', 'cloudformation:UpdateStack', stack, as(serviceRole)],
  ['update a sandbox as themselves', 'cloudformation:UpdateStack', stack, {}],
  ['update a sandbox as another role', 'cloudformation:UpdateStack', stack, as(iam('role/admin'))],
  [
    'update the platform',
    'cloudformation:UpdateStack',
    here('cloudformation', 'stack/km-platform/1'),
    as(serviceRole),
  ],
  [
    'update any other stack',
    'cloudformation:UpdateStack',
    here('cloudformation', 'stack/mine/1'),
    as(serviceRole),
  ],
  ['take the protection of a stack off', 'cloudformation:UpdateTerminationProtection', stack, {}],
  [
    'change a schedule',
    'scheduler:UpdateSchedule',
    here('scheduler', `schedule/km/${names.schedule(SANDBOX)}`),
    {},
  ],
  [
    'quiet an alarm',
    'cloudwatch:DisableAlarmActions',
    here('cloudwatch', `alarm:${names.deadLetterQueue}`),
    {},
  ],
  ['raise one', 'sns:Publish', here('sns', names.alarmTopic), {}],
  ['send alarms elsewhere', 'sns:Subscribe', here('sns', names.alarmTopic), {}],
  ['change the shared key', 'kms:PutKeyPolicy', platform.outputs.SharedKeyArn ?? '', {}],
  ['encrypt with the shared key', 'kms:Encrypt', platform.outputs.SharedKeyArn ?? '', {}],
  ['import resources by a change set', 'cloudformation:CreateChangeSet', stack, as(serviceRole)],
  ['update by a change set', 'cloudformation:ExecuteChangeSet', stack, as(serviceRole)],
  ['move resources into another stack', 'cloudformation:CreateStackRefactor', '*', as(serviceRole)],
  ['update a resource past its stack', 'cloudformation:UpdateResource', '*', as(serviceRole)],
  ['take a change back as themselves', 'cloudformation:ContinueUpdateRollback', stack, {}],
  ['pass the service role to a function', 'iam:PassRole', serviceRole, passedTo('lambda.amazonaws.com')],
  [
    'pass any other role',
    'iam:PassRole',
    iam(`role/${names.schedulerRole(REGION)}`),
    passedTo('cloudformation.amazonaws.com'),
  ],
  [
    "pass a sandbox's role",
    'iam:PassRole',
    iam(`role/${names.sandboxRole(SANDBOX)}`),
    passedTo('cloudformation.amazonaws.com'),
  ],
  ['read the private key', 'ssm:GetParameter', parameterArn(names.privateKey), {}],
  ['read the private key among others', 'ssm:GetParameters', parameterArn(names.privateKey), {}],
  ['read the private key by its path', 'ssm:GetParametersByPath', parameterArn(names.configPath), {}],
  ['store another private key', 'ssm:PutParameter', parameterArn(names.privateKey), {}],
  ['read a token as themselves', 'ssm:GetParameter', parameterArn(names.tokenParameter(SANDBOX)), {}],
  ['write a token', 'ssm:PutParameter', parameterArn(names.tokenParameter(SANDBOX)), {}],
  ['describe any other key', 'kms:DescribeKey', here('kms', 'key/1'), {}],
  ['change a key', 'kms:PutKeyPolicy', here('kms', 'key/1'), { 'aws:ResourceTag/km:sandbox-id': SANDBOX }],
  ['act as the refresher', 'sts:AssumeRole', iam(`role/${names.refresherRole(REGION)}`), {}],
  ['act as CloudFormation', 'sts:AssumeRole', serviceRole, {}],
  ['change the refresher', 'lambda:UpdateFunctionCode', here('lambda', `function:${names.functionName}`), {}],
  ['read the dead letters', 'sqs:ReceiveMessage', here('sqs', names.deadLetterQueue), {}],
  ['empty the dead-letter queue', 'sqs:PurgeQueue', here('sqs', names.deadLetterQueue), {}],
  ['look at another queue', 'sqs:GetQueueAttributes', here('sqs', 'mine'), {}],
  [
    "see another function's configuration",
    'lambda:GetFunctionConfiguration',
    here('lambda', 'function:mine'),
    {},
  ],
  ['run another function', 'lambda:InvokeFunction', here('lambda', 'function:mine'), {}],
  ['schedule', 'scheduler:CreateSchedule', here('scheduler', `schedule/km/${names.schedule(SANDBOX)}`), {}],
  ['read other logs', 'logs:FilterLogEvents', here('logs', 'log-group:/aws/lambda/mine:*'), {}],
  ["erase the refresher's logs", 'logs:DeleteLogGroup', logs, {}],
  ['make a role', 'iam:CreateRole', iam(`role/${names.sandboxRole(SANDBOX)}`), {}],
])('an operator may not %s', (_, action, resource, context) => {
  expect(may(operator, action, resource, context)).toBe(false);
});

test("an operator's own credentials decrypt nothing, whatever key it is", () => {
  const sandboxKey = only(fillSandbox(templates.sandbox), 'AWS::KMS::Key').KeyPolicy;
  const configKey = keyNamed(platform, names.configKeyAlias).key.KeyPolicy;
  const key = here('kms', 'key/1');
  expect(may(operator, 'kms:Decrypt', key, viaParameterStore(names.privateKey), configKey)).toBe(false);
  expect(may(operator, 'kms:Encrypt', key, viaParameterStore(names.privateKey), configKey)).toBe(false);
  const token = viaParameterStore(names.tokenParameter(SANDBOX));
  const { arn, key: shared } = keyNamed(platform, names.sharedKeyAlias);
  expect(may(operator, 'kms:Decrypt', arn, token, shared.KeyPolicy)).toBe(false);
  expect(may(operator, 'kms:Encrypt', arn, token, shared.KeyPolicy)).toBe(false);
  expect(
    may(operator, 'kms:Decrypt', key, viaParameterStore(names.tokenParameter(SANDBOX)), sandboxKey),
  ).toBe(false);
});

test('a managed policy of an operator fits in the 6,144 characters that IAM allows', () => {
  const longest = fill(templates.platform, { Prefix: 'a-prefix-of-16-c' });
  for (const resource of Object.values(longest.resources)) {
    if (resource.type !== 'AWS::IAM::ManagedPolicy') continue;
    expect(JSON.stringify(resource.properties.PolicyDocument).length).toBeLessThan(6_144);
  }
});

test('the inline policies of each role fit in the 10,240 characters that IAM allows', () => {
  const longest = fill(templates.platform, { Prefix: 'a-prefix-of-16-c' });
  for (const resource of Object.values(longest.resources)) {
    if (resource.type !== 'AWS::IAM::Role') continue;
    expect(JSON.stringify(resource.properties.Policies).length).toBeLessThan(10_240);
  }
});

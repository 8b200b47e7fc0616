import { describe, expect, test } from 'vitest';
import { may, parameterArn, roleNamed, serviceMayAssume, viaParameterStore } from './policies.ts';
import { fillSandbox, SANDBOX, synthesize } from './synthesize.ts';
import { ACCOUNT, fill, names, only, REGION } from './template.ts';

const templates = synthesize();
const platform = fill(templates.platform);
const service = roleNamed(platform, names.cloudFormationRole(REGION));
const iam = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;
const here = (type: string, resource: string) => `arn:aws:${type}:${REGION}:${ACCOUNT}:${resource}`;
const sandboxRole = iam(`role/${names.sandboxRole(SANDBOX)}`);
const boundary = { 'iam:PermissionsBoundary': iam(`policy/${names.sandboxBoundary(REGION)}`) };
const passedTo = (to: string) => ({ 'iam:PassedToService': to });

test.each([
  ['iam:CreateRole', sandboxRole, boundary],
  ['iam:PutRolePolicy', sandboxRole, boundary],
  ['iam:DeleteRole', sandboxRole, {}],
  ['iam:DeleteRolePolicy', sandboxRole, {}],
  ['iam:AddRoleToInstanceProfile', iam(`instance-profile/${names.sandboxRole(SANDBOX)}`), {}],
  ['iam:PassRole', sandboxRole, passedTo('ec2.amazonaws.com')],
  ['iam:PassRole', iam(`role/${names.schedulerRole(REGION)}`), passedTo('scheduler.amazonaws.com')],
  ['kms:CreateKey', '*', {}],
  ['kms:ScheduleKeyDeletion', here('kms', 'key/1'), {}],
  ['kms:CreateAlias', here('kms', names.keyAlias(SANDBOX)), {}],
  ['kms:CreateAlias', here('kms', 'key/1'), {}],
  ['scheduler:CreateSchedule', here('scheduler', `schedule/km/${names.schedule(SANDBOX)}`), {}],
  ['scheduler:UpdateSchedule', here('scheduler', `schedule/km/${names.schedule(SANDBOX)}`), {}],
  ['scheduler:UpdateSchedule', here('scheduler', `schedule/km/${names.ttlSchedule(SANDBOX)}`), {}],
  ['scheduler:DeleteSchedule', here('scheduler', `schedule/km/${names.ttlSchedule(SANDBOX)}`), {}],
  ['lambda:InvokeFunction', here('lambda', `function:${names.functionName}`), {}],
])('CloudFormation may %s on %s', (action, resource, context) => {
  expect(may(service, action, resource, context)).toBe(true);
});

describe('whatever template an operator hands it, CloudFormation', () => {
  test.each([
    ['make a role without the boundary', 'iam:CreateRole', sandboxRole, {}],
    [
      'make a role with another boundary',
      'iam:CreateRole',
      sandboxRole,
      { 'iam:PermissionsBoundary': iam('policy/mine') },
    ],
    ['make any other role', 'iam:CreateRole', iam('role/admin'), boundary],
    [
      'make a role of any other name, in a path that begins like a sandbox',
      'iam:CreateRole',
      iam('role/km-sandbox-x/OrganizationAccountAccessRole'),
      boundary,
    ],
    [
      'make an instance profile of any other name, in such a path',
      'iam:CreateInstanceProfile',
      iam('instance-profile/km-sandbox-x/web'),
      {},
    ],
    ['write a policy into a role that has no boundary', 'iam:PutRolePolicy', sandboxRole, {}],
    [
      "write a policy into the refresher's role",
      'iam:PutRolePolicy',
      iam(`role/${names.refresherRole(REGION)}`),
      boundary,
    ],
    ['attach a managed policy', 'iam:AttachRolePolicy', sandboxRole, boundary],
    ['take the boundary off', 'iam:DeleteRolePermissionsBoundary', sandboxRole, boundary],
    ['put another boundary on', 'iam:PutRolePermissionsBoundary', sandboxRole, boundary],
    ['change whom a role trusts', 'iam:UpdateAssumeRolePolicy', sandboxRole, boundary],
    ['change the boundary itself', 'iam:CreatePolicyVersion', boundary['iam:PermissionsBoundary'], {}],
    ['make a user', 'iam:CreateUser', iam('user/mine'), {}],
    [
      'pass the scheduler role to a function',
      'iam:PassRole',
      iam(`role/${names.schedulerRole(REGION)}`),
      passedTo('lambda.amazonaws.com'),
    ],
    [
      'pass the refresher role',
      'iam:PassRole',
      iam(`role/${names.refresherRole(REGION)}`),
      passedTo('lambda.amazonaws.com'),
    ],
    [
      'pass itself',
      'iam:PassRole',
      iam(`role/${names.cloudFormationRole(REGION)}`),
      passedTo('cloudformation.amazonaws.com'),
    ],
    ['pass a role without saying to whom', 'iam:PassRole', sandboxRole, {}],
    ['make a function', 'lambda:CreateFunction', here('lambda', 'function:mine'), {}],
    [
      "change the refresher's code",
      'lambda:UpdateFunctionCode',
      here('lambda', `function:${names.functionName}`),
      {},
    ],
    ['run another function', 'lambda:InvokeFunction', here('lambda', 'function:mine'), {}],
    [
      'schedule outside the group',
      'scheduler:CreateSchedule',
      here('scheduler', 'schedule/default/km-ttl-x'),
      {},
    ],
    ['read a parameter', 'ssm:GetParameter', parameterArn(names.privateKey), {}],
    [
      'read the parameters of a template',
      'ssm:GetParameters',
      parameterArn(names.tokenParameter(SANDBOX)),
      {},
    ],
    ['decrypt', 'kms:Decrypt', here('kms', 'key/1'), viaParameterStore(names.tokenParameter(SANDBOX))],
    ['grant a key', 'kms:CreateGrant', here('kms', 'key/1'), {}],
    ['give the config key another policy', 'kms:PutKeyPolicy', platform.outputs.ConfigKeyArn ?? '', {}],
    ['delete the config key', 'kms:ScheduleKeyDeletion', platform.outputs.ConfigKeyArn ?? '', {}],
    ['give the shared key another policy', 'kms:PutKeyPolicy', platform.outputs.SharedKeyArn ?? '', {}],
    ['delete the shared key', 'kms:ScheduleKeyDeletion', platform.outputs.SharedKeyArn ?? '', {}],
    ['point an alias at the shared key', 'kms:CreateAlias', platform.outputs.SharedKeyArn ?? '', {}],
    ["take the shared key's alias", 'kms:CreateAlias', here('kms', names.sharedKeyAlias), {}],
    ["take the shared key's alias away", 'kms:DeleteAlias', here('kms', names.sharedKeyAlias), {}],
    [
      "change the platform's survey",
      'scheduler:UpdateSchedule',
      here('scheduler', `schedule/km/${names.surveySchedule}`),
      {},
    ],
    ['point an alias at the config key', 'kms:CreateAlias', platform.outputs.ConfigKeyArn ?? '', {}],
    ['take another alias', 'kms:CreateAlias', here('kms', names.configKeyAlias), {}],
    ['make a stack', 'cloudformation:CreateStack', here('cloudformation', 'stack/km-sandbox-x/1'), {}],
  ])('cannot %s', (_, action, resource, context) => {
    expect(may(service, action, resource, context)).toBe(false);
  });
});

test('CloudFormation passes the lockout check of KMS: it may put the policy of the key that it makes', () => {
  const { KeyPolicy } = only(fillSandbox(templates.sandbox), 'AWS::KMS::Key');
  expect(may(service, 'kms:PutKeyPolicy', here('kms', 'key/Key'), {}, KeyPolicy)).toBe(true);
  expect(may(service, 'kms:Decrypt', here('kms', 'key/Key'), {}, KeyPolicy)).toBe(false);
});

test('only CloudFormation may assume it', () => {
  const role = only(platform, 'AWS::IAM::Role', { RoleName: names.cloudFormationRole(REGION) });
  expect(serviceMayAssume(role, 'cloudformation.amazonaws.com')).toBe(true);
  expect(serviceMayAssume(role, 'lambda.amazonaws.com', ACCOUNT)).toBe(false);
});

describe('the scheduler role', () => {
  const scheduler = roleNamed(platform, names.schedulerRole(REGION));

  test.each([
    ['lambda:InvokeFunction', here('lambda', `function:${names.functionName}`), true],
    ['cloudformation:DeleteStack', here('cloudformation', `stack/${names.stackName(SANDBOX)}/1`), true],
    ['lambda:InvokeFunction', here('lambda', 'function:mine'), false],
    ['cloudformation:DeleteStack', here('cloudformation', `stack/${names.platformStack}/1`), false],
    ['cloudformation:CreateStack', here('cloudformation', `stack/${names.stackName(SANDBOX)}/1`), false],
    ['sqs:SendMessage', here('sqs', names.retryQueue), true],
    ['sqs:SendMessage', here('sqs', names.deadLetterQueue), true],
    ['sqs:SendMessage', here('sqs', 'mine'), false],
    ['sqs:ReceiveMessage', here('sqs', names.retryQueue), false],
    ['iam:PassRole', iam(`role/${names.cloudFormationRole(REGION)}`), false],
    ['ssm:GetParameter', parameterArn(names.tokenParameter(SANDBOX)), false],
  ])('%s on %s: %s', (action, resource, allowed) => {
    expect(may(scheduler, action, resource)).toBe(allowed);
  });

  test('is assumed by the scheduler for schedules of this account only', () => {
    const role = only(platform, 'AWS::IAM::Role', { RoleName: names.schedulerRole(REGION) });
    expect(serviceMayAssume(role, 'scheduler.amazonaws.com', ACCOUNT)).toBe(true);
    expect(serviceMayAssume(role, 'scheduler.amazonaws.com', '999999999999')).toBe(false);
    expect(serviceMayAssume(role, 'scheduler.amazonaws.com')).toBe(false);
    expect(serviceMayAssume(role, 'lambda.amazonaws.com', ACCOUNT)).toBe(false);
  });
});

import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  type OnFailure,
} from '@aws-sdk/client-cloudformation';
import { ListAliasesCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startWorkloadCloud, until, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;
let functionArn = '';
let stacks = 0;
let StackName = '';

beforeAll(async () => {
  local = await startWorkloadCloud();
  functionArn = await local.makeFunction('answering');
});
afterAll(() => local[Symbol.asyncDispose]());
beforeEach(() => {
  stacks += 1;
  StackName = `stack-${stacks}`;
});

const group = (name: string, more: object = {}) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties: { LogGroupName: { 'Fn::Sub': `\${AWS::StackName}-${name}` } },
  ...more,
});
const custom = (Behaviour: string, more: object = {}) => ({
  Type: 'Custom::Thing',
  Properties: { ServiceToken: functionArn, Behaviour },
  ...more,
});
/** Fails by itself: the alias has no key to point to. */
const failing = (more: object = {}) => ({
  Type: 'AWS::KMS::Alias',
  Properties: { AliasName: { 'Fn::Sub': `alias/\${AWS::StackName}` }, TargetKeyId: 'no-such-key' },
  ...more,
});

const reasons = async (nameOrId: string) => {
  const { StackEvents = [] } = await local.cf.send(new DescribeStackEventsCommand({ StackName: nameOrId }));
  return Object.fromEntries(
    StackEvents.filter(({ ResourceStatusReason }) => ResourceStatusReason !== undefined).map((event) => [
      `${event.LogicalResourceId} ${event.ResourceStatus}`,
      event.ResourceStatusReason,
    ]),
  );
};

const groups = async (): Promise<string[]> => {
  const { logGroups } = await local.json('logs', 'DescribeLogGroups', {
    logGroupNamePrefix: `${StackName}-`,
  });
  return logGroups.map(({ logGroupName }: { logGroupName: string }) => logGroupName);
};

/** What the function has been asked by the stack so far, in order: `Create`, `Delete`, … */
const askedSoFar = async (stackId: string): Promise<string[]> => {
  const input = { logGroupName: '/aws/lambda/answering', filterPattern: '"stack event"' };
  const { events } = await local.json('logs', 'FilterLogEvents', input).catch(() => ({ events: [] }));
  return events
    .map(({ message }: { message: string }) => JSON.parse(message.replace(/^.*stack event /, '')))
    .filter((event: { StackId: string }) => event.StackId === stackId)
    .map((event: { RequestType: string; PhysicalResourceId?: string }) =>
      [event.RequestType, event.PhysicalResourceId].filter(Boolean).join(' '),
    );
};

/** The same, once it is so many: a function's log is written when it has ended, which is after its answer. */
const asked = (stackId: string, times: number): Promise<string[]> =>
  until(async () => {
    const all = await askedSoFar(stackId);
    return all.length >= times ? all : undefined;
  });

describe('a creation that fails', () => {
  test('deletes what it has made, the dependents first, and says why', async () => {
    const Resources = {
      A: group('a'),
      B: group('b', { DependsOn: 'A' }),
      C: failing({ DependsOn: 'B' }),
      D: group('d', { DependsOn: 'C' }),
    };
    const id = await local.createStack(StackName, { Resources });
    const stack = await local.settled(id);
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await local.events(id)).toEqual([
      `${StackName} CREATE_IN_PROGRESS`,
      'A CREATE_IN_PROGRESS',
      'A CREATE_IN_PROGRESS',
      'A CREATE_COMPLETE',
      'B CREATE_IN_PROGRESS',
      'B CREATE_IN_PROGRESS',
      'B CREATE_COMPLETE',
      'C CREATE_IN_PROGRESS',
      'C CREATE_FAILED',
      `${StackName} ROLLBACK_IN_PROGRESS`,
      'C DELETE_COMPLETE',
      'B DELETE_IN_PROGRESS',
      'B DELETE_COMPLETE',
      'A DELETE_IN_PROGRESS',
      'A DELETE_COMPLETE',
      `${StackName} ROLLBACK_COMPLETE`,
    ]);
    expect(await reasons(id)).toMatchObject({
      'C CREATE_FAILED': expect.stringMatching(
        /^Resource handler returned message: ".*no-such-key.*HandlerErrorCode: NotFound\)$/,
      ),
      [`${StackName} ROLLBACK_IN_PROGRESS`]:
        'The following resource(s) failed to create: [C]. Rollback requested by user.',
    });
    expect(await groups()).toEqual([]);
  });

  test.each<[string, object, string, number]>([
    ['OnFailure ROLLBACK', { OnFailure: 'ROLLBACK' as OnFailure }, 'ROLLBACK_COMPLETE', 0],
    ['OnFailure DELETE', { OnFailure: 'DELETE' as OnFailure }, 'DELETE_COMPLETE', 0],
    ['OnFailure DO_NOTHING', { OnFailure: 'DO_NOTHING' as OnFailure }, 'CREATE_FAILED', 1],
    ['DisableRollback', { DisableRollback: true }, 'CREATE_FAILED', 1],
    [
      'EXPRESS, which does not roll back by itself',
      { DeploymentConfig: { Mode: 'EXPRESS' } },
      'CREATE_FAILED',
      1,
    ],
    [
      'EXPRESS with rollback',
      { DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: false } },
      'ROLLBACK_COMPLETE',
      0,
    ],
    [
      'EXPRESS with OnFailure',
      { DeploymentConfig: { Mode: 'EXPRESS' }, OnFailure: 'DELETE' as OnFailure },
      'DELETE_COMPLETE',
      0,
    ],
  ])('with %s ends as %s', async (_, more, status, left) => {
    const id = await local.createStack(
      StackName,
      { Resources: { A: group('a'), C: failing({ DependsOn: 'A' }) } },
      more,
    );
    expect((await local.settled(id)).StackStatus).toBe(status);
    expect(await groups()).toHaveLength(left);
    await local.cf.send(new DeleteStackCommand({ StackName: id }));
    expect((await local.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
    expect(await groups()).toEqual([]);
  });

  const ids = ['Key', 'Alias', 'Role', 'Token', 'Logs'];
  test.each(ids)('leaves nothing behind when %s fails', async (id) => {
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    };
    const Policies = [
      {
        PolicyName: 'p',
        PolicyDocument: id === 'Role' ? 'no policy' : { Version: '2012-10-17', Statement: [] },
      },
    ];
    const named = { 'Fn::Sub': `\${AWS::StackName}` };
    const Resources = {
      Key: {
        Type: 'AWS::KMS::Key',
        Properties: { KeyPolicy: id === 'Key' ? 'no policy' : undefined, PendingWindowInDays: 7 },
      },
      Alias: {
        Type: 'AWS::KMS::Alias',
        Properties: {
          AliasName: { 'Fn::Sub': id === 'Alias' ? 'alias/aws/x' : `alias/\${AWS::StackName}` },
          TargetKeyId: { Ref: 'Key' },
        },
      },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { RoleName: named, AssumeRolePolicyDocument: trust, Policies },
      },
      Token: custom(id === 'Token' ? 'fail:Create' : '', { DependsOn: ['Alias', 'Role'] }),
      Logs: {
        ...group('logs'),
        DependsOn: 'Token',
        Properties: {
          LogGroupName: id === 'Logs' ? 'no valid name!' : { 'Fn::Sub': `\${AWS::StackName}-logs` },
        },
      },
    };
    const stackId = await local.createStack(
      StackName,
      { Resources },
      { Capabilities: ['CAPABILITY_NAMED_IAM'] },
    );
    expect((await local.settled(stackId)).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await reasons(stackId)).toHaveProperty([`${id} CREATE_FAILED`]);
    await expect(local.iam('GetRole', { RoleName: StackName })).rejects.toMatchObject({
      name: 'NoSuchEntity',
    });
    const { Aliases } = await local.clients().kms.send(new ListAliasesCommand({}));
    expect(Aliases?.map(({ AliasName }) => AliasName)).not.toContain(`alias/${StackName}`);
    expect(await groups()).toEqual([]);
    const reached = id === 'Token' || id === 'Logs';
    const calls = await asked(stackId, reached ? 2 : 0);
    expect(calls.map((call) => call.split(' ')[0])).toEqual(reached ? ['Create', 'Delete'] : []);
  });
});

test('a failing service makes the stack fail, and the rollback is tried with the service back', async () => {
  await local.admin('POST', 'faults', {
    aws: [{ service: 'logs', operation: 'CreateLogGroup', error: 'internal', count: 1 }],
  });
  const id = await local.createStack(StackName, { Resources: { A: group('a') } });
  expect((await local.settled(id)).StackStatus).toBe('ROLLBACK_COMPLETE');
  await local.admin('POST', 'faults', {});
});

test('a name that another stack has made is refused, and that one keeps its resource', async () => {
  const Resources = { A: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'shared-name' } } };
  await local.createStack(StackName, { Resources });
  await local.settled(StackName);
  const second = await local.cf.send(
    new CreateStackCommand({ StackName: `${StackName}-b`, TemplateBody: JSON.stringify({ Resources }) }),
  );
  expect((await local.settled(second.StackId ?? '')).StackStatus).toBe('ROLLBACK_COMPLETE');
  const { logGroups } = await local.json('logs', 'DescribeLogGroups', { logGroupNamePrefix: 'shared-name' });
  expect(logGroups).toHaveLength(1);
});

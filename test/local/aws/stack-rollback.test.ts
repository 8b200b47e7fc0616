import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type OnFailure,
} from '@aws-sdk/client-cloudformation';
import { ListAliasesCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startWorkloadCloud, until, type WorkloadCloud } from './workload-cloud.ts';

const MINUTE = 60_000;
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

describe('a custom resource', () => {
  test('that reports a failure fails the stack with its reason, and is asked to delete', async () => {
    const id = await local.createStack(StackName, { Resources: { T: custom('fail:Create') } });
    expect((await local.settled(id)).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect((await reasons(id))['T CREATE_FAILED']).toMatch(
      /^Received response status \[FAILED\] from custom resource\. Message returned: as told \(RequestId: [0-9a-f-]{36}\)$/,
    );
    expect(await asked(id, 2)).toEqual([
      'Create',
      expect.stringMatching(/^Delete stack-\d+-T-[A-Z0-9]{12}$/),
    ]);
  });

  test('that says nothing fails at its ServiceTimeout on the moved clock', async () => {
    const resource = custom('silent:Create');
    const Properties = { ...resource.Properties, ServiceTimeout: '300' };
    const id = await local.createStack(StackName, { Resources: { T: { ...resource, Properties } } });
    await asked(id, 1);
    await local.cloud.clock.advance(4 * MINUTE);
    const { Stacks } = await local.cf.send(new DescribeStacksCommand({ StackName: id }));
    expect(Stacks?.[0]?.StackStatus).toBe('CREATE_IN_PROGRESS');
    await local.cloud.clock.advance(2 * MINUTE);
    expect((await local.settled(id)).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect((await reasons(id))['T CREATE_FAILED']).toMatch(/^CloudFormation did not receive a response/);
  });

  test('whose function cannot be invoked fails the stack', async () => {
    const resource = custom('');
    const Properties = { ...resource.Properties, ServiceToken: `${functionArn}-missing` };
    const id = await local.createStack(StackName, { Resources: { T: { ...resource, Properties } } });
    expect((await local.settled(id)).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect((await reasons(id))['T CREATE_FAILED']).toContain('Function not found');
  });

  test('is deleted by the id that it gave itself', async () => {
    const id = await local.createStack(StackName, { Resources: { T: custom('') } });
    await local.settled(id);
    await local.cf.send(new DeleteStackCommand({ StackName }));
    await local.settled(id);
    expect(await asked(id, 2)).toEqual(['Create', 'Delete custom-1']);
  });
});

describe('DeleteStack', () => {
  test('is quiet about a stack that is not there, and about one that is being deleted', async () => {
    await local.cf.send(new DeleteStackCommand({ StackName: 'never-was' }));
    const id = await local.createStack(StackName, { Resources: { A: group('a') } });
    await local.settled(id);
    await Promise.all([1, 2, 3].map(() => local.cf.send(new DeleteStackCommand({ StackName }))));
    expect((await local.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
    expect((await local.events(id)).filter((event) => event === 'A DELETE_COMPLETE')).toHaveLength(1);
  });

  test('that fails can be repeated, and keeps what the failed resource needs', async () => {
    const Resources = { A: group('a'), T: custom('fail:Delete', { DependsOn: 'A' }), B: group('b') };
    const id = await local.createStack(StackName, { Resources });
    await local.settled(id);
    await local.cf.send(new DeleteStackCommand({ StackName }));
    const stack = await local.settled(id);
    expect(stack).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: 'The following resource(s) failed to delete: [T]. ',
    });
    expect(await groups()).toEqual([`${StackName}-a`]);
    await local.cf.send(new DeleteStackCommand({ StackName, RetainResources: ['T'] }));
    expect((await local.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
    expect(await groups()).toEqual([]);
  });

  test('finds resources that somebody else has deleted, and goes on', async () => {
    const id = await local.createStack(StackName, { Resources: { A: group('a'), B: group('b') } });
    await local.settled(id);
    await local.json('logs', 'DeleteLogGroup', { logGroupName: `${StackName}-a` });
    await local.cf.send(new DeleteStackCommand({ StackName }));
    expect((await local.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
  });

  test('leaves what its deletion policy retains', async () => {
    const id = await local.createStack(StackName, {
      Resources: { A: group('a', { DeletionPolicy: 'Retain' }), B: group('b') },
    });
    await local.settled(id);
    await local.cf.send(new DeleteStackCommand({ StackName }));
    expect((await local.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
    expect(await local.events(id)).toContain('A DELETE_SKIPPED');
    expect(await groups()).toEqual([`${StackName}-a`]);
  });

  test('during a creation stops it, and leaves nothing', async () => {
    const chain = ['a', 'b', 'c', 'd', 'e', 'f'];
    const Resources = Object.fromEntries(
      chain.map((name, index) => [
        name.toUpperCase(),
        group(name, index === 0 ? {} : { DependsOn: chain[index - 1]?.toUpperCase() }),
      ]),
    );
    const id = await local.createStack(StackName, { Resources });
    await until(async () => ((await groups()).length >= 2 ? true : undefined));
    await local.cf.send(new DeleteStackCommand({ StackName }));
    expect((await local.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
    expect(await groups()).toEqual([]);
    const events = await local.events(id);
    expect(events).not.toContain(`${StackName} CREATE_COMPLETE`);
    expect(events).not.toContain('F CREATE_IN_PROGRESS');
    expect(events).not.toContain(`${StackName} ROLLBACK_IN_PROGRESS`);
  });

  test('acts as the role that the stack was created with', async () => {
    const RoleARN = await local.serviceRole('creator', 'cloudformation.amazonaws.com', [
      { Effect: 'Allow', Action: 'logs:*', Resource: '*' },
    ]);
    const id = await local.createStack(StackName, { Resources: { A: group('a') } }, { RoleARN });
    await local.settled(id);
    const caller = await local.makeRole('deleter', [
      { Effect: 'Allow', Action: 'cloudformation:DeleteStack', Resource: '*' },
    ]);
    const { cf } = local.as(await local.session(caller));
    await cf.send(new DeleteStackCommand({ StackName }));
    expect((await local.settled(id)).StackStatus).toBe('DELETE_COMPLETE');
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

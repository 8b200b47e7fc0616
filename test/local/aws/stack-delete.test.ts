import { DeleteStackCommand } from '@aws-sdk/client-cloudformation';
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

const groups = async (): Promise<string[]> => {
  const { logGroups } = await local.json('logs', 'DescribeLogGroups', {
    logGroupNamePrefix: `${StackName}-`,
  });
  return logGroups.map(({ logGroupName }: { logGroupName: string }) => logGroupName);
};

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

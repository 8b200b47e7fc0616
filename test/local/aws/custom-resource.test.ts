import {
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
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

const custom = (Behaviour: string, more: object = {}) => ({
  Type: 'Custom::Thing',
  Properties: { ServiceToken: functionArn, Behaviour },
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

describe('a custom resource', () => {
  test('that reports a failure fails the stack with its reason, and is asked to delete', async () => {
    const id = await local.createStack(StackName, { Resources: { T: custom('fail:Create') } });
    expect((await local.settled(id)).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect((await reasons(id))['T CREATE_FAILED']).toMatch(
      /^Received response status \[FAILED\] from custom resource\. Message returned: as told \(RequestId: [0-9a-f-]{36}\)$/,
    );
    // As the CDK's own provider framework relies on: the id comes with the failure.
    expect(await asked(id, 2)).toEqual(['Create', 'Delete custom-1']);
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
    expect(await asked(id, 2)).toEqual([
      'Create',
      expect.stringMatching(/^Delete stack-\d+-T-[A-Z0-9]{12}$/),
    ]);
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

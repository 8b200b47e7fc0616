import {
  ContinueUpdateRollbackCommand,
  DescribeStackEventsCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { GetScheduleCommand } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startWorkloadCloud, until, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;
let functionArn = '';
let roleArn = '';
let stacks = 0;
let StackName = '';

beforeAll(async () => {
  local = await startWorkloadCloud();
  functionArn = await local.makeFunction('switched');
  roleArn = await local.serviceRole('switched-planner', 'scheduler.amazonaws.com', []);
});
afterAll(() => local[Symbol.asyncDispose]());
beforeEach(() => {
  stacks += 1;
  StackName = `switch-${stacks}`;
});

const from = (minutes: number): string =>
  new Date(local.cloud.clock.now() + minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');

/** A custom resource, a schedule that depends on it and may rest, and an end that may be there. */
const TEMPLATE = {
  Parameters: {
    Paused: { Type: 'String', Default: 'false' },
    Start: { Type: 'String' },
    End: { Type: 'String', Default: '' },
    Behaviour: { Type: 'String', Default: '' },
    Broken: { Type: 'String', Default: 'false' },
  },
  Conditions: {
    IsPaused: { 'Fn::Equals': [{ Ref: 'Paused' }, 'true'] },
    HasEnd: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'End' }, ''] }] },
    IsBroken: { 'Fn::Equals': [{ Ref: 'Broken' }, 'true'] },
  },
  Resources: {
    Token: {
      Type: 'Custom::Token',
      Properties: {
        ServiceToken: () => functionArn,
        Id: { Ref: 'AWS::StackName' },
        Paused: { Ref: 'Paused' },
        Behaviour: { Ref: 'Behaviour' },
      },
    },
    Refresh: {
      Type: 'AWS::Scheduler::Schedule',
      DependsOn: 'Token',
      Properties: {
        Name: { 'Fn::Join': ['-', [{ Ref: 'AWS::StackName' }, 'refresh']] },
        ScheduleExpression: 'rate(45 minutes)',
        StartDate: { 'Fn::If': ['IsPaused', { Ref: 'AWS::NoValue' }, { Ref: 'Start' }] },
        State: { 'Fn::If': ['IsPaused', 'DISABLED', 'ENABLED'] },
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: () => functionArn, RoleArn: () => roleArn, Input: '{}' },
      },
    },
    EndOfLife: {
      Type: 'AWS::Scheduler::Schedule',
      Condition: 'HasEnd',
      Properties: {
        Name: { 'Fn::Join': ['-', [{ Ref: 'AWS::StackName' }, 'end']] },
        ScheduleExpression: { 'Fn::Join': ['', ['at(', { Ref: 'End' }, ')']] },
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: () => functionArn, RoleArn: () => roleArn, Input: '{}' },
      },
    },
    Broken: {
      Type: 'AWS::KMS::Alias',
      Condition: 'IsBroken',
      DependsOn: ['Refresh', 'Token'],
      Properties: { AliasName: 'alias/broken', TargetKeyId: 'no-such-key' },
    },
  },
};

/** The template as JSON, with what was only known at the start of the cloud. */
const body = (): string =>
  JSON.stringify(TEMPLATE, (_, value) => (typeof value === 'function' ? value() : value));

const EXPRESS = { DeploymentConfig: { Mode: 'EXPRESS' as const, DisableRollback: false } };

const create = async (parameters: Readonly<Record<string, string>> = {}): Promise<void> => {
  const all = Object.entries({ Start: from(45), ...parameters });
  await local.createStack(StackName, JSON.parse(body()), {
    ...EXPRESS,
    Parameters: all.map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
  });
  expect((await local.settled(StackName)).StackStatus).toBe('CREATE_COMPLETE');
};

/** Changes some parameters and keeps the others. */
const change = async (parameters: Readonly<Record<string, string>>): Promise<string | undefined> => {
  await local.cf.send(
    new UpdateStackCommand({
      ...EXPRESS,
      StackName,
      TemplateBody: body(),
      Parameters: Object.keys(TEMPLATE.Parameters).map((ParameterKey) =>
        parameters[ParameterKey] === undefined
          ? { ParameterKey, UsePreviousValue: true }
          : { ParameterKey, ParameterValue: parameters[ParameterKey] },
      ),
    }),
  );
  return (await local.settled(StackName)).StackStatus;
};

const schedule = (name: string) =>
  local.scheduler.send(new GetScheduleCommand({ Name: `${StackName}-${name}` }));
const isThere = (name: string): Promise<boolean> =>
  schedule(name).then(
    () => true,
    ({ name: code }) => {
      expect(code).toBe('ResourceNotFoundException');
      return false;
    },
  );

/** What the custom resource's function was asked, once it was asked that often: request, Paused now and before. */
const asked = async (count: number): Promise<string[]> => {
  const input = {
    logGroupName: '/aws/lambda/switched',
    filterPattern: `"stack/${StackName}/" "stack event"`,
  };
  const events: { message: string }[] = await until(async () => {
    const answer = await local.json('logs', 'FilterLogEvents', input);
    return answer.events.length >= count ? answer.events : undefined;
  });
  // by the times that the lines begin with: two processes of the function write theirs when they are done
  const lines = events.map(({ message }) => message).sort();
  return lines.map((message) => {
    const { RequestType, ResourceProperties, OldResourceProperties } = JSON.parse(
      message.replace(/^.*stack event /, ''),
    );
    const before = OldResourceProperties === undefined ? '' : ` was ${OldResourceProperties.Paused}`;
    return `${RequestType} ${ResourceProperties.Paused}${before}`;
  });
};

describe('a parameter that switches', () => {
  test('a schedule off and on again, long after its start, with a start of its own each time', async () => {
    await create();
    await local.cloud.clock.advance(3 * 3_600_000);
    expect(await change({ Paused: 'true' })).toBe('UPDATE_COMPLETE');
    const resting = await schedule('refresh');
    expect(resting.State).toBe('DISABLED');
    expect(resting.StartDate).toBeUndefined();
    const Start = from(45);
    expect(await change({ Paused: 'false', Start })).toBe('UPDATE_COMPLETE');
    const awake = await schedule('refresh');
    expect(awake.State).toBe('ENABLED');
    expect(awake.StartDate).toEqual(new Date(Start));
    expect(await asked(3)).toEqual(['Create false', 'Update true was false', 'Update false was true']);
  });

  test('a resource on, off, and on again under its old name', async () => {
    await create();
    const End = from(600).slice(0, -1);
    for (const there of [true, false, true, false, true]) {
      expect(await change({ End: there ? End : '' })).toBe('UPDATE_COMPLETE');
      expect(await isThere('end')).toBe(there);
    }
    const later = from(900).slice(0, -1);
    expect(await change({ End: later })).toBe('UPDATE_COMPLETE');
    expect((await schedule('end')).ScheduleExpression).toBe(`at(${later})`);
  });

  test('nothing is told so, and leaves the stack as it was', async () => {
    await create();
    await expect(change({ Paused: 'false' })).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'No updates are to be performed.',
    });
    expect(await asked(1)).toEqual(['Create false']);
  });
});

describe('an update that fails', () => {
  test('at its custom resource sends it the old properties again, and leaves the schedule alone', async () => {
    await create();
    await local.cloud.clock.advance(3 * 3_600_000);
    const before = (await schedule('refresh')).LastModificationDate;
    expect(await change({ Paused: 'true', Behaviour: 'fail:Update' })).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await asked(3)).toEqual(['Create false', 'Update true was false', 'Update false was true']);
    expect((await schedule('refresh')).LastModificationDate).toEqual(before);
    const { StackEvents = [] } = await local.cf.send(new DescribeStackEventsCommand({ StackName }));
    expect(StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'UPDATE_FAILED')).toMatchObject({
      LogicalResourceId: 'Token',
      ResourceStatusReason: expect.stringContaining('Message returned: as told'),
    });
    expect(await change({ Paused: 'true' })).toBe('UPDATE_COMPLETE');
  });

  test('late takes back also what an earlier update had changed before', async () => {
    await create();
    expect(await change({ Paused: 'true' })).toBe('UPDATE_COMPLETE');
    expect(await change({ Paused: 'false', End: from(600).slice(0, -1), Broken: 'true' })).toBe(
      'UPDATE_ROLLBACK_COMPLETE',
    );
    expect((await schedule('refresh')).State).toBe('DISABLED');
    expect(await isThere('end')).toBe(false);
    expect(await asked(4)).toEqual([
      'Create false',
      'Update true was false',
      'Update false was true',
      'Update true was false',
    ]);
  });

  test('cannot go back to a schedule whose start is past, as Scheduler takes none, but can pass it by', async () => {
    await create();
    await local.cloud.clock.advance(3 * 3_600_000);
    expect(await change({ Paused: 'true', Broken: 'true' })).toBe('UPDATE_ROLLBACK_FAILED');
    const { StackEvents = [] } = await local.cf.send(new DescribeStackEventsCommand({ StackName }));
    expect(
      StackEvents.find(({ ResourceStatusReason = '' }) => /StartDate/.test(ResourceStatusReason)),
    ).toMatchObject({ LogicalResourceId: 'Refresh', ResourceStatus: 'UPDATE_FAILED' });
    const go = (ResourcesToSkip: string[] = []) =>
      local.cf.send(new ContinueUpdateRollbackCommand({ StackName, ResourcesToSkip }));
    await go();
    expect((await local.settled(StackName)).StackStatus).toBe('UPDATE_ROLLBACK_FAILED');
    await expect(go(['Token'])).rejects.toMatchObject({
      message: expect.stringContaining('Token cannot be skipped'),
    });
    await go(['Refresh']);
    expect((await local.settled(StackName)).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect((await schedule('refresh')).State).toBe('DISABLED');
    await expect(go()).rejects.toMatchObject({
      message: expect.stringContaining('UPDATE_ROLLBACK_COMPLETE state and can not continue rollback'),
    });
    expect(await change({ Paused: 'false', Start: from(45), Broken: 'false' })).toBe('UPDATE_COMPLETE');
  });
});

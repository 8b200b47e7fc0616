import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

const MINUTE = 60_000;
let local: WorkloadCloud;
let RoleArn = '';
let functionArn = '';

beforeAll(async () => {
  local = await startWorkloadCloud();
  functionArn = await local.makeFunction('target');
  RoleArn = await local.serviceRole('scheduling', 'scheduler.amazonaws.com', [
    {
      Effect: 'Allow',
      Action: [
        'lambda:InvokeFunction',
        'cloudformation:DeleteStack',
        'logs:DeleteLogGroup',
        'sqs:SendMessage',
      ],
      Resource: '*',
    },
  ]);
});
afterAll(() => local[Symbol.asyncDispose]());

const create = (Name: string, more: Partial<CreateScheduleCommandInput> = {}) =>
  local.scheduler.send(
    new CreateScheduleCommand({
      Name,
      ScheduleExpression: 'rate(45 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ...more,
      Target: { Arn: functionArn, RoleArn, Input: JSON.stringify({ log: `fired ${Name}` }), ...more.Target },
    }),
  );

/** A moment on the moved clock, whole seconds. */
const from = (minutes: number): Date =>
  new Date(Math.floor((local.cloud.clock.now() + minutes * MINUTE) / 1000) * 1000);

describe('schedules and groups', () => {
  test('are described as they were made', async () => {
    const [StartDate, EndDate] = [from(45), from(120)];
    const given = { StartDate, EndDate, Description: 'a description', ScheduleExpressionTimezone: 'UTC' };
    await local.scheduler.send(
      new CreateScheduleGroupCommand({ Name: 'km', Tags: [{ Key: 'a', Value: '1' }] }),
    );
    const { ScheduleArn } = await create('described', { ...given, GroupName: 'km' });
    expect(ScheduleArn).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule/km/described');
    const got = await local.scheduler.send(new GetScheduleCommand({ Name: 'described', GroupName: 'km' }));
    expect(got).toMatchObject({
      ...given,
      Arn: ScheduleArn,
      GroupName: 'km',
      ScheduleExpression: 'rate(45 minutes)',
      State: 'ENABLED',
      ActionAfterCompletion: 'NONE',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: functionArn, RoleArn },
    });
    expect(got.CreationDate).toBeInstanceOf(Date);
    const { Schedules } = await local.scheduler.send(
      new ListSchedulesCommand({ GroupName: 'km', NamePrefix: 'desc' }),
    );
    expect(Schedules).toMatchObject([{ Name: 'described', GroupName: 'km', Target: { Arn: functionArn } }]);
    await expect(local.scheduler.send(new GetScheduleCommand({ Name: 'described' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  test('are listed page by page', async () => {
    for (const name of ['p-1', 'p-2', 'p-3']) await create(name, { StartDate: from(10_000) });
    const first = await local.scheduler.send(new ListSchedulesCommand({ NamePrefix: 'p-', MaxResults: 2 }));
    const { NextToken } = first;
    const second = await local.scheduler.send(
      new ListSchedulesCommand({ NamePrefix: 'p-', MaxResults: 2, NextToken }),
    );
    const names = [first, second].map(({ Schedules }) => Schedules?.map(({ Name }) => Name));
    expect(names).toEqual([['p-1', 'p-2'], ['p-3']]);
    expect(second.NextToken).toBeUndefined();
  });

  test('a group goes with its schedules, and its tags change', async () => {
    await local.scheduler.send(new CreateScheduleGroupCommand({ Name: 'brief' }));
    await create('in-brief', { GroupName: 'brief', StartDate: from(10) });
    const { Arn: ResourceArn } = await local.scheduler.send(new GetScheduleGroupCommand({ Name: 'brief' }));
    await local.scheduler.send(
      new TagResourceCommand({
        ResourceArn,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await local.scheduler.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['a'] }));
    const { Tags } = await local.scheduler.send(new ListTagsForResourceCommand({ ResourceArn }));
    expect(Tags).toEqual([{ Key: 'b', Value: '2' }]);
    const { ScheduleGroups } = await local.scheduler.send(new ListScheduleGroupsCommand({}));
    expect(ScheduleGroups?.map(({ Name }) => Name)).toContain('default');
    await local.scheduler.send(new DeleteScheduleGroupCommand({ Name: 'brief' }));
    const { Schedules } = await local.scheduler.send(new ListSchedulesCommand({ NamePrefix: 'in-brief' }));
    expect(Schedules).toEqual([]);
  });
});

describe('CreateSchedule refuses', () => {
  const target = (more: object) => ({ Target: { Arn: functionArn, RoleArn, ...more } });
  test.each([
    ['a name that is taken', () => ({ Name: 'taken' }), 'ConflictException'],
    ['a group that is not there', () => ({ GroupName: 'none' }), 'ResourceNotFoundException'],
    ['an expression that is none', () => ({ ScheduleExpression: 'soon' }), 'ValidationException'],
    ['cron()', () => ({ ScheduleExpression: 'cron(0 10 * * ? *)' }), 'NotImplemented'],
    ['another timezone', () => ({ ScheduleExpressionTimezone: 'Europe/Paris' }), 'NotImplemented'],
    [
      'an end that is not after the start',
      () => ({ StartDate: from(20), EndDate: from(20) }),
      'ValidationException',
    ],
    ['an end in the past', () => ({ EndDate: from(-20) }), 'ValidationException'],
    [
      'a role that Scheduler may not assume',
      () => target({ RoleArn: RoleArn.replace('scheduling', 'target-role') }),
      'ValidationException',
    ],
    [
      'a target that it cannot call',
      () => target({ Arn: 'arn:aws:scheduler:::aws-sdk:ec2:terminateInstances', Input: '{}' }),
      'ValidationException',
    ],
    [
      'a universal target without JSON',
      () => target({ Arn: 'arn:aws:scheduler:::aws-sdk:cloudformation:deleteStack', Input: 'x' }),
      'ValidationException',
    ],
    [
      'target settings that it does not know',
      () => target({ KinesisParameters: { PartitionKey: 'x' } }),
      'NotImplemented',
    ],
  ])('%s', async (_, more, name) => {
    const input: Partial<CreateScheduleCommandInput> = more();
    if (input.Name === 'taken') await create('taken', { StartDate: from(10_000) });
    await expect(create(input.Name ?? 'refused', input)).rejects.toMatchObject({ name });
  });

  test('a role that the caller may not pass', async () => {
    const role = await local.makeRole('planner', [{ Effect: 'Allow', Action: 'scheduler:*', Resource: '*' }]);
    const { scheduler } = local.as(await local.session(role));
    const command = new CreateScheduleCommand({
      Name: 'unpassed',
      ScheduleExpression: 'rate(1 hour)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: functionArn, RoleArn },
    });
    await expect(scheduler.send(command)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('iam:PassRole'),
    });
  });
});

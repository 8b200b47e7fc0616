import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  DeleteScheduleCommand,
  GetScheduleCommand,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkloadCloud, until, type WorkloadCloud } from './workload-cloud.ts';

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

const remove = (Name: string) => local.scheduler.send(new DeleteScheduleCommand({ Name }));

/** A moment on the moved clock, whole seconds. */
const from = (minutes: number): Date =>
  new Date(Math.floor((local.cloud.clock.now() + minutes * MINUTE) / 1000) * 1000);

const at = (date: Date): string => `at(${date.toISOString().slice(0, 19)})`;

const fired = async (name: string): Promise<number[]> => {
  const input = { logGroupName: '/aws/lambda/target', filterPattern: `"fired ${name}"` };
  const { events } = await local.json('logs', 'FilterLogEvents', input);
  return events.map(({ timestamp }: { timestamp: number }) => timestamp);
};

describe('a schedule fires', () => {
  beforeAll(async () => {
    await create('warm-up', { StartDate: from(1) });
    await local.cloud.clock.advance(2 * MINUTE);
    await remove('warm-up');
  });

  test('at its rate from its start date to its end date, each time with the clock standing there', async () => {
    const StartDate = from(45);
    await create('rated', { StartDate, EndDate: from(45 + 100) });
    await local.cloud.clock.advance(44 * MINUTE);
    expect(await fired('rated')).toEqual([]);
    await local.cloud.clock.advance(300 * MINUTE);
    const minutes = (await fired('rated')).map((time) => Math.floor((time - StartDate.getTime()) / MINUTE));
    expect(minutes).toEqual([0, 45, 90]);
  });

  test('at once when it has a rate and no start date', async () => {
    await create('at-once');
    await until(async () => ((await fired('at-once')).length === 1 ? true : undefined));
    await remove('at-once');
  });

  test('once at its time, by itself', async () => {
    await create('soon', { ScheduleExpression: at(from(1 / 60)) });
    await until(async () => ((await fired('soon')).length === 1 ? true : undefined));
    await local.cloud.clock.advance(60 * MINUTE);
    expect(await fired('soon')).toHaveLength(1);
    expect((await local.scheduler.send(new GetScheduleCommand({ Name: 'soon' }))).State).toBe('ENABLED');
  });

  test('and is deleted afterwards when that is asked for', async () => {
    await create('last', { ScheduleExpression: at(from(5)), ActionAfterCompletion: 'DELETE' });
    await local.cloud.clock.advance(6 * MINUTE);
    expect(await fired('last')).toHaveLength(1);
    await expect(remove('last')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('not while it is disabled, nor once it is deleted', async () => {
    await create('off', { StartDate: from(5), State: 'DISABLED' });
    await create('deleted', { StartDate: from(5) });
    await remove('deleted');
    await local.cloud.clock.advance(10 * MINUTE);
    expect(await fired('off')).toEqual([]);
    expect(await fired('deleted')).toEqual([]);
  });

  test('by its new expression once it is updated', async () => {
    const StartDate = from(10);
    await create('updated', { StartDate });
    await local.scheduler.send(
      new UpdateScheduleCommand({
        Name: 'updated',
        ScheduleExpression: 'rate(20 minutes)',
        StartDate,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: functionArn, RoleArn, Input: JSON.stringify({ log: 'fired updated' }) },
      }),
    );
    await local.cloud.clock.advance(55 * MINUTE);
    const minutes = (await fired('updated')).map((time) => Math.floor((time - StartDate.getTime()) / MINUTE));
    expect(minutes).toEqual([0, 20, 40]);
    await remove('updated');
  });

  test('with the attributes of its firing in the input', async () => {
    const due = from(3);
    await create('attributed', {
      ScheduleExpression: at(due),
      Target: {
        Arn: functionArn,
        RoleArn,
        Input: '{"log":"fired attributed <aws.scheduler.scheduled-time> <aws.scheduler.schedule-arn>"}',
      },
    });
    await local.cloud.clock.advance(4 * MINUTE);
    const { events } = await local.json('logs', 'FilterLogEvents', {
      logGroupName: '/aws/lambda/target',
      filterPattern: '"fired attributed"',
    });
    expect(events[0].message).toContain(
      `fired attributed ${due.toISOString().slice(0, 19)}Z arn:aws:scheduler:us-east-1:000000000000:schedule/default/attributed`,
    );
  });

  test('and deletes a stack by the universal target, before the advance is over', async () => {
    const template = { Resources: { Logs: { Type: 'AWS::Logs::LogGroup', Properties: {} } } };
    const StackName = await local.createStack('short-lived', template);
    await local.settled(StackName);
    const Arn = 'arn:aws:scheduler:::aws-sdk:cloudformation:deleteStack';
    const Input = JSON.stringify({ StackName });
    await create('ttl', { ScheduleExpression: at(from(30)), Target: { Arn, RoleArn, Input } });
    await local.cloud.clock.advance(31 * MINUTE);
    const { Stacks } = await local.cf.send(new DescribeStacksCommand({ StackName }));
    expect(Stacks?.[0]?.StackStatus).toBe('DELETE_COMPLETE');
  });
});

describe('a delivery that fails', () => {
  const missing = () => functionArn.replace(/target$/, 'missing');

  test('is tried again, with growing pauses, until the target is there', async () => {
    await create('patient', { ScheduleExpression: at(from(1)), Target: { Arn: missing(), RoleArn } });
    await local.cloud.clock.advance(2 * MINUTE);
    await local.makeFunction('missing');
    await local.cloud.clock.advance(60 * MINUTE);
    const { events } = await local.json('logs', 'FilterLogEvents', {
      logGroupName: '/aws/lambda/missing',
      filterPattern: 'START',
    });
    expect(events).toHaveLength(1);
  });

  test('goes to the dead-letter queue when its attempts are used up', async () => {
    const { QueueUrl } = await local.json('sqs', 'CreateQueue', { QueueName: 'undelivered' });
    await create('hopeless', {
      ScheduleExpression: at(from(1)),
      Target: {
        Arn: functionArn.replace(/target$/, 'nowhere'),
        RoleArn,
        Input: '{"hopeless":true}',
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 900 },
        DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:undelivered' },
      },
    });
    await local.cloud.clock.advance(10 * MINUTE);
    const { Messages } = await local.json('sqs', 'ReceiveMessage', { QueueUrl });
    expect(Messages).toMatchObject([{ Body: '{"hopeless":true}' }]);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT } from './test-cloud.ts';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

const stateDir = mkdtempSync(join(tmpdir(), 'km-alarms-'));
let local: WorkloadCloud;
const TopicArn = `arn:aws:sns:us-east-1:${ACCOUNT}:alarms`;
const TO = 'ops@example.com';
const MINUTE = 60_000;

/** A stack with a topic that alarms may publish to, whose one subscriber has confirmed. */
const deploy = async () => {
  await local.createStack('alarms', {
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms' } },
      Subscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: TO },
      },
    },
  });
  expect((await local.settled('alarms')).StackStatus).toBe('CREATE_COMPLETE');
  await local.admin('POST', 'mail/confirm', { to: TO });
};

beforeAll(async () => {
  local = await startWorkloadCloud({ stateDir });
  await deploy();
});
afterAll(async () => {
  await local[Symbol.asyncDispose]();
  rmSync(stateDir, { recursive: true, force: true });
});
afterEach(async () => {
  const { MetricAlarms } = await alarms('DescribeAlarms');
  const AlarmNames = MetricAlarms.map(({ AlarmName }: { AlarmName: string }) => AlarmName);
  await alarms('DeleteAlarms', { AlarmNames });
});

const alarms = (operation: string, input: object = {}) => local.json('monitoring', operation, input);
const advance = (minutes: number) => local.cloud.clock.advance(minutes * MINUTE);

const alarm = (AlarmName: string, more: object = {}) =>
  alarms('PutMetricAlarm', {
    AlarmName,
    Namespace: 'km',
    MetricName: AlarmName,
    Statistic: 'Maximum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 3000,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [TopicArn],
    OKActions: [TopicArn],
    ...more,
  });

const put = (MetricName: string, Value: number) =>
  alarms('PutMetricData', { Namespace: 'km', MetricData: [{ MetricName, Value }] });

const stateOf = async (AlarmName: string): Promise<string> => {
  const { MetricAlarms } = await alarms('DescribeAlarms', { AlarmNames: [AlarmName] });
  return MetricAlarms[0].StateValue;
};

const mails = async (name: string): Promise<{ subject: string; body: string; at: string }[]> => {
  const { mails: all } = JSON.parse((await local.admin('GET', `mail?to=${TO}`)).text);
  return all.filter(({ subject }: { subject: string }) => subject.includes(`"${name}"`));
};
const subjects = async (name: string): Promise<(string | undefined)[]> =>
  (await mails(name)).map(({ subject }) => subject.split(':')[0]);

describe('an alarm', () => {
  test('begins without data, becomes OK, ALARM while the metric is over, and OK again; each is mailed', async () => {
    await alarm('age');
    expect(await stateOf('age')).toBe('INSUFFICIENT_DATA');
    await advance(1);
    expect(await stateOf('age')).toBe('OK');
    await put('age', 3001);
    await advance(1);
    expect(await stateOf('age')).toBe('ALARM');
    await advance(10);
    expect(await stateOf('age')).toBe('OK');
    expect(await subjects('age')).toEqual(['OK', 'ALARM', 'OK']);
    const [, told] = await mails('age');
    expect(JSON.parse(told?.body ?? '')).toMatchObject({
      AlarmName: 'age',
      AWSAccountId: ACCOUNT,
      NewStateValue: 'ALARM',
      OldStateValue: 'OK',
      NewStateReason: expect.stringContaining('was greater than the threshold (3000.0)'),
      Trigger: { MetricName: 'age', Namespace: 'km', Statistic: 'MAXIMUM', Threshold: 3000 },
    });
  });

  test('at rest costs an advance of a year nothing', async () => {
    await alarm('rest');
    await advance(1);
    const began = local.cloud.clock.now();
    await advance(365 * 24 * 60);
    expect(local.cloud.clock.now() - began).toBeGreaterThanOrEqual(365 * 24 * 60 * MINUTE);
    expect(await stateOf('rest')).toBe('OK');
    const { MetricAlarms } = await alarms('DescribeAlarms', { AlarmNames: ['rest'] });
    expect(MetricAlarms[0].StateUpdatedTimestamp * 1000).toBeLessThan(began + 1000);
  });

  test('of dead letters rings as long as one lies there, also for days', async () => {
    const { QueueUrl } = await local.json('sqs', 'CreateQueue', { QueueName: 'dead' });
    await alarm('dead', {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'dead' }],
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
    await advance(1);
    expect(await stateOf('dead')).toBe('OK');
    await local.json('sqs', 'SendMessage', { QueueUrl, MessageBody: 'x' });
    await advance(2);
    expect(await stateOf('dead')).toBe('ALARM');
    await advance(3 * 24 * 60);
    expect(await stateOf('dead')).toBe('ALARM');
    await local.json('sqs', 'PurgeQueue', { QueueUrl });
    await advance(5);
    expect(await stateOf('dead')).toBe('OK');
    expect(await subjects('dead')).toEqual(['OK', 'ALARM', 'OK']);
  });

  test('of a rate computes it from two metrics', async () => {
    const stat = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'km', MetricName }, Period: 300, Stat: 'Sum' },
    });
    await alarms('PutMetricAlarm', {
      AlarmName: 'rate',
      Metrics: [
        stat('failures', 'Failures'),
        stat('refreshes', 'Refreshes'),
        { Id: 'rate', Expression: '100 * FILL(failures, 0) / refreshes' },
      ],
      EvaluationPeriods: 1,
      Threshold: 20,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [TopicArn],
    });
    await put('Refreshes', 10);
    await put('Failures', 1);
    await advance(1);
    expect(await stateOf('rate')).toBe('OK');
    await advance(15);
    await put('Refreshes', 10);
    await put('Failures', 3);
    await advance(1);
    expect(await stateOf('rate')).toBe('ALARM');
  });

  test('whose topic does not let CloudWatch publish says so in its history', async () => {
    const other = `${TopicArn}-closed`;
    await local.createStack('closed', {
      Resources: {
        Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms-closed' } },
        Policy: {
          Type: 'AWS::SNS::TopicPolicy',
          Properties: {
            Topics: [{ Ref: 'Topic' }],
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Deny',
                  Principal: '*',
                  Action: 'sns:Publish',
                  Resource: { Ref: 'Topic' },
                  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
                },
              ],
            },
          },
        },
      },
    });
    expect((await local.settled('closed')).StackStatus).toBe('CREATE_COMPLETE');
    await alarm('closed', { AlarmActions: [other], OKActions: [] });
    await put('closed', 5000);
    await advance(1);
    const { AlarmHistoryItems } = await alarms('DescribeAlarmHistory', {
      AlarmName: 'closed',
      HistoryItemType: 'Action',
    });
    expect(AlarmHistoryItems).toMatchObject([
      {
        HistorySummary: expect.stringMatching(
          /^Failed to execute action .*not authorized to perform: SNS:Publish/,
        ),
      },
    ]);
  });

  test('can be tried out, and its actions switched off', async () => {
    await alarm('tried');
    const set = (StateValue: string) =>
      alarms('SetAlarmState', { AlarmName: 'tried', StateValue, StateReason: 'a test' });
    await set('ALARM');
    expect(await stateOf('tried')).toBe('ALARM');
    await advance(1);
    expect(await stateOf('tried')).toBe('OK');
    await alarms('DisableAlarmActions', { AlarmNames: ['tried'] });
    await set('ALARM');
    expect(await subjects('tried')).toEqual(['ALARM', 'OK']);
  });

  test.each([
    ['without a metric', { MetricName: undefined }, 'MissingParameter'],
    ['with an unknown comparison', { ComparisonOperator: 'Like' }, 'ValidationError'],
    ['with more datapoints than periods', { DatapointsToAlarm: 2 }, 'ValidationError'],
    ['with a period of a second', { Period: 1 }, 'ValidationError'],
    ['with two statistics', { ExtendedStatistic: 'p99' }, 'ValidationError'],
    ['with an action that is no topic', { AlarmActions: ['arn:aws:automate:x:ec2:stop'] }, 'NotImplemented'],
    ['with what it does not know', { EvaluationCriteria: {} }, 'NotImplemented'],
  ])('%s is refused', async (_, more, name) => {
    await expect(alarm('refused', more)).rejects.toMatchObject({ name });
  });

  test('that is not there cannot be deleted', async () => {
    await expect(alarms('DeleteAlarms', { AlarmNames: ['none'] })).rejects.toMatchObject({
      name: 'ResourceNotFound',
    });
  });
});

test('a restart keeps topics, subscribers, metrics, alarms, mails and dashboards, and goes on watching', async () => {
  await alarm('kept');
  await advance(1);
  await put('kept', 9000);
  await alarms('PutDashboard', { DashboardName: 'kept', DashboardBody: '{"widgets":[]}' });
  await local[Symbol.asyncDispose]();
  local = await startWorkloadCloud({ stateDir });
  expect(await stateOf('kept')).toBe('OK');
  await advance(1);
  expect(await stateOf('kept')).toBe('ALARM');
  expect(await subjects('kept')).toEqual(['OK', 'ALARM']);
  const { DashboardEntries } = await alarms('ListDashboards');
  expect(DashboardEntries).toMatchObject([{ DashboardName: 'kept' }]);
});

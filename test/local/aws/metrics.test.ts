import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embeddedMetrics } from '../../../lib/local/aws/logs/embedded-metrics.ts';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;
/** The start of an hour that is over. */
let hour = 0;

beforeAll(async () => {
  local = await startWorkloadCloud();
  const now = local.cloud.clock.now();
  hour = now - (now % 3_600_000) - 3_600_000;
});
afterAll(() => local[Symbol.asyncDispose]());

const metrics = (operation: string, input: object = {}) => local.json('monitoring', operation, input);
const seconds = (minute: number): number => hour / 1000 + minute * 60;
const Dimensions = [{ Name: 'Prefix', Value: 'km' }];

const put = (Namespace: string, ...MetricData: object[]) =>
  metrics('PutMetricData', { Namespace, MetricData });

const statistics = async (input: object): Promise<Record<string, number>[]> => {
  const { Datapoints } = await metrics('GetMetricStatistics', {
    MetricName: 'Time',
    Dimensions,
    StartTime: seconds(0),
    EndTime: seconds(60),
    Period: 300,
    ...input,
  });
  return Datapoints.sort((a: { Timestamp: number }, b: { Timestamp: number }) => a.Timestamp - b.Timestamp);
};

describe('PutMetricData and GetMetricStatistics', () => {
  beforeAll(async () => {
    const datum = { MetricName: 'Time', Dimensions, Unit: 'Milliseconds' };
    await put(
      'stat',
      { ...datum, Timestamp: seconds(0), Value: 10 },
      { ...datum, Timestamp: seconds(4.5), Values: [20, 30], Counts: [1, 2] },
      {
        ...datum,
        Timestamp: seconds(5),
        StatisticValues: { SampleCount: 4, Sum: 8, Minimum: 1, Maximum: 4 },
      },
      { ...datum, Timestamp: seconds(5), Value: 1000, Unit: 'Seconds' },
      { ...datum, Timestamp: seconds(5), Value: 5000, Dimensions: [] },
    );
  });

  test('gather the values of each period that has any, of just these dimensions', async () => {
    const Statistics = ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'];
    expect(await statistics({ Namespace: 'stat', Statistics, Unit: 'Milliseconds' })).toEqual([
      {
        Timestamp: seconds(0),
        Unit: 'Milliseconds',
        SampleCount: 4,
        Sum: 90,
        Average: 22.5,
        Minimum: 10,
        Maximum: 30,
      },
      {
        Timestamp: seconds(5),
        Unit: 'Milliseconds',
        SampleCount: 4,
        Sum: 8,
        Average: 2,
        Minimum: 1,
        Maximum: 4,
      },
    ]);
  });

  test('know percentiles', async () => {
    const found = await statistics({
      Namespace: 'stat',
      ExtendedStatistics: ['p50', 'p100'],
      EndTime: seconds(5),
    });
    expect(found).toMatchObject([{ ExtendedStatistics: { p50: 20, p100: 30 } }]);
  });

  test.each([
    [
      'a reserved namespace',
      'PutMetricData',
      { Namespace: 'AWS/SQS', MetricData: [] },
      'InvalidParameterValue',
    ],
    [
      'what is no number',
      'PutMetricData',
      { Namespace: 'n', MetricData: [{ MetricName: 'm', Value: 'x' }] },
      'InvalidParameterValue',
    ],
    [
      'too many datapoints',
      'GetMetricStatistics',
      { Namespace: 'n', MetricName: 'm', Period: 60, StartTime: 0, EndTime: 1e9, Statistics: ['Sum'] },
      'InvalidParameterCombination',
    ],
    [
      'no statistic',
      'GetMetricStatistics',
      { Namespace: 'n', MetricName: 'm', Period: 60, StartTime: 0, EndTime: 60 },
      'MissingParameter',
    ],
    [
      'an unknown expression',
      'GetMetricData',
      { MetricDataQueries: [{ Id: 'a', Expression: 'SEARCH(1)' }], StartTime: 0, EndTime: 60 },
      'ValidationError',
    ],
    [
      'a metric that is not there in an expression',
      'GetMetricData',
      { MetricDataQueries: [{ Id: 'a', Expression: 'b + 1' }], StartTime: 0, EndTime: 60 },
      'ValidationError',
    ],
    ['what it does not know', 'PutAnomalyDetector', {}, 'NotImplemented'],
  ])('refuse %s', async (_, operation, input, name) => {
    await expect(metrics(operation, input)).rejects.toMatchObject({ name });
  });
});

describe('GetMetricData', () => {
  const of = (Id: string, MetricName: string) => ({
    Id,
    ReturnData: false,
    MetricStat: { Metric: { Namespace: 'math', MetricName, Dimensions }, Period: 60, Stat: 'Sum' },
  });

  test.each([
    ['100 * failures / refreshes', [[0, 25]]],
    [
      '100 * FILL(failures, 0) / refreshes',
      [
        [0, 25],
        [1, 0],
      ],
    ],
    [
      'SUM([failures, refreshes])',
      [
        [0, 10],
        [1, 4],
      ],
    ],
    [
      'IF(refreshes > 5, failures, -1)',
      [
        [0, 2],
        [1, -1],
      ],
    ],
    [
      '(refreshes - FILL(failures, 0)) >= 4 AND refreshes < 8',
      [
        [0, 0],
        [1, 1],
      ],
    ],
    ['refreshes / (refreshes - 4)', [[0, 2]]],
  ])('computes %s', async (Expression, values) => {
    const datum = (MetricName: string, minute: number, Value: number) => ({
      MetricName,
      Dimensions,
      Timestamp: seconds(minute),
      Value,
    });
    const Namespace = 'math';
    const { Metrics } = await metrics('ListMetrics', { Namespace });
    if (Metrics.length === 0)
      await put(Namespace, datum('Failures', 0, 2), datum('Refreshes', 0, 8), datum('Refreshes', 1, 4));
    const { MetricDataResults } = await metrics('GetMetricData', {
      MetricDataQueries: [of('failures', 'Failures'), of('refreshes', 'Refreshes'), { Id: 'e', Expression }],
      StartTime: seconds(0),
      EndTime: seconds(3),
      ScanBy: 'TimestampAscending',
    });
    expect(MetricDataResults).toEqual([
      {
        Id: 'e',
        Label: 'e',
        StatusCode: 'Complete',
        Timestamps: values.map(([minute = 0]) => seconds(minute)),
        Values: values.map(([, value]) => value),
      },
    ]);
  });

  test('lists what there is', async () => {
    const { Metrics } = await metrics('ListMetrics', {
      Namespace: 'math',
      MetricName: 'Failures',
      Dimensions,
    });
    expect(Metrics).toEqual([{ Namespace: 'math', MetricName: 'Failures', Dimensions }]);
  });
});

describe('a log line in the embedded metric format', () => {
  const line = (more: object = {}) =>
    JSON.stringify({
      _aws: {
        Timestamp: hour,
        CloudWatchMetrics: [
          {
            Namespace: 'km',
            Dimensions: [['Prefix'], ['Prefix', 'Reason']],
            Metrics: [{ Name: 'Failures', Unit: 'Count' }, { Name: 'Absent' }],
          },
        ],
      },
      Prefix: 'km',
      Reason: 'ErrSuspended',
      Failures: 2,
      sandbox_id: 'sb-1',
      ...more,
    });

  test('becomes metrics, once for each set of dimensions, when it is written', async () => {
    const logGroupName = '/emf';
    await local.json('logs', 'CreateLogGroup', { logGroupName });
    await local.json('logs', 'CreateLogStream', { logGroupName, logStreamName: 's' });
    const logEvents = [line(), line({ Failures: [1, 3] }), line({ Reason: 7 })].map((message) => ({
      timestamp: local.cloud.clock.now(),
      message,
    }));
    await local.json('logs', 'PutLogEvents', { logGroupName, logStreamName: 's', logEvents });
    const { Metrics } = await metrics('ListMetrics', { Namespace: 'km' });
    expect(Metrics.map(({ Dimensions: set }: { Dimensions: unknown[] }) => set.length).sort()).toEqual([
      1, 2,
    ]);
    const found = await statistics({
      Namespace: 'km',
      MetricName: 'Failures',
      Statistics: ['Sum', 'SampleCount'],
    });
    expect(found).toMatchObject([{ Timestamp: seconds(0), Sum: 6, SampleCount: 3, Unit: 'Count' }]);
    const { events } = await local.json('logs', 'FilterLogEvents', {
      logGroupName,
      filterPattern: '{ $.sandbox_id = "sb-1" && $.Failures = 2 }',
      startTime: local.cloud.clock.now() - 60_000,
      limit: 1,
    });
    expect(events).toHaveLength(1);
  });

  test.each([
    ['text', 'Failures 2', []],
    ['other JSON', '{"Failures":2}', []],
    ['a line with something before it', `INFO ${line()}`, []],
    ['a dimension that is no text', line({ Reason: 7 }), undefined],
    ['a dimension that is not there', line({ Reason: undefined }), undefined],
    ['a value that is no number', line({ Failures: '2' }), undefined],
  ])('is not %s', (_, message, expected) => {
    expect(embeddedMetrics(message)).toEqual(expected);
  });
});

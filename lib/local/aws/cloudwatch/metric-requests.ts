import { AwsError, type Call, type Cloud } from '../cloud.ts';
import { list, type Operation, optionalText, pageOf, text } from '../operations.ts';
import { answerQueries, checkQueries, type MetricQuery } from './metric-queries.ts';
import {
  type Dimension,
  type Measurement,
  type MetricName,
  type MetricStore,
  sortedDimensions,
  statisticOf,
} from './metric-store.ts';

const PAGE = 500;
const MOST_DATAPOINTS = 1440;
const CODE = { code: 'InvalidParameterValue' };

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

/** Epoch seconds or ISO 8601, in milliseconds. */
const timeOf = (call: Call, member: string): number => {
  const value = call.input[member];
  const time = typeof value === 'number' ? value * 1000 : Date.parse(String(value));
  if (Number.isNaN(time)) throw invalid(`The parameter ${member} must be a time`);
  return time;
};

const rangeOf = (call: Call): { start: number; end: number } => {
  const range = { start: timeOf(call, 'StartTime'), end: timeOf(call, 'EndTime') };
  if (range.start < range.end) return range;
  throw new AwsError('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
};

const dimensionsOf = (given: readonly Dimension[] | undefined): Dimension[] => {
  const dimensions = given ?? [];
  if (dimensions.length > 30) throw invalid('A metric has at most 30 dimensions');
  if (dimensions.some(({ Name, Value }) => !Name || !Value))
    throw invalid('Dimensions have names and values');
  return sortedDimensions(dimensions);
};

interface Datum {
  readonly MetricName: string;
  readonly Dimensions?: readonly Dimension[];
  readonly Timestamp?: number | string;
  readonly Value?: number | string;
  readonly Values?: readonly (number | string)[];
  readonly Counts?: readonly (number | string)[];
  readonly StatisticValues?: Readonly<Record<'SampleCount' | 'Sum' | 'Minimum' | 'Maximum', number>>;
  readonly Unit?: string;
  readonly StorageResolution?: number;
}

const measurementOf = (datum: Datum, now: number): Measurement => {
  const { Timestamp, Value, Values, Counts, StatisticValues, Unit: unit = 'None' } = datum;
  const time =
    Timestamp === undefined ? now : typeof Timestamp === 'number' ? Timestamp * 1000 : Date.parse(Timestamp);
  const given = { time, unit };
  if (StatisticValues !== undefined) {
    const { SampleCount, Sum, Minimum, Maximum } = StatisticValues;
    const [min, max] = [Number(Minimum), Number(Maximum)];
    return { ...given, count: Number(SampleCount), sum: Number(Sum), min, max, values: [min, max] };
  }
  const values = (Values ?? [Value]).map(Number);
  const counts = values.map((_, index) => Number(Counts?.[index] ?? 1));
  if (values.length === 0 || [time, ...values, ...counts].some((each) => !Number.isFinite(each)))
    throw invalid('The value must be a number, and the timestamp a time');
  return {
    ...given,
    count: counts.reduce((total, each) => total + each, 0),
    sum: values.reduce((total, each, index) => total + each * (counts[index] ?? 1), 0),
    min: Math.min(...values),
    max: Math.max(...values),
    values,
  };
};

/** PutMetricData, GetMetricData, GetMetricStatistics and ListMetrics. `added` hears of every metric that got data. */
export const metricOperations = (
  cloud: Cloud,
  store: MetricStore,
  added: (metrics: readonly MetricName[]) => void,
): Record<string, Operation> => {
  const authorize = (call: Call, context: Readonly<Record<string, string>> = {}): void =>
    cloud.authorize(call, { action: `cloudwatch:${call.operation}`, resource: '*', context });

  const metricOf = (call: Call): MetricName => ({
    namespace: text(call, 'Namespace', CODE),
    name: text(call, 'MetricName', CODE),
    dimensions: dimensionsOf(list(call, 'Dimensions')),
  });

  return {
    PutMetricData(call) {
      const namespace = text(call, 'Namespace', { ...CODE, min: 1, max: 255 });
      // services tell of their own; everybody else asks the policies
      if (call.caller.kind !== 'service') {
        authorize(call, { 'cloudwatch:namespace': namespace });
        if (namespace.startsWith('AWS/'))
          throw invalid('The value AWS/ for parameter Namespace is invalid: it is reserved');
      }
      const data = list<Datum>(call, 'MetricData').map((datum) => ({
        metric: { namespace, name: String(datum.MetricName), dimensions: dimensionsOf(datum.Dimensions) },
        measured: measurementOf(datum, cloud.clock.now()),
      }));
      for (const { metric, measured } of data) store.add(metric, measured);
      added(data.map(({ metric }) => metric));
      return {};
    },
    GetMetricStatistics(call) {
      authorize(call);
      const metric = metricOf(call);
      const range = rangeOf(call);
      const periodMs = Number(call.input.Period) * 1000;
      if (!(periodMs >= 60_000) || periodMs % 60_000 !== 0)
        throw invalid('The parameter Period must be a multiple of 60');
      if ((range.end - range.start) / periodMs > MOST_DATAPOINTS)
        throw new AwsError(
          'InvalidParameterCombination',
          `You have requested more than the limit of ${MOST_DATAPOINTS} datapoints. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
        );
      const statistics = list<string>(call, 'Statistics');
      const extended = list<string>(call, 'ExtendedStatistics');
      if (statistics.length + extended.length === 0)
        throw new AwsError('MissingParameter', 'Must specify either Statistics or ExtendedStatistics');
      const unit = optionalText(call, 'Unit');
      const window = { ...range, periodMs, ...(unit === undefined ? {} : { unit }) };
      const Datapoints = [...store.measured(metric, window)].map(([time, measured]) => ({
        Timestamp: new Date(time),
        Unit: measured.unit,
        ...Object.fromEntries(statistics.map((name) => [name, statisticOf(measured, name)])),
        ...(extended.length === 0
          ? {}
          : {
              ExtendedStatistics: Object.fromEntries(
                extended.map((name) => [name, statisticOf(measured, name)]),
              ),
            }),
      }));
      return { Label: metric.name, Datapoints };
    },
    GetMetricData(call) {
      authorize(call);
      const queries = list<MetricQuery>(call, 'MetricDataQueries');
      checkQueries(queries);
      const answers = answerQueries(store, queries, rangeOf(call));
      const ascending = call.input.ScanBy === 'TimestampAscending';
      const returned = queries.filter(({ ReturnData }) => String(ReturnData ?? true) === 'true');
      const MetricDataResults = returned.map(({ Id, Label, MetricStat }) => {
        const points = [...(answers.get(Id) ?? [])].sort(([a], [b]) => (ascending ? a - b : b - a));
        return {
          Id,
          Label: Label ?? MetricStat?.Metric.MetricName ?? Id,
          Timestamps: points.map(([time]) => new Date(time)),
          Values: points.map(([, value]) => value),
          StatusCode: 'Complete',
        };
      });
      return { MetricDataResults, Messages: [] };
    },
    ListMetrics(call) {
      authorize(call);
      const [namespace, name] = [optionalText(call, 'Namespace'), optionalText(call, 'MetricName')];
      const wanted = list<{ Name: string; Value?: string }>(call, 'Dimensions');
      const found = store
        .all()
        .filter(
          (metric) =>
            (namespace === undefined || metric.namespace === namespace) &&
            (name === undefined || metric.name === name) &&
            wanted.every(({ Name, Value }) =>
              metric.dimensions.some(
                (each) => each.Name === Name && (Value === undefined || each.Value === Value),
              ),
            ),
        );
      const { items, next } = pageOf(found, optionalText(call, 'NextToken'), PAGE);
      const Metrics = items.map((metric) => ({
        Namespace: metric.namespace,
        MetricName: metric.name,
        Dimensions: metric.dimensions,
      }));
      return { Metrics, ...(next === undefined ? {} : { NextToken: next }) };
    },
  };
};

import { AwsError } from '../cloud.ts';
import { computeExpression } from './metric-math.ts';
import {
  type Dimension,
  type MetricName,
  type MetricStore,
  type Series,
  sortedDimensions,
} from './metric-store.ts';

/** One entry of GetMetricData's MetricDataQueries, and of an alarm's Metrics. */
export interface MetricQuery {
  readonly Id: string;
  readonly MetricStat?: {
    readonly Metric: {
      readonly Namespace: string;
      readonly MetricName: string;
      readonly Dimensions?: readonly Dimension[];
    };
    readonly Period: number | string;
    readonly Stat: string;
    readonly Unit?: string;
  };
  readonly Expression?: string;
  readonly Label?: string;
  readonly ReturnData?: boolean | string;
  readonly Period?: number | string;
}

/** The metric that a query reads, if it reads one itself. */
export const metricOf = ({ MetricStat }: MetricQuery): MetricName | undefined =>
  MetricStat && {
    namespace: MetricStat.Metric.Namespace,
    name: MetricStat.Metric.MetricName,
    dimensions: sortedDimensions(MetricStat.Metric.Dimensions ?? []),
  };

/** Throws ValidationError for a list of queries that does not hold together. */
export const checkQueries = (queries: readonly MetricQuery[]): void => {
  const ids = new Set<string>();
  for (const { Id, MetricStat, Expression } of queries) {
    if (!/^[a-z]\w*$/.test(Id) || ids.has(Id))
      throw new AwsError('ValidationError', `The value '${Id}' for Id is not valid or not the only one`);
    if ((MetricStat === undefined) === (Expression === undefined))
      throw new AwsError('ValidationError', `'${Id}' must have either MetricStat or Expression`);
    ids.add(Id);
  }
};

const periodOf = ({ MetricStat, Period }: MetricQuery): number | undefined => {
  const seconds = MetricStat?.Period ?? Period;
  return seconds === undefined ? undefined : Number(seconds) * 1000;
};

/** The period in which queries are answered together, in milliseconds: expressions take their metrics'. */
export const commonPeriod = (queries: readonly MetricQuery[]): number =>
  Math.max(60_000, ...queries.map((query) => periodOf(query) ?? 0));

/** Answers each query, expressions from what the others have. */
export const answerQueries = (
  store: MetricStore,
  queries: readonly MetricQuery[],
  range: { readonly start: number; readonly end: number },
): ReadonlyMap<string, Series> => {
  const answers = new Map<string, Series>();
  const common = commonPeriod(queries);
  const underway = new Set<string>();
  const answer = (id: string): Series | undefined => {
    const found = answers.get(id);
    if (found !== undefined) return found;
    const query = queries.find(({ Id }) => Id === id);
    if (query === undefined || underway.has(id)) return undefined;
    underway.add(id);
    const metric = metricOf(query);
    const periodMs = periodOf(query) ?? common;
    let series: Series;
    if (metric !== undefined && query.MetricStat !== undefined) {
      const { Stat, Unit } = query.MetricStat;
      const window = { ...range, periodMs, ...(Unit === undefined ? {} : { unit: Unit }) };
      series = store.series(metric, window, Stat);
    } else {
      const times: number[] = [];
      const first = range.start - (range.start % periodMs);
      for (let time = first; time < range.end; time += periodMs) times.push(time);
      series = computeExpression(query.Expression ?? '', times, answer);
    }
    answers.set(id, series);
    return series;
  };
  for (const { Id } of queries) answer(Id);
  return answers;
};

import { AwsError, type Cloud, type Table } from '../cloud.ts';

export interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

/** What a metric is known by. */
export interface MetricName {
  readonly namespace: string;
  readonly name: string;
  /** By name. */
  readonly dimensions: readonly Dimension[];
}

/** What was measured within one minute in one unit. */
interface Minute {
  /** Its start, milliseconds since the epoch. */
  readonly time: number;
  readonly unit: string;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Of the newest values, for percentiles. */
  readonly values: readonly number[];
}

interface MetricRecord extends MetricName {
  readonly minutes: readonly Minute[];
}

/** Some values at one time. */
export interface Measurement {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly unit: string;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly values: readonly number[];
}

/** What is asked of a metric. */
export interface Window {
  /** Milliseconds since the epoch; the end is not included. */
  readonly start: number;
  readonly end: number;
  readonly periodMs: number;
  readonly unit?: string;
}

/** By the start of each period that has data. */
export type Series = ReadonlyMap<number, number>;

const MINUTE_MS = 60_000;
/** Of each metric the newest are kept. */
const MINUTES_KEPT = 1500;
const VALUES_KEPT = 200;
/** A queue that has been empty for so long tells its depth no more. */
const EMPTY_TOLD_MS = 6 * 3_600_000;

export const metricKey = ({ namespace, name, dimensions }: MetricName): string =>
  JSON.stringify([namespace, name, ...dimensions.map(({ Name, Value }) => [Name, Value])]);

/** Dimensions in one order, whatever order they were given in. */
export const sortedDimensions = (dimensions: readonly Dimension[]): Dimension[] =>
  dimensions
    .map(({ Name, Value }) => ({ Name, Value }))
    .sort((a, b) => (a.Name < b.Name ? -1 : a.Name > b.Name ? 1 : 0));

/** The depth of a queue stays what it was until it changes: it is told once, not every minute. */
export const isHeld = ({ namespace }: Pick<MetricName, 'namespace'>): boolean => namespace === 'AWS/SQS';

const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share / 100) * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? 0;
  return below + ((sorted[Math.ceil(rank)] ?? below) - below) * (rank - Math.floor(rank));
};

const merged = (one: Measurement, other: Measurement): Measurement => ({
  ...one,
  count: one.count + other.count,
  sum: one.sum + other.sum,
  min: Math.min(one.min, other.min),
  max: Math.max(one.max, other.max),
  values: [...one.values, ...other.values].slice(-VALUES_KEPT),
});

/** One statistic of some values. Throws NotImplemented for one that the local cloud does not know. */
export const statisticOf = (measured: Measurement, statistic: string): number => {
  switch (statistic) {
    case 'SampleCount':
      return measured.count;
    case 'Sum':
      return measured.sum;
    case 'Average':
      return measured.sum / measured.count;
    case 'Minimum':
      return measured.min;
    case 'Maximum':
      return measured.max;
    default: {
      const share = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(statistic)?.[1];
      if (share !== undefined) return percentile(measured.values, Number(share));
      throw new AwsError('NotImplemented', `The local cloud knows no statistic ${statistic}`, 501);
    }
  }
};

/** The metrics of a cloud, by the minute, in a persisted table. */
export class MetricStore {
  readonly #metrics: Table<MetricRecord>;

  constructor(cloud: Pick<Cloud, 'table'>) {
    this.#metrics = cloud.table('cloudwatch-metrics');
  }

  all(): MetricName[] {
    return this.#metrics.values();
  }

  add(metric: MetricName, measured: Measurement): void {
    const key = metricKey(metric);
    const time = measured.time - (measured.time % MINUTE_MS);
    const minutes = [...(this.#metrics.get(key)?.minutes ?? [])];
    const at = minutes.findIndex((minute) => minute.time === time && minute.unit === measured.unit);
    const there = minutes[at];
    const now = { ...measured, time };
    if (there === undefined) minutes.push(now);
    else minutes[at] = merged(there, now);
    minutes.sort((a, b) => a.time - b.time);
    this.#metrics.set(key, { ...metric, minutes: minutes.slice(-MINUTES_KEPT) });
  }

  /** What was measured in each period that has data, by its start. */
  measured(metric: MetricName, window: Window): Map<number, Measurement> {
    const { start, end, periodMs, unit } = window;
    const minutes = (this.#metrics.get(metricKey(metric))?.minutes ?? []).filter(
      (minute) => unit === undefined || minute.unit === unit,
    );
    const periods = new Map<number, Measurement>();
    const add = (time: number, minute: Measurement): void => {
      const period = time - (time % periodMs);
      const there = periods.get(period);
      periods.set(period, there === undefined ? { ...minute, time: period } : merged(there, minute));
    };
    for (const minute of minutes) if (minute.time >= start && minute.time < end) add(minute.time, minute);
    if (!isHeld(metric)) return periods;
    const firstPeriod = start - (start % periodMs);
    for (let time = firstPeriod; time < end; time += periodMs) {
      const last = minutes.findLast((minute) => minute.time < Math.max(time, start));
      const value = last?.values.at(-1);
      if (last === undefined || value === undefined) continue;
      if (value === 0 && time - last.time >= EMPTY_TOLD_MS) continue;
      add(time, { time, unit: last.unit, count: 1, sum: value, min: value, max: value, values: [value] });
    }
    return periods;
  }

  series(metric: MetricName, window: Window, statistic: string): Series {
    return new Map(
      [...this.measured(metric, window)].map(([time, measured]) => [time, statisticOf(measured, statistic)]),
    );
  }
}

import type { Cloud, Table } from '../cloud.ts';
import type { MetricQuery } from './metric-queries.ts';
import type { Dimension } from './metric-store.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** An alarm as PutMetricAlarm got it, its numbers as numbers. */
export interface AlarmSettings {
  readonly ActionsEnabled?: boolean;
  readonly AlarmActions?: readonly string[];
  readonly AlarmDescription?: string;
  readonly ComparisonOperator: string;
  readonly DatapointsToAlarm?: number;
  readonly Dimensions?: readonly Dimension[];
  readonly EvaluationPeriods: number;
  readonly ExtendedStatistic?: string;
  readonly InsufficientDataActions?: readonly string[];
  readonly MetricName?: string;
  readonly Metrics?: readonly MetricQuery[];
  readonly Namespace?: string;
  readonly OKActions?: readonly string[];
  readonly Period?: number;
  readonly Statistic?: string;
  readonly Threshold: number;
  readonly TreatMissingData?: string;
  readonly Unit?: string;
}

export interface AlarmRecord {
  readonly name: string;
  readonly settings: AlarmSettings;
  readonly configured: number;
  readonly state: AlarmState;
  readonly reason: string;
  /** When the state was last looked at with another reason, and when it last changed. */
  readonly updated: number;
  readonly transitioned: number;
}

export interface HistoryItem {
  readonly alarm: string;
  readonly time: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
}

/** Of all alarms together. */
const HISTORY_KEPT = 500;

/** The alarms of a cloud and their history, in persisted tables. */
export class AlarmStore {
  readonly #cloud: Cloud;
  readonly #alarms: Table<AlarmRecord>;
  readonly #history: Table<readonly HistoryItem[]>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#alarms = cloud.table('cloudwatch-alarm-records');
    this.#history = cloud.table('cloudwatch-alarm-history');
  }

  arnOf(name: string): string {
    return `arn:aws:cloudwatch:${this.#cloud.region}:${this.#cloud.accountId}:alarm:${name}`;
  }

  all(): AlarmRecord[] {
    return this.#alarms.values();
  }

  get(name: string): AlarmRecord | undefined {
    return this.#alarms.get(name);
  }

  set(alarm: AlarmRecord): void {
    this.#alarms.set(alarm.name, alarm);
  }

  delete(name: string): void {
    this.#alarms.delete(name);
  }

  tell(alarm: string, type: HistoryItem['type'], summary: string): void {
    const item = { alarm, time: this.#cloud.clock.now(), type, summary };
    this.#history.set('items', [...this.history(), item].slice(-HISTORY_KEPT));
  }

  /** Oldest first. */
  history(): readonly HistoryItem[] {
    return this.#history.get('items') ?? [];
  }
}

/** The queries of an alarm, an ordinary one's as well, and the id of the one that it watches. */
export const alarmQueries = (
  settings: AlarmSettings,
): { queries: readonly MetricQuery[]; watched: string } => {
  const { Metrics, MetricName = '', Namespace = '', Dimensions = [], Period = 60, Unit } = settings;
  if (Metrics !== undefined) {
    const watched = Metrics.find(({ ReturnData }) => String(ReturnData ?? true) === 'true');
    return { queries: Metrics, watched: watched?.Id ?? '' };
  }
  const { Statistic, ExtendedStatistic } = settings;
  const MetricStat = {
    Metric: { Namespace, MetricName, Dimensions },
    Period,
    Stat: Statistic ?? ExtendedStatistic ?? 'Average',
    ...(Unit === undefined ? {} : { Unit }),
  };
  return { queries: [{ Id: 'm1', MetricStat }], watched: 'm1' };
};

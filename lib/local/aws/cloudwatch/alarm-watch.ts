import { type Cloud, serviceCaller } from '../cloud.ts';
import { alarmNotice, alarmSubject } from './alarm-notice.ts';
import { type AlarmRecord, type AlarmState, type AlarmStore, alarmQueries } from './alarm-store.ts';
import { type Datapoint, evaluateAlarm, evaluationRange } from './evaluate-alarm.ts';
import { answerQueries, commonPeriod, metricOf } from './metric-queries.ts';
import { isHeld, type MetricName, type MetricStore, metricKey } from './metric-store.ts';

const MINUTE_MS = 60_000;

const boundaryAfter = (time: number, step: number): number => time - (time % step) + step;

/** Which actions a state has. */
const actionsOf = ({ settings }: AlarmRecord, state: AlarmState): readonly string[] => {
  const { OKActions, AlarmActions, InsufficientDataActions } = settings;
  const lists = { OK: OKActions, ALARM: AlarmActions, INSUFFICIENT_DATA: InsufficientDataActions };
  return lists[state] ?? [];
};

/**
 * Looks at the alarms when the cloud's clock comes to it: on the minute after data came, and at the end of each period as
 * long as there is data to grow old. An alarm at rest costs an advance of the clock nothing.
 */
export class AlarmWatch {
  readonly #cloud: Cloud;
  readonly #alarms: AlarmStore;
  readonly #metrics: MetricStore;
  readonly #due = new Map<string, { readonly at: number; readonly cancel: () => void }>();

  constructor(cloud: Cloud, alarms: AlarmStore, metrics: MetricStore) {
    this.#cloud = cloud;
    this.#alarms = alarms;
    this.#metrics = metrics;
  }

  start(): void {
    for (const { name } of this.#alarms.all()) this.look(name);
  }

  stop(): void {
    for (const name of [...this.#due.keys()]) this.forget(name);
  }

  forget(name: string): void {
    this.#due.get(name)?.cancel();
    this.#due.delete(name);
  }

  /** On the next minute, or at `at` if that is earlier than what is planned. */
  look(name: string, at = boundaryAfter(this.#cloud.clock.now(), MINUTE_MS)): void {
    const planned = this.#due.get(name);
    if (planned !== undefined && planned.at <= at) return;
    planned?.cancel();
    const cancel = this.#cloud.clock.at(at, () => {
      this.#due.delete(name);
      return this.#evaluate(name);
    });
    this.#due.set(name, { at, cancel });
  }

  /** These metrics have got data. */
  added(metrics: readonly MetricName[]): void {
    const keys = new Set(metrics.map(metricKey));
    for (const { name, settings } of this.#alarms.all()) {
      const watched = alarmQueries(settings).queries.map(metricOf);
      if (watched.some((metric) => metric !== undefined && keys.has(metricKey(metric)))) this.look(name);
    }
  }

  /** Gives an alarm a state, and acts on it if it is another than before. */
  async transit(alarm: AlarmRecord, state: AlarmState, reason: string): Promise<void> {
    const now = this.#cloud.clock.now();
    const changed = alarm.state !== state;
    if (!changed && alarm.reason === reason) return;
    const after: AlarmRecord = {
      ...alarm,
      state,
      reason,
      updated: now,
      transitioned: changed ? now : alarm.transitioned,
    };
    this.#alarms.set(after);
    if (!changed) return;
    this.#alarms.tell(alarm.name, 'StateUpdate', `Alarm updated from ${alarm.state} to ${state}`);
    this.#cloud.log('alarm', { alarm: alarm.name, from: alarm.state, to: state });
    if (alarm.settings.ActionsEnabled === false) return;
    for (const action of actionsOf(after, state)) await this.#act(after, alarm.state, action);
  }

  async #act(alarm: AlarmRecord, from: AlarmState, TopicArn: string): Promise<void> {
    const arn = this.#alarms.arnOf(alarm.name);
    const input = {
      TopicArn,
      Subject: alarmSubject(alarm),
      Message: JSON.stringify(alarmNotice(this.#cloud, alarm, arn, from)),
    };
    try {
      await this.#cloud.call('sns', 'Publish', input, serviceCaller('cloudwatch.amazonaws.com', arn));
      this.#alarms.tell(alarm.name, 'Action', `Successfully executed action ${TopicArn}`);
    } catch (error) {
      const { message } = error as Error;
      this.#alarms.tell(
        alarm.name,
        'Action',
        `Failed to execute action ${TopicArn}. Received error: "${message}"`,
      );
    }
  }

  /** The values of the periods that an alarm looks at, newest first. */
  #datapoints({ settings }: AlarmRecord, periodMs: number): Datapoint[] {
    const now = this.#cloud.clock.now();
    const { queries, watched } = alarmQueries(settings);
    const current = now - (now % periodMs);
    const range = evaluationRange(settings);
    const start = current - range * periodMs;
    const series = answerQueries(this.#metrics, queries, { start, end: now + 1 }).get(watched);
    const point = (time: number): Datapoint => ({ time, value: series?.get(time) });
    // the period that has begun counts once it has data
    const first = series?.has(current) ? current : current - periodMs;
    return Array.from({ length: range }, (_, index) => point(first - index * periodMs));
  }

  async #evaluate(name: string): Promise<void> {
    const alarm = this.#alarms.get(name);
    if (alarm === undefined) return;
    const { queries } = alarmQueries(alarm.settings);
    const periodMs = commonPeriod(queries);
    const points = this.#datapoints(alarm, periodMs);
    const { state, reason } = evaluateAlarm(alarm.settings, alarm, points);
    await this.transit(alarm, state, reason);
    const metrics = queries.map(metricOf).filter((metric) => metric !== undefined);
    const values = new Set(points.map(({ value }) => value));
    const atRest = values.size === 1 && (values.has(undefined) || metrics.every(isHeld));
    if (!atRest) this.look(name, boundaryAfter(this.#cloud.clock.now(), periodMs));
  }
}

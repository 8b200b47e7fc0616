import { AwsError } from '../cloud.ts';

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** When a schedule fires: once, or again and again from its start on. */
export type ScheduleExpression =
  | { readonly kind: 'at'; readonly time: number }
  | { readonly kind: 'rate'; readonly intervalMs: number };

const invalid = (text: string): AwsError =>
  new AwsError('ValidationException', `Invalid Schedule Expression ${text}.`);

/**
 * Reads `at(yyyy-mm-ddThh:mm:ss)` in UTC and `rate(N minutes|hours|days)`.
 *
 * Throws ValidationException, and NotImplemented for cron().
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function parseScheduleExpression(text: string): ScheduleExpression {
  if (text.startsWith('cron(')) {
    throw new AwsError('NotImplemented', 'The local cloud does not implement cron() schedules', 501);
  }
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(text)?.[1];
  if (at !== undefined) {
    const time = Date.parse(`${at}Z`);
    if (Number.isNaN(time)) throw invalid(text);
    return { kind: 'at', time };
  }
  const [, count = '', unit = '', plural] = /^rate\((\d+) (minute|hour|day)(s?)\)$/.exec(text) ?? [];
  const intervalMs = Number(count) * (UNITS[unit] ?? 0);
  // one takes the singular, as with the real service
  if (intervalMs === 0 || (Number(count) === 1) === (plural === 's')) throw invalid(text);
  return { kind: 'rate', intervalMs };
}

/** What decides when a schedule fires next, in milliseconds since the epoch. */
export interface Timing {
  readonly expression: string;
  readonly startDate?: number;
  readonly endDate?: number;
  /** A rate without a start date counts from here. */
  readonly created: number;
  /** The last due time that it fired for. */
  readonly lastFired?: number;
}

/**
 * The due time to fire for next; undefined when there is none any more. It may be past: a due time that was missed is
 * made up for, though of several missed ones only the last.
 */
export function nextDue(timing: Timing, now: number): number | undefined {
  const expression = parseScheduleExpression(timing.expression);
  const { endDate = Infinity, lastFired = -Infinity } = timing;
  if (expression.kind === 'at') return lastFired < expression.time ? expression.time : undefined;
  const { intervalMs } = expression;
  const base = timing.startDate ?? timing.created;
  const onGrid = (time: number): number =>
    base + Math.max(0, Math.floor((time - base) / intervalMs)) * intervalMs;
  // a start date in the past counts, what was due before the schedule was made does not
  const first = base >= timing.created ? base : onGrid(timing.created) + intervalMs;
  const after = lastFired < first ? first : onGrid(lastFired) + intervalMs;
  const due = Math.max(after, onGrid(Math.min(now, endDate)));
  return due <= endDate ? due : undefined;
}

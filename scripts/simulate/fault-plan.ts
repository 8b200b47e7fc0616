import { createRandom } from './random.ts';

/** What goes wrong, and when. All times are milliseconds since the epoch. */
export interface FaultPlan {
  /** GitHub answers nobody. */
  readonly gitHubIsDown: (now: number) => boolean;
  /** Share of the requests to GitHub that fail. */
  readonly failingShare: number;
  /** What every limit of GitHub, SSM and KMS is multiplied by. */
  readonly limits: (now: number) => number;
  /** How far the function's clock is ahead, in milliseconds. */
  readonly clockAheadMs: number;
  /** How many times the App's key was exchanged until then; the old one is deleted on GitHub at that moment. */
  readonly keyNumber: (now: number) => number;
  /** No warm function is left, and a start takes long. */
  readonly regionIsCold: (now: number) => boolean;
}

export const PLAN_NAMES = [
  'none',
  'github-down-10m',
  'github-down-14m',
  'flaky-30',
  'throttled-tenth',
  'clock-ahead-90s',
  'key-rotated',
  'cold-region',
  'all',
] as const;

/** Also of other lengths than the two that are listed. */
export type PlanName = (typeof PLAN_NAMES)[number] | `github-down-${number}m`;

const downMinutes = (name: string): number | undefined => {
  const [, minutes] = /^github-down-(\d{1,3})m$/.exec(name) ?? [];
  return minutes === undefined ? undefined : Number(minutes);
};

/** A plan by its name, or nothing. */
export const planNamed = (name: string): PlanName | undefined =>
  (PLAN_NAMES as readonly string[]).includes(name) || downMinutes(name) !== undefined
    ? (name as PlanName)
    : undefined;

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Not before the fleet is there. */
const QUIET_MS = 3 * 60 * MINUTE;
const SETTLE_MS = 2 * 60 * MINUTE;

const SAYS: Readonly<Record<string, string>> = {
  none: 'nothing goes wrong',
  'flaky-30': '30 % of all requests to GitHub fail, all the time',
  'throttled-tenth': 'every limit of GitHub, SSM and KMS is a tenth for 14 minutes of each day',
  'clock-ahead-90s': "the function's clock is 90 s ahead, all the time",
  'key-rotated': "the App's key is exchanged each day, and the old one deleted on GitHub in that moment",
  'cold-region': 'for 14 minutes of each day no function is warm, and a start takes 8 s',
  all: 'all of these, GitHub down for 10 minutes of each day',
};

/** What a plan does, in words. */
export const planSays = (name: PlanName): string =>
  SAYS[name] ?? `GitHub answers nobody for ${downMinutes(name)} minutes of each day`;

type Windows = (now: number) => boolean;

const never: Windows = () => false;

export interface FaultPlanOptions {
  readonly start: number;
  readonly days: number;
  readonly seed: number;
}

/** One random time in each day, early enough for what it does to the fleet to be over before the end. */
const dailyTimes = ({ start, days, seed }: FaultPlanOptions, name: string): readonly number[] => {
  const random = createRandom(seed, `fault ${name}`);
  return Array.from({ length: Math.ceil(days) }, (_, day) => {
    const from = start + day * DAY + (day === 0 ? QUIET_MS : 0);
    const until = start + Math.min(days, day + 1) * DAY - SETTLE_MS;
    return from + random() * Math.max(0, until - from);
  });
};

/** A window of so many minutes in each day. */
const daily = (options: FaultPlanOptions, minutes: number, name: string): Windows => {
  const begins = dailyTimes(options, name);
  const { start } = options;
  return (now) => {
    const begin = begins[Math.min(begins.length - 1, Math.floor((now - start) / DAY))];
    return begin !== undefined && now >= begin && now < begin + minutes * MINUTE;
  };
};

/** The faults of a plan, the same for a whole fleet. */
export const faultPlan = (name: PlanName, options: FaultPlanOptions): FaultPlan => {
  const has = (one: PlanName): boolean => name === one || name === 'all';
  const down = name === 'all' ? 10 : downMinutes(name);
  const throttled = has('throttled-tenth') ? daily(options, 14, 'throttled') : never;
  const rotations = has('key-rotated') ? dailyTimes(options, 'rotated') : [];
  return {
    gitHubIsDown: down === undefined ? never : daily(options, down, 'down'),
    failingShare: has('flaky-30') ? 0.3 : 0,
    limits: throttled === never ? () => 1 : (now) => (throttled(now) ? 0.1 : 1),
    clockAheadMs: has('clock-ahead-90s') ? 90_000 : 0,
    keyNumber: rotations.length === 0 ? () => 0 : (now) => rotations.filter((time) => time <= now).length,
    regionIsCold: has('cold-region') ? daily(options, 14, 'cold') : never,
  };
};

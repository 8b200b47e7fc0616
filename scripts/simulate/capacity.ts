import type { FleetReport } from './fleet.ts';
import type { MeterReport } from './meter.ts';
import { QUOTAS, type Quota, type QuotaName } from './quotas.ts';

export interface Use {
  readonly name: QuotaName;
  readonly quota: Quota;
  /** The most that one App, installation, or account and region asked for. */
  readonly peak: number;
  /** Of the quota. */
  readonly share: number;
  /** How often it said no. */
  readonly refused: number;
  /** How many sandboxes one of it is enough for: on average, with 30 % of a rate kept back. */
  readonly sandboxes: number;
}

const TWO_SCHEDULES = 2;
const DAY_SECONDS = 86_400;
/** What of a limit is used when all goes evenly; the rest is for what does not. */
const EVENLY = 0.7;
/** Of a request to GitHub. */
const ANSWER_SECONDS = 0.18;

/** Seconds of the interval that a limit is for; one that is for what there is at once has none. */
const INTERVALS: Readonly<Record<string, number>> = { 'a second': 1, 'a minute': 60, 'an hour': 3_600 };

/** How much of each quota a fleet used; first the one that is enough for the fewest sandboxes, and so binds first. */
export const usesOf = ({ total, options, cells }: FleetReport): readonly Use[] => {
  const inCell = Math.max(...cells.map(({ sandboxes }) => sandboxes));
  const { gitHub, ssm, signatures, lambda, scheduler } = total;
  const seconds = options.days * DAY_SECONDS;
  const count = (peak: number): MeterReport => ({ limit: 0, asked: 0, refused: 0, peak });
  const measured: Readonly<Record<QuotaName, MeterReport>> = {
    gitHubPrimary: gitHub.primary,
    gitHubMints: gitHub.mintRate,
    gitHubConcurrent: gitHub.concurrent,
    ssmRequests: ssm.requests,
    ssmParameters: count(ssm.parameters),
    kmsSymmetric: ssm.encryptions,
    kmsSign: signatures,
    kmsKeys: count(inCell),
    schedulerInvocations: scheduler,
    schedules: count(TWO_SCHEDULES * inCell),
    lambdaConcurrency: lambda.concurrency,
    stacks: count(inCell),
    roles: count(inCell),
  };
  /** What each sandbox takes of it on average, in an interval. */
  const each = (name: QuotaName, quota: Quota): number => {
    const { asked, peak } = measured[name];
    if (name === 'lambdaConcurrency') return lambda.seconds / seconds / options.sandboxes;
    if (name === 'gitHubConcurrent') return (asked * ANSWER_SECONDS) / seconds / options.sandboxes;
    const interval = INTERVALS[quota.unit];
    if (interval === undefined) return peak / inCell;
    const reads = name === 'ssmRequests' || name === 'kmsSymmetric' ? options.readsPerHour / 3_600 : 0;
    return (asked / seconds / options.sandboxes + reads) * interval;
  };
  return (Object.keys(QUOTAS) as QuotaName[])
    .map((name) => {
      const quota: Quota = QUOTAS[name];
      const { peak, refused } = measured[name];
      const usable = quota.unit === '' ? quota.value : EVENLY * quota.value;
      return {
        name,
        quota,
        peak,
        share: peak / quota.value,
        refused,
        sandboxes: Math.floor(usable / each(name, quota)),
      };
    })
    .sort((one, other) => one.sandboxes - other.sandboxes);
};

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
  /** How many sandboxes one of it is for at this rate. */
  readonly sandboxes: number;
}

const TWO_SCHEDULES = 2;

/** How much of each quota a fleet used, most first: the first is the one that binds first. */
export const usesOf = ({ total, options, cells }: FleetReport): readonly Use[] => {
  const inCell = Math.max(...cells.map(({ sandboxes }) => sandboxes));
  const atInstallation = Math.max(...cells.map(({ sandboxes, installations }) => sandboxes / installations));
  const { gitHub, ssm, signatures, lambda, scheduler } = total;
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
  return (Object.keys(QUOTAS) as QuotaName[])
    .map((name) => {
      const quota: Quota = QUOTAS[name];
      const { peak, refused } = measured[name];
      const share = peak / quota.value;
      const perInstallation =
        quota.per === 'installation' && !(name === 'gitHubMints' && options.mintLimit === 'app');
      const sandboxes = Math.floor((perInstallation ? atInstallation : inCell) / share);
      return { name, quota, peak, share, refused, sandboxes };
    })
    .sort((one, other) => one.sandboxes - other.sandboxes);
};

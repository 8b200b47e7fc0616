import type { FleetReport } from './fleet.ts';

/** List prices in us-east-1, without free tiers, as read in November 2026. */
const PRICES = {
  /** https://aws.amazon.com/kms/pricing/ */
  kmsKeyMonth: 1,
  kmsRequest: 0.03 / 10_000,
  /** https://aws.amazon.com/eventbridge/pricing/ */
  schedulerInvocation: 1 / 1e6,
  /** https://aws.amazon.com/lambda/pricing/, ARM */
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.000_013_333_4,
  /** https://aws.amazon.com/sqs/pricing/ */
  sqsRequest: 0.4 / 1e6,
  /** https://aws.amazon.com/cloudwatch/pricing/ */
  logGb: 0.5,
} as const;

/** As lib/stacks/refresher.ts sets it. */
const MEMORY_GB = 0.25;
/** Platform, START, END and REPORT, the refresh's own line and its metrics. */
const LOG_BYTES = 1_600;
const HOURS_A_MONTH = 730;

export interface Dollars {
  readonly keys: number;
  readonly kmsRequests: number;
  readonly scheduler: number;
  readonly lambda: number;
  readonly queue: number;
  readonly logs: number;
  readonly total: number;
}

/** What a fleet costs in a month that goes on as the simulated days went. */
export const dollarsAMonth = (
  { total, options }: FleetReport,
  encryption: 'per-sandbox' | 'shared',
): Dollars => {
  const months = (options.days * 24) / HOURS_A_MONTH;
  const { lambda, ssm, signatures, scheduler, queue } = total;
  const cells = Math.ceil(options.sandboxes / options.sandboxesPerCell);
  const keys = (encryption === 'shared' ? 2 * cells : options.sandboxes + 2 * cells) * PRICES.kmsKeyMonth;
  const reads = (options.sandboxes * options.readsPerHour * options.days * 24) / months;
  const rest = {
    kmsRequests: ((ssm.encryptions.asked + signatures.asked) / months + reads) * PRICES.kmsRequest,
    scheduler: (scheduler.asked / months) * PRICES.schedulerInvocation,
    lambda:
      (lambda.invocations * PRICES.lambdaRequest + lambda.seconds * MEMORY_GB * PRICES.lambdaGbSecond) /
      months,
    queue: ((queue.messages + 3 * queue.receives) / months) * PRICES.sqsRequest,
    logs: ((lambda.invocations * LOG_BYTES) / 1e9 / months) * PRICES.logGb,
  };
  return { keys, ...rest, total: keys + Object.values(rest).reduce((sum, value) => sum + value, 0) };
};

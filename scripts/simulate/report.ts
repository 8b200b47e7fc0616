import { usesOf } from './capacity.ts';
import { dollarsAMonth } from './dollars.ts';
import type { FleetReport } from './fleet.ts';

export type Row = readonly [what: string, ...values: readonly string[]];

/** A number as people read it: 1,234,567; below ten with a digit or two behind the point. */
export const figure = (value: number): string => {
  if (value === 0) return '0';
  const digits = Math.abs(value) < 1 ? 3 : Math.abs(value) < 10 ? 2 : 0;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
};

const share = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;

/** The figures of a run, one row each. */
export const rowsOf = (report: FleetReport): readonly Row[] => {
  const { total, options } = report;
  const { sandboxes, gitHub, ssm, lambda, queue } = total;
  const throttles = gitHub.rateLimited + ssm.throttled + lambda.concurrency.refused + total.scheduler.refused;
  const shared = dollarsAMonth(report, 'shared');
  const own = dollarsAMonth(report, 'per-sandbox');
  const [binds] = usesOf(report);
  return [
    ['sandbox-minutes without a valid token', figure(sandboxes.minutesLost)],
    ['sandboxes that were hit', `${figure(sandboxes.hit)} of ${figure(sandboxes.created)}`],
    ['least time left of a token when the next came', `${figure(sandboxes.closestMinutes)} min`],
    ['mints', figure(gitHub.mints)],
    ['requests to GitHub', `${figure(gitHub.requests)}, of which ${figure(gitHub.failed)} failed`],
    ['calls of Parameter Store', figure(ssm.calls)],
    [
      'throttles',
      `${figure(throttles)} (GitHub ${figure(gitHub.rateLimited)}, SSM ${figure(ssm.throttled)})`,
    ],
    ['invocations', `${figure(lambda.invocations)}, of which ${figure(lambda.failures)} failed`],
    ['most invocations at once on one platform', figure(lambda.concurrency.peak)],
    ['retries, dead letters', `${figure(queue.receives)}, ${figure(queue.deadLetters)}`],
    [
      'dollars a month and sandbox, per-sandbox keys / shared key',
      `${(own.total / options.sandboxes).toFixed(4)} / ${(shared.total / options.sandboxes).toFixed(4)}`,
    ],
    [
      'binds first',
      binds ? `${binds.quota.what}: one ${binds.quota.per} for ${figure(binds.sandboxes)} sandboxes` : '',
    ],
  ];
};

/** How much of each quota was used, the one that binds first at the top. */
export const quotaRows = (report: FleetReport): readonly Row[] =>
  usesOf(report).map(({ quota, peak, share: used, refused, sandboxes }) => [
    quota.what,
    `${figure(quota.value)} ${quota.unit}`.trim(),
    quota.per,
    figure(peak),
    share(used),
    figure(refused),
    figure(sandboxes),
  ]);

/** A table in Markdown, which reads well on a terminal too. */
export const table = (head: Row, rows: readonly Row[]): string => {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)));
  const line = (row: Row): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join(
    '\n',
  );
};

export const QUOTA_HEAD: Row = [
  'quota',
  'limit',
  'of each',
  'peak',
  'used',
  'refused',
  'enough for sandboxes',
];

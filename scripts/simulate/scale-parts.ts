import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chart, type Line } from './chart.ts';
import { dollarsAMonth } from './dollars.ts';
import { PLAN_NAMES, type PlanName, planSays } from './fault-plan.ts';
import { type FleetOptions, type FleetReport, simulateFleet } from './fleet.ts';
import { QUOTAS } from './quotas.ts';
import { figure, QUOTA_HEAD, quotaRows, type Row, rowsOf, table } from './report.ts';

const docs = resolve(import.meta.dirname, '../../docs');
const OWN = '#b3261e';
const KM = '#1a6b3c';
const OTHER = '#1f4e9c';

export type Tell = (line: string) => void;

const run = async (options: FleetOptions, tell: Tell): Promise<FleetReport> => {
  const report = await simulateFleet(options);
  const { minutesLost } = report.total.sandboxes;
  tell(
    `${options.plan}${options.retries ? '' : ' (plain)'}: ${options.sandboxes} sandboxes, ${options.days} days: ${figure(minutesLost)} min lost; ${report.wallSeconds.toFixed(1)} s`,
  );
  return report;
};

/** Every plan, and the same for a plain schedule. */
const underFaults = async (options: FleetOptions, tell: Tell): Promise<string> => {
  const rows: Row[] = [];
  for (const plan of PLAN_NAMES) {
    const { total } = await run({ ...options, plan }, tell);
    const plain = await run({ ...options, plan, retries: false }, tell);
    const { sandboxes, queue, gitHub, ssm, lambda } = total;
    rows.push([
      `\`${plan}\``,
      planSays(plan),
      figure(sandboxes.minutesLost),
      figure(sandboxes.closestMinutes),
      figure(queue.receives),
      figure(queue.deadLetters),
      figure(gitHub.rateLimited + ssm.throttled),
      figure(lambda.concurrency.peak),
      figure(plain.total.sandboxes.minutesLost),
    ]);
  }
  const head: Row = [
    'plan',
    'what happens',
    'minutes lost',
    'least left, min',
    'retries',
    'dead letters',
    'throttles',
    'at once',
    'minutes lost by a plain schedule',
  ];
  return table(head, rows);
};

const OUTAGES = [4, 8, 10, 11, 12, 13, 14, 15] as const;
const SMALL = { sandboxes: 1_000, days: 1 } as const;

/** How long GitHub may be away: with fewer attempts and a longer period, and as it is set. */
const byOutage = async (options: FleetOptions, tell: Tell): Promise<string> => {
  const variants = [
    { name: 'a plain schedule', color: OWN, retries: false },
    { name: '45 min, 7 attempts', color: OTHER, maxReceives: 7, periodMinutes: 45 },
    { name: '45 min, 14 attempts', color: '#8a6d00', maxReceives: 14, periodMinutes: 45 },
    { name: 'km: 40 min, 14 attempts', color: KM },
  ];
  const lines: Line[] = [];
  for (const { name, color, ...change } of variants) {
    const points: [number, number][] = [];
    for (const minutes of OUTAGES) {
      const plan: PlanName = `github-down-${minutes}m`;
      const { total } = await run({ ...options, ...SMALL, ...change, plan }, tell);
      points.push([minutes, total.sandboxes.minutesLost]);
    }
    lines.push({ name, color, points });
  }
  await writeFile(
    join(docs, 'scale-outage.svg'),
    chart({
      title: `Sandbox-minutes lost of ${SMALL.sandboxes.toLocaleString('en-US')} sandboxes, by how long GitHub is away`,
      x: 'minutes that GitHub is away',
      y: 'sandbox-minutes without a valid token',
      lines,
    }),
  );
  return table(
    ['GitHub away, min', ...lines.map(({ name }) => name)],
    OUTAGES.map(
      (minutes, index): Row => [
        String(minutes),
        ...lines.map(({ points }) => figure(points[index]?.[1] ?? 0)),
      ],
    ),
  );
};

/** Of the given fleet. */
const SIZES = [0.1, 1, 10] as const;

/** What grows with the fleet, and how. */
const bySize = async (options: FleetOptions, tell: Tell): Promise<string> => {
  const rows: Row[] = [];
  const own: [number, number][] = [];
  const shared: [number, number][] = [];
  for (const size of SIZES) {
    const sandboxes = Math.round(size * options.sandboxes);
    const report = await run({ ...options, sandboxes, days: 1, plan: 'none' }, tell);
    const { total, cells, wallSeconds, cpuSeconds } = report;
    const dollars = [
      dollarsAMonth(report, 'per-sandbox').total,
      dollarsAMonth(report, 'shared').total,
    ] as const;
    own.push([sandboxes, dollars[0]]);
    shared.push([sandboxes, dollars[1]]);
    rows.push([
      figure(sandboxes),
      String(cells.length),
      figure(total.gitHub.mints),
      figure(total.gitHub.requests),
      figure(total.ssm.calls),
      figure(total.sandboxes.minutesLost),
      ...dollars.map((value) => `$${figure(value)}`),
      `${wallSeconds.toFixed(0)} s, ${cpuSeconds.toFixed(0)} s of CPU`,
    ]);
  }
  await writeFile(
    join(docs, 'scale-cost.svg'),
    chart({
      title: 'Dollars a month by the number of sandboxes',
      x: 'sandboxes',
      y: 'dollars a month',
      logarithmic: true,
      lines: [
        { name: 'encryption: per-sandbox', color: OWN, points: own },
        { name: 'encryption: shared', color: KM, points: shared },
      ],
    }),
  );
  return table(
    [
      'sandboxes',
      'platforms',
      'mints a day',
      'requests to GitHub',
      'calls of SSM',
      'minutes lost',
      'a month, per-sandbox',
      'a month, shared',
      'simulated in',
    ],
    rows,
  );
};

/** All of a fleet in one region, under one App, on one account of GitHub. */
const inOnePlace = async (options: FleetOptions, tell: Tell): Promise<string> => {
  const rows: Row[] = [];
  for (const sandboxes of [1_000, 2_500, 4_000]) {
    const one = {
      sandboxes,
      days: 1 / 3,
      plan: 'none',
      sandboxesPerCell: sandboxes,
      sandboxesPerInstallation: sandboxes,
    };
    const { total } = await run({ ...options, ...one, plan: 'none' }, tell);
    rows.push([
      figure(sandboxes),
      figure(total.sandboxes.minutesLost),
      figure(total.gitHub.primary.refused),
      figure(total.gitHub.mintRate.refused),
      figure(total.ssm.throttled),
      figure(total.queue.receives),
      figure(total.queue.deadLetters),
    ]);
  }
  return table(
    [
      'sandboxes',
      'minutes lost in eight hours',
      'over the hourly limit',
      'over the mints a minute',
      'SSM throttles',
      'retries',
      'dead letters',
    ],
    rows,
  );
};

/** A fleet that is created within five minutes, by how its first refreshes are spread. */
const createdAtOnce = async (options: FleetOptions, tell: Tell): Promise<string> => {
  const rows: Row[] = [];
  for (const sandboxesPerInstallation of [1_250, 2_500]) {
    for (const spreadMinutes of [5, undefined]) {
      const { total } = await run(
        {
          ...options,
          sandboxes: 2_500,
          days: 1 / 3,
          plan: 'none',
          sandboxesPerInstallation,
          createdWithinMinutes: 5,
          ...(spreadMinutes === undefined ? {} : { spreadMinutes }),
        },
        tell,
      );
      rows.push([
        figure(sandboxesPerInstallation),
        spreadMinutes === undefined ? '35 min, as it is' : `${spreadMinutes} min`,
        figure(total.gitHub.mintRate.peak),
        figure(total.gitHub.rateLimited),
        figure(total.ssm.throttled),
        figure(total.queue.receives),
        figure(total.sandboxes.minutesLost),
      ]);
    }
  }
  return table(
    [
      'sandboxes an installation',
      'first refreshes spread over',
      'most mints a minute',
      'GitHub limits',
      'SSM throttles',
      'retries',
      'minutes lost',
    ],
    rows,
  );
};

const quotaTable = (): string =>
  table(
    ['quota', 'limit', 'of each', 'can be raised'],
    Object.values(QUOTAS).map(
      ({ what, value, unit, per, adjustable, source }): Row => [
        `[${what}](${source})`,
        `${figure(value)} ${unit}`.trim(),
        per,
        adjustable ? 'yes' : 'no',
      ],
    ),
  );

/** Makes a part of docs/scale.md, and its chart. */
export type Part = (options: FleetOptions, tell: Tell) => Promise<string>;

/** The parts of docs/scale.md, by the mark that they stand under. */
export const PARTS = {
  quotas: async () => quotaTable(),
  whole: async (options, tell) => {
    const report = await run({ ...options, plan: 'none', days: 1 }, tell);
    return `${table(['', 'a day without faults'], rowsOf(report))}\n\n${table(QUOTA_HEAD, quotaRows(report))}`;
  },
  faults: underFaults,
  outages: byOutage,
  sizes: bySize,
  place: inOnePlace,
  burst: createdAtOnce,
} as const satisfies Record<string, Part>;

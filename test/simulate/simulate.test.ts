import { describe, expect, test } from 'vitest';
import { addReports } from '../../scripts/simulate/add-reports.ts';
import { usesOf } from '../../scripts/simulate/capacity.ts';
import { type CellOptions, simulateCell } from '../../scripts/simulate/cell.ts';
import { chart } from '../../scripts/simulate/chart.ts';
import { dollarsAMonth } from '../../scripts/simulate/dollars.ts';
import { cellsOf, type FleetOptions } from '../../scripts/simulate/fleet.ts';
import { figure, rowsOf, table } from '../../scripts/simulate/report.ts';
import { between } from '../../scripts/simulate/write-scale.ts';

const CELL: CellOptions = {
  name: 'test',
  sandboxes: 40,
  installations: 2,
  days: 0.35,
  plan: 'none',
  seed: 3,
  retries: true,
  mintLimit: 'installation',
  createdWithinMinutes: 40,
  periodMinutes: 40,
  maxReceives: 14,
  readsPerHour: 4,
};

const FLEET: FleetOptions = { ...CELL, sandboxesPerCell: 40, sandboxesPerInstallation: 20 };

test('the same seed gives the same run, and another seed another', async () => {
  const first = await simulateCell({ ...CELL, plan: 'all' });
  expect(await simulateCell({ ...CELL, plan: 'all' })).toEqual(first);
  expect(await simulateCell({ ...CELL, plan: 'all', seed: 4 })).not.toEqual(first);
});

test('the real code refreshes each token of each sandbox once every 40 minutes', async () => {
  const { sandboxes, gitHub, ssm, lambda, queue, scheduler } = await simulateCell(CELL);
  expect(sandboxes).toMatchObject({ created: 40, hit: 0, minutesLost: 0 });
  // Its overlap of 20 minutes, less the minute that Scheduler takes.
  expect(sandboxes.closestMinutes).toBeGreaterThan(18.9);
  expect(lambda).toMatchObject({ invocations: 40 + scheduler.asked, failures: 0, timeouts: 0 });
  expect(gitHub.mints).toBe(sandboxes.tokens);
  // Mint and proof, and the installation where it was not confirmed a moment ago; a proof is asked for again when the
  // token is not known everywhere yet.
  expect(gitHub.requests).toBeGreaterThanOrEqual(2 * gitHub.mints);
  expect(gitHub.requests).toBeLessThan(3.2 * gitHub.mints);
  expect(ssm.calls).toBeGreaterThanOrEqual(2 * gitHub.mints - 40);
  expect(queue.messages).toBe(0);
});

test.each([
  'github-down-10m',
  'github-down-14m',
  'flaky-30',
  'throttled-tenth',
  'clock-ahead-90s',
  'key-rotated',
  'cold-region',
] as const)('no sandbox is without a valid token under %s', async (plan) => {
  const { sandboxes, queue } = await simulateCell({ ...CELL, plan });
  expect(sandboxes).toMatchObject({ created: 40, minutesLost: 0, hit: 0 });
  expect(queue.deadLetters).toBe(0);
});

test.each(['github-down-10m', 'flaky-30'] as const)(
  'a plain schedule that tries once leaves sandboxes without one under %s',
  async (plan) => {
    const { sandboxes, queue } = await simulateCell({ ...CELL, plan, retries: false });
    expect(sandboxes.minutesLost).toBeGreaterThan(60);
    expect(queue.messages).toBe(0);
  },
);

test('a clock that is ahead is noticed by the JWTs that GitHub refuses', async () => {
  const { gitHub, lambda } = await simulateCell({ ...CELL, plan: 'clock-ahead-90s' });
  expect(gitHub.jwtsRefused).toBeGreaterThan(0);
  expect(lambda.failures).toBe(0);
});

test('the fault, and not the model, is what a lost minute comes from: GitHub away for an hour', async () => {
  const { sandboxes, queue } = await simulateCell({ ...CELL, plan: 'github-down-60m' });
  expect(sandboxes.minutesLost).toBeGreaterThan(100);
  expect(queue.deadLetters).toBeGreaterThan(0);
});

describe('a fleet', () => {
  test('is split into platforms without losing a sandbox', () => {
    const cells = cellsOf({
      ...FLEET,
      sandboxes: 1_003,
      sandboxesPerCell: 250,
      sandboxesPerInstallation: 100,
    });
    expect(cells.map(({ sandboxes, installations }) => [sandboxes, installations])).toEqual([
      [200, 2],
      [201, 3],
      [200, 2],
      [201, 3],
      [201, 3],
    ]);
    expect(new Set(cells.map(({ name }) => name)).size).toBe(5);
  });

  test('adds up what happened, and keeps the worst of what each has for itself', async () => {
    const one = await simulateCell(CELL);
    const other = await simulateCell({ ...CELL, name: 'other', sandboxes: 20, installations: 1 });
    const both = addReports([one, other]);
    expect(both.sandboxes.created).toBe(60);
    expect(both.gitHub.mints).toBe(one.gitHub.mints + other.gitHub.mints);
    expect(both.ssm.parameters).toBe(one.ssm.parameters);
    expect(both.sandboxes.closestMinutes).toBe(
      Math.min(one.sandboxes.closestMinutes, other.sandboxes.closestMinutes),
    );
  });

  test('its figures name the quota that binds first, and what a month costs', async () => {
    const total = await simulateCell(CELL);
    const report = { options: FLEET, cells: cellsOf(FLEET), total, wallSeconds: 1, cpuSeconds: 1 };
    expect(usesOf(report)[0]).toMatchObject({ name: 'roles', peak: 40, sandboxes: 1_000 });
    const [own, shared] = [dollarsAMonth(report, 'per-sandbox'), dollarsAMonth(report, 'shared')];
    expect(own.total - shared.total).toBeCloseTo(40);
    expect((shared.total - shared.keys) / 40).toBeLessThan(0.03);
    expect(rowsOf(report).map(([, value]) => value)).toContain('0 of 40');
  });
});

test.each([
  [0, '0'],
  [0.12345, '0.123'],
  [5.126, '5.13'],
  [1_234_567.8, '1,234,568'],
])('%d is written as %s', (value, text) => expect(figure(value)).toBe(text));

test('a table is Markdown', () =>
  expect(table(['a', 'bbbb'], [['1', '2']])).toBe('| a   | bbbb |\n| --- | ---- |\n| 1   | 2    |'));

test('what is made anew is put between its marks only', () => {
  const page = 'kept\n<!-- x: made by npm run simulate -- --write -->\nold\n<!-- x: end -->\nkept';
  expect(between(page, 'x', 'new')).toBe(page.replace('old', '\nnew\n'));
  expect(() => between(page, 'y', 'new')).toThrow('no marks for y');
});

test.each([false, true])('a chart is SVG with its lines (logarithmic: %s)', (logarithmic) => {
  const svg = chart({
    title: 'a < b',
    x: 'across',
    y: 'up',
    logarithmic,
    lines: [
      {
        name: 'one',
        color: '#000',
        points: [
          [1, 1],
          [10, 100],
        ],
      },
    ],
  });
  expect(svg).toContain('a &lt; b');
  expect(svg.match(/<circle/g)).toHaveLength(2);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

/**
 * `npm run simulate -- [--sandboxes N] [--days D] [--faults PLAN] [--seed S]`: runs the real broker for a fleet on a
 * virtual clock, beside a plain schedule that tries once. See docs/scale.md. `--write` makes the figures and
 * charts there anew, or those of each `--part`.
 */
import { parseArgs } from 'node:util';
import { REFRESH_EVERY_MINUTES, RETRY_ATTEMPTS } from '../lib/broker/refresh-period.ts';
import { PLAN_NAMES, planNamed } from './simulate/fault-plan.ts';
import { type FleetOptions, type FleetReport, simulateFleet } from './simulate/fleet.ts';
import { QUOTA_HEAD, quotaRows, type Row, rowsOf, table } from './simulate/report.ts';
import { PART_NAMES, writeScale } from './simulate/write-scale.ts';

const { values } = parseArgs({
  options: {
    sandboxes: { type: 'string', default: '1000' },
    days: { type: 'string', default: '1' },
    faults: { type: 'string', default: 'none' },
    seed: { type: 'string', default: '1' },
    'per-cell': { type: 'string', default: '2500' },
    'per-installation': { type: 'string', default: '500' },
    'mint-limit': { type: 'string', default: 'installation' },
    'created-within': { type: 'string', default: String(REFRESH_EVERY_MINUTES) },
    spread: { type: 'string' },
    period: { type: 'string', default: String(REFRESH_EVERY_MINUTES) },
    'max-receives': { type: 'string', default: String(RETRY_ATTEMPTS) },
    'reads-per-hour': { type: 'string', default: '4' },
    'api-requests': { type: 'string', default: '0' },
    workers: { type: 'string' },
    'no-plain': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    part: { type: 'string', multiple: true, default: [...PART_NAMES] },
  },
});

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(2);
};

const number = (name: keyof typeof values, least: number): number => {
  const value = Number(values[name]);
  return value >= least
    ? value
    : fail(`--${name} must be a number, ${least} or more, not ${String(values[name])}`);
};

const plan =
  planNamed(values.faults) ?? fail(`--faults must be one of ${PLAN_NAMES.join(', ')}, not ${values.faults}`);
if (values['mint-limit'] !== 'app' && values['mint-limit'] !== 'installation')
  fail('--mint-limit must be app or installation');

const options: FleetOptions = {
  sandboxes: number('sandboxes', 1),
  days: number('days', 0.1),
  plan,
  seed: number('seed', 0),
  retries: true,
  sandboxesPerCell: number('per-cell', 1),
  sandboxesPerInstallation: number('per-installation', 1),
  mintLimit: values['mint-limit'] as FleetOptions['mintLimit'],
  createdWithinMinutes: number('created-within', 0),
  periodMinutes: number('period', 1),
  maxReceives: number('max-receives', 1),
  readsPerHour: number('reads-per-hour', 0),
  apiRequestsPerHour: number('api-requests', 0),
  ...(values.spread === undefined ? {} : { spreadMinutes: number('spread', 0) }),
  ...(values.workers === undefined ? {} : { workers: number('workers', 1) }),
};

const show = (report: FleetReport, plain: FleetReport | undefined): void => {
  const others = plain ? rowsOf(plain) : [];
  const rows = rowsOf(report).map((row, index): Row => (plain ? [...row, others[index]?.[1] ?? ''] : row));
  const head: Row = plain ? ['', 'km', 'a plain schedule that tries once'] : ['', 'km'];
  const { sandboxes, days } = options;
  process.stdout.write(
    `${sandboxes} sandboxes, ${days} days, faults: ${plan}, seed ${options.seed}\n\n${table(head, rows)}\n\n${table(QUOTA_HEAD, quotaRows(report))}\n\n${report.total.events.toLocaleString('en-US')} events in ${report.wallSeconds.toFixed(1)} s (${report.cpuSeconds.toFixed(1)} s of CPU)\n`,
  );
};

if (values.write) {
  const parts = PART_NAMES.filter((name) => values.part.includes(name));
  await writeScale(options, parts, (line) => process.stdout.write(`${line}\n`));
} else {
  const report = await simulateFleet(options);
  const plain = values['no-plain'] ? undefined : await simulateFleet({ ...options, retries: false });
  if (values.json) process.stdout.write(`${JSON.stringify({ km: report, plain })}\n`);
  else show(report, plain);
  process.exitCode = report.total.sandboxes.minutesLost > 0 ? 1 : 0;
}

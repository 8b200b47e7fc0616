/**
 * `npm run bench`: each figure beside its reference in the same run, as medians of whole processes.
 * `npm run bench -- --write` also writes docs/benchmarks.md. `--rounds N` sets the runs of each (default 21).
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, World } from '../e2e/harness.ts';
import { measure, median, type Sample, type Subject } from './measure.ts';
import { measureProxy } from './proxy/measure-proxy.ts';
import { PROXY_NOTES, proxyRows } from './proxy/proxy-rows.ts';
import { measureRefresher } from './refresher/measure-refresher.ts';
import { refresherNotes, refresherRows } from './refresher/refresher-rows.ts';
import type { Row } from './row.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '21' }, write: { type: 'boolean', default: false } },
});
const rounds = Number(values.rounds);
/** A round of the refresher's is 1,400 refreshes. */
const REFRESHER_ROUNDS = 7;
/** A round of the proxy's moves gigabytes. */
const PROXY_ROUNDS = 7;
const scratch = mkdtempSync(join(tmpdir(), 'km-bench-'));

const ms = (value: number): string => `${value.toFixed(1)} ms`;
const rows: Row[] = [];

function compare(what: string, subject: Sample, reference: Sample, aim: string, faster = false): void {
  const ratio = faster ? median(reference) / median(subject) : median(subject) / median(reference);
  rows.push({
    what,
    figure: ms(median(subject)),
    reference: `${reference.name}: ${ms(median(reference))}`,
    ratio: `${ratio.toFixed(2)}×${faster ? ' faster' : ''}`,
    aim,
  });
}

function file(name: string, content: string): string {
  writeFileSync(join(scratch, name), content);
  return join(scratch, name);
}

function benchStarts(): void {
  const node = (name: string, ...args: string[]): Subject => ({ name, command: [process.execPath, ...args] });
  const handler = file('empty-handler.cjs', 'exports.handler = async () => ({});\n');
  const [bundle, empty] = measure(
    [
      node('bundle', '-e', `require(${JSON.stringify(join(root, 'dist/refresher/index.cjs'))})`),
      node('an empty handler', '-e', `require(${JSON.stringify(handler)})`),
    ],
    rounds,
  );
  if (bundle && empty) compare('refresher: import of the bundle', bundle, empty, 'within 2×');
  const [help, program] = measure(
    [node('help', join(root, 'dist/km.js'), '--help'), node('an empty Node program', file('empty.mjs', ''))],
    rounds,
  );
  if (help && program) compare('`km --help`', help, program, 'within 2×');
}

async function benchCloud(): Promise<void> {
  await using world = await World.start();
  const profile = join(root, 'examples', 'profile.yaml');
  const create: Subject = {
    name: 'create',
    command: [
      process.execPath,
      join(root, 'dist/km.js'),
      'create',
      profile,
      '--state',
      world.state,
      '--quiet',
    ],
    env: { PATH: process.env.PATH, HOME: world.home },
  };
  const [created, program] = measure(
    [create, { name: 'an empty Node program', command: [process.execPath, file('empty.mjs', '')] }],
    Math.min(rounds, 9),
  );
  if (created && program) compare('`km create` on the local cloud', created, program, 'under 1 s');

  const { sandboxes } = await world.json<{ sandboxes: { id: string }[] }>(['list']);
  const id = sandboxes[0]?.id ?? '';
  const inside = await world.exec(id, [
    process.execPath,
    join(root, 'test/bench/in-sandbox.ts'),
    String(rounds),
  ]);
  const [helper, curl, cli] = JSON.parse(inside.stdout) as Sample[];
  if (helper && curl)
    compare('a credential: `git credential fill` through the helper', helper, curl, 'within 2×');
  if (helper && cli) compare('the same', helper, cli, '15× faster', true);
}

function report(): string {
  const heading = ['what', 'median', 'reference', 'ratio', 'aim'];
  const lines = rows.map(({ what, figure, reference, ratio, aim }) => [what, figure, reference, ratio, aim]);
  return [heading, heading.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const notes: string[] = [];

async function benchRefresher(): Promise<void> {
  const figures = await measureRefresher({ rounds: Math.min(rounds, REFRESHER_ROUNDS) });
  rows.push(...refresherRows(figures));
  notes.push(refresherNotes(figures));
}

try {
  benchStarts();
  await benchCloud();
  await benchRefresher();
  rows.push(...proxyRows(await measureProxy({ rounds: Math.min(rounds, PROXY_ROUNDS) })));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(report());
if (values.write) {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.version}`;
  await writeFile(
    join(root, 'docs', 'benchmarks.md'),
    `# Benchmarks\n\nMade by \`npm run bench -- --write\` on ${machine}: medians of ${rounds} runs of whole processes, each measured\nin turn with its reference. The machine is shared and noisy: read the ratios, not the milliseconds.\n\n${report()}\n\n${[...notes, PROXY_NOTES].join('\n\n')}\n`,
  );
}

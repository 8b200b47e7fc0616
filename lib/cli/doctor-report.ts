import type { Finding, Status } from '../doctor/check.ts';
import type { CheckResult } from '../doctor/run-checks.ts';
import type { Terminal } from './terminal.ts';

export const MARKS = { ok: '✓', warn: '⚠', fail: '✗', skip: '-' } as const satisfies Record<Status, string>;
export const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red', skip: 'dim' } as const;

/** Worst last, next to the prompt. */
const ORDER: readonly Status[] = ['ok', 'skip', 'warn', 'fail'];

/** One finding with the check that made it. */
export interface ReportLine extends Finding {
  readonly id: string;
  readonly title: string;
}

/** Findings sorted by weight, and within it in the order of the checks. */
export function reportLines(results: readonly CheckResult[]): ReportLine[] {
  const lines = results.flatMap(({ id, title, findings }) =>
    findings.map((finding): ReportLine => ({ ...finding, id, title })),
  );
  return ORDER.flatMap((status) => lines.filter((line) => line.status === status));
}

/** How many findings of each kind. */
export const countOf = (lines: readonly ReportLine[]): Record<Status, number> => {
  const count = { ok: 0, warn: 0, fail: 0, skip: 0 };
  for (const { status } of lines) count[status] += 1;
  return count;
};

/** The report as `--json` prints it; docs/json.md documents it. */
export const reportJson = (lines: readonly ReportLine[]) => ({
  ok: !lines.some(({ status }) => status === 'fail'),
  counts: countOf(lines),
  findings: lines.map(({ id, title, status, subject, finding, remedy, fix }) => ({
    check: id,
    title,
    status,
    ...(subject === undefined ? {} : { subject }),
    finding,
    ...(remedy === undefined ? {} : { remedy }),
    ...(fix === undefined ? {} : { fix: { kind: fix.kind, name: fix.name } }),
  })),
});

/** Writes the lines to stdout, each remedy under its finding, and the count at the end. */
export function showReport(
  terminal: Terminal,
  lines: readonly ReportLine[],
  options: { readonly quiet: boolean },
): void {
  const shown = options.quiet ? lines.filter(({ status }) => status !== 'ok') : lines;
  const width = Math.max(0, ...shown.map(({ title }) => title.length));
  for (const { status, title, finding, remedy } of shown) {
    const mark = terminal.style(COLOURS[status], MARKS[status]);
    terminal.result(`${mark} ${title.padEnd(width)}  ${oneLine(finding)}`);
    if (remedy !== undefined) terminal.result(`  ${terminal.style('cyan', '→')} ${oneLine(remedy)}`);
  }
  if (options.quiet && shown.length === 0) return;
  const { ok, warn, fail, skip } = countOf(lines);
  terminal.result(`${ok} ok, ${warn} to look at, ${fail} failed, ${skip} not looked at`);
}

/** What AWS and GitHub tell may hold anything: it stays on its line, and gives the terminal no orders. */
const oneLine = (text: string): string =>
  text
    .trim()
    .replace(/\s*\n\s*/g, '; ')
    .replace(/\p{Cc}/gu, '\ufffd');

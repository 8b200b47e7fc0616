import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { reportJson, reportLines, showReport } from '../../lib/cli/doctor-report.ts';
import { LiveList } from '../../lib/cli/live-list.ts';
import { Terminal } from '../../lib/cli/terminal.ts';
import { fail, ok, skip, warn } from '../../lib/doctor/check.ts';

const results = [
  { id: 'a', title: 'First', findings: [fail('it broke\nbadly\x1b[2J', 'km mend')] },
  { id: 'b', title: 'Second one', findings: [ok('fine'), warn('soon', 'km look')] },
  { id: 'c', title: 'Third', findings: [skip('not looked at: no')] },
];

interface Recorded {
  readonly terminal: Terminal;
  readonly said: { stdout: string; stderr: string };
}

function recorded(stderr: object = {}): Recorded {
  const said = { stdout: '', stderr: '' };
  const streams = { stdout: new PassThrough(), stderr: Object.assign(new PassThrough(), stderr) };
  for (const name of ['stdout', 'stderr'] as const)
    streams[name].on('data', (chunk) => {
      said[name] += chunk;
    });
  const terminal = new Terminal({ stdin: process.stdin, ...streams } as unknown as Terminal['streams']);
  return { terminal, said };
}

test('each finding is one line with its mark, worst last, its remedy under it, and a count at the end', () => {
  const { terminal, said } = recorded();
  showReport(terminal, reportLines(results), { quiet: false });
  expect(said.stdout).toBe(
    [
      '✓ Second one  fine',
      '- Third       not looked at: no',
      '⚠ Second one  soon',
      '  → km look',
      '✗ First       it broke; badly\ufffd[2J',
      '  → km mend',
      '1 ok, 1 to look at, 1 failed, 1 not looked at',
      '',
    ].join('\n'),
  );
});

test('--quiet shows only what is not ✓, and nothing at all when that is all', () => {
  const { terminal, said } = recorded();
  showReport(terminal, reportLines(results), { quiet: true });
  expect(said.stdout).not.toContain('✓');
  expect(said.stdout.split('\n')).toHaveLength(7);
  const quiet = recorded();
  showReport(quiet.terminal, reportLines(results.slice(1, 2)).slice(0, 1), { quiet: true });
  expect(quiet.said.stdout).toBe('');
});

test('--json tells the same by check id', () => {
  expect(reportJson(reportLines(results))).toEqual({
    ok: false,
    counts: { ok: 1, warn: 1, fail: 1, skip: 1 },
    findings: [
      { check: 'b', title: 'Second one', status: 'ok', finding: 'fine' },
      { check: 'c', title: 'Third', status: 'skip', finding: 'not looked at: no' },
      { check: 'b', title: 'Second one', status: 'warn', finding: 'soon', remedy: 'km look' },
      { check: 'a', title: 'First', status: 'fail', finding: 'it broke\nbadly\x1b[2J', remedy: 'km mend' },
    ],
  });
});

const entries = [
  { id: 'a', title: 'First' },
  { id: 'b', title: 'Second' },
];

test('on a terminal the list is redrawn in place, and is gone at the end', () => {
  const { terminal, said } = recorded({ isTTY: true, rows: 20, columns: 80 });
  const list = new LiveList(terminal, { entries, quiet: false });
  list.end('b', '✓');
  list.clear();
  expect(said.stderr).toBe('… First\n… Second\n\x1b[2F\x1b[J… First\n✓ Second\n\x1b[2F\x1b[J');
});

test.each([
  ['without a terminal', {}, false],
  ['with --quiet', { isTTY: true, rows: 20, columns: 80 }, true],
  ['on a terminal too low to redraw', { isTTY: true, rows: 2, columns: 80 }, false],
  ['on a terminal too narrow to redraw', { isTTY: true, rows: 20, columns: 7 }, false],
])('%s the list says nothing', (_, stderr, quiet) => {
  const { terminal, said } = recorded(stderr);
  const list = new LiveList(terminal, { entries, quiet });
  list.end('a', '✓');
  list.clear();
  expect(said.stderr).toBe('');
});

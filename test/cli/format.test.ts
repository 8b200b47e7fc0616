import { expect, test } from 'vitest';
import { formatDuration, formatMoment, formatTable, parseDuration } from '../../lib/cli/format.ts';

test.each([
  [0, '0s'],
  [999, '1s'],
  [61_000, '1m 1s'],
  [44 * 60_000, '44m'],
  [7_500_000, '2h 5m'],
  [3_600_000, '1h'],
  [3_601_000, '1h'],
  [90_000_000, '1d 1h'],
  [-5_000, '0s'],
])('%i ms reads as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  ['46m', 2_760_000],
  ['90s', 90_000],
  ['2h', 7_200_000],
  ['3d', 259_200_000],
  ['', undefined],
  ['46', undefined],
  ['1h30m', undefined],
  ['-1m', undefined],
  ['9999999999s', undefined],
])('the duration %j is %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test('a moment says how far off it is, ahead or back', () => {
  const now = Date.parse('2026-11-20T10:00:00Z');
  expect(formatMoment(now + 60_000, now)).toBe('2026-11-20 10:01 UTC (in 1m)');
  expect(formatMoment(now - 60_000, now)).toBe('2026-11-20 09:59 UTC (1m ago)');
});

test('columns line up under their heading, without spaces at the end', () => {
  expect(
    formatTable([
      ['ID', 'NAME'],
      ['sb-1', 'x'],
    ]),
  ).toEqual(['ID    NAME', 'sb-1  x']);
});

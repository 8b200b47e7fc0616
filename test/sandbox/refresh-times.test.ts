import { expect, test } from 'vitest';
import { checkTimeToLive, endOf, firstRefresh, nextRefresh } from '../../lib/sandbox/refresh-times.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-20T10:00:00Z');
const id = 'sb-1234abcd';

const ids = Array.from({ length: 2_000 }, (_, index) => `sb-${index.toString(16).padStart(8, '0')}`);

test('a first refresh is 5 to 40 minutes off, and a fleet that is created at once is spread over that', () => {
  const minutes = ids.map(
    (each) => ((firstRefresh({ id: each, now: NOW }).refreshStart ?? 0) - NOW) / MINUTE,
  );
  expect(Math.min(...minutes)).toBeGreaterThan(5);
  expect(Math.max(...minutes)).toBeLessThanOrEqual(40);
  for (const from of [5, 10, 15, 20, 25, 30, 35]) {
    const share = minutes.filter((each) => each > from && each <= from + 5).length / ids.length;
    expect(share).toBeGreaterThan(0.11);
  }
});

test('the same sandbox always has the same place in it', () => {
  expect(firstRefresh({ id, now: NOW })).toEqual(firstRefresh({ id, now: NOW }));
});

test.each([
  ['a sandbox that ends before its first refresh', 4, false],
  ['one that ends well after it', 120, true],
])('%s has a schedule or none', (_what, minutes, has) => {
  const { refreshStart } = firstRefresh({ id, now: NOW, expiresAt: NOW + minutes * MINUTE });
  expect(refreshStart !== undefined).toBe(has);
});

test.each([
  ['has not begun', 20, 20],
  ['began 10 minutes ago', -10, 30],
  ['began 100 minutes ago', -100, 20],
  ['began exactly one turn ago', -40, 1],
  ['is due in half a minute', 0.5, 1],
])('a schedule that %s goes on in its own time, and never starts in the past', (_what, start, next) => {
  expect(nextRefresh({ id, now: NOW, refreshStart: NOW + start * MINUTE })).toEqual({
    refreshStart: NOW + next * MINUTE,
  });
});

test('a sandbox that had no schedule and lives longer now is refreshed soon', () => {
  expect(nextRefresh({ id, now: NOW })).toEqual({ refreshStart: NOW + MINUTE });
});

test('a schedule that would start after the end is none', () => {
  expect(
    nextRefresh({ id, now: NOW, refreshStart: NOW + 20 * MINUTE, expiresAt: NOW + 10 * MINUTE }),
  ).toEqual({});
});

test('an end is a whole second, as CloudFormation is told it, and 0 is none', () => {
  expect(endOf(60, NOW + 999)).toEqual({ expiresAt: NOW + MINUTE });
  expect(endOf(0, NOW)).toEqual({});
});

test('a TTL is none or at least a minute', () => {
  checkTimeToLive(0);
  checkTimeToLive(60);
  expect(() => checkTimeToLive(59)).toThrow(expect.objectContaining({ code: 'ErrUsage' }));
});

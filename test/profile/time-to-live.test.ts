import { expect, test } from 'vitest';
import { readTimeToLive } from '../../lib/profile/time-to-live.ts';

test.each([
  ['0', 0],
  ['0h', 0],
  ['60s', 60],
  ['1m', 60],
  ['90m', 5_400],
  ['2h', 7_200],
  ['02h', 7_200],
  ['7d', 604_800],
  ['365d', 31_536_000],
])('%s is %d seconds', (text, seconds) => {
  expect(readTimeToLive(text)).toEqual({ seconds });
});

test.each([
  ['', 'this is no time to live', 'Write a whole number and s, m, h or d, such as 2h; 0 for no end.'],
  ['2', 'this is no time to live', 'Write a whole number and s, m, h or d, such as 2h; 0 for no end.'],
  ['2H', 'this is no time to live', 'Write a whole number and s, m, h or d, such as 2h; 0 for no end.'],
  ['-2h', 'this is no time to live', 'Write a whole number and s, m, h or d, such as 2h; 0 for no end.'],
  ['1.5h', 'this is no time to live', 'Write a whole number and s, m, h or d, such as 2h; 0 for no end.'],
  ['2 h', 'this is no time to live', 'Write a whole number and s, m, h or d, such as 2h; 0 for no end.'],
  ['2h\n', 'this is no time to live', 'Write a whole number and s, m, h or d, such as 2h; 0 for no end.'],
  ['2w', 'this is no time to live', 'Write a whole number and s, m, h or d, such as 2h; 0 for no end.'],
  ['1e9s', 'this is no time to live', 'Write a whole number and s, m, h or d, such as 2h; 0 for no end.'],
  ['1h30m', 'this is no time to live', 'Write it in one unit, such as 90m for an hour and a half.'],
  ['59s', 'a sandbox lives for a minute at least', 'Write 1m or more; 0 for no end.'],
  ['366d', 'a sandbox lives for a year at most', 'Write 365d or less; 0 for no end.'],
  ['999999999d', 'a sandbox lives for a year at most', 'Write 365d or less; 0 for no end.'],
])('%j is refused, since %s', (text, message, fix) => {
  expect(readTimeToLive(text)).toEqual({ finding: { message, fix } });
});

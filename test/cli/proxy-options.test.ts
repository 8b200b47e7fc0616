import { expect, test } from 'vitest';
import { auditFile, readListen } from '../../lib/cli/proxy-options.ts';
import { readSince } from '../../lib/cli/read-since.ts';

test.each([
  ['127.0.0.1:3128', { host: '127.0.0.1', port: 3128 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:3128', { host: '::1', port: 3128 }],
  ['localhost:3128', { host: 'localhost', port: 3128 }],
])('--listen %s is %j', (text, listen) => {
  expect(readListen(text, { anyUser: false })).toEqual(listen);
});

test.each([
  '',
  '3128',
  ':3128',
  '127.0.0.1',
  '127.0.0.1:65536',
  'example.com:80',
  '127.0.0.1:80/x',
  '::1:80',
])("--listen '%s' is bad usage", (text) => {
  expect(() => readListen(text, { anyUser: true })).toThrow(expect.objectContaining({ code: 'ErrUsage' }));
});

test.each(['0.0.0.0:3128', '[::]:3128', '10.0.0.1:3128'])(
  '--listen %s, which others reach, asks for --any-user',
  (text) => {
    expect(() => readListen(text, { anyUser: false })).toThrow(/reached by others than this user/);
    expect(readListen(text, { anyUser: true }).port).toBe(3128);
  },
);

const env = { XDG_STATE_HOME: '/state' };

test('the audit log is named for its sandbox or profile, unless it is named itself', () => {
  expect(auditFile({ env, options: {} }, 'sb-1234abcd')).toBe('/state/km/audit/sb-1234abcd.jsonl');
  expect(auditFile({ env, options: { audit: '/var/log/x' } }, 'my-profile')).toBe('/var/log/x');
});

test.each(['', '..', '../../etc/passwd', '.hidden', 'a/b', 'x\u0000'])('%j names no audit log', (name) => {
  expect(() => auditFile({ env, options: {} }, name)).toThrow(expect.objectContaining({ code: 'ErrUsage' }));
});

const NOW = Date.parse('2026-11-20T10:00:00Z');

test.each([
  ['10m', '2026-11-20T09:50:00Z'],
  ['1d', '2026-11-19T10:00:00Z'],
  ['2026-11-20T09:00:00Z', '2026-11-20T09:00:00Z'],
  ['2026-11-20T09:00:00.5+01:00', '2026-11-20T08:00:00.500Z'],
  ['2026-11-20', '2026-11-20T00:00:00Z'],
])('--since %s is %s', (text, time) => {
  expect(readSince(text, NOW)).toBe(Date.parse(time));
});

test.each(['yesterday', '10', '', '2026-13-40', '-5m'])("--since '%s' is bad usage", (text) => {
  expect(() => readSince(text, NOW)).toThrow(expect.objectContaining({ code: 'ErrUsage' }));
});

import { refresherFailures } from '../../lib/doctor/checks/failures.ts';
import type { Facts } from '../../lib/doctor/facts.ts';
import { ID, MINUTE, NOW, names, sandbox } from './healthy-facts.ts';
import { checkTable } from './run-table.ts';

const line = (minutesAgo: number, entry: object, invocation = 'abc') => ({
  time: NOW - minutesAgo * MINUTE,
  message: `${JSON.stringify({ time: '2026-11-20T09:00:00Z', request_id: invocation, ...entry })}\n`,
});
const failed = {
  event: 'token_generation_failed',
  sandbox_id: ID,
  owner: 'my-user',
  code: 'ErrGitHubUnavailable',
};
const failures = (lines: ReturnType<typeof line>[], more = false): Partial<Facts> => ({
  failures: async () => ({ lines, more }),
});

// The sandbox's token was minted 10 minutes ago.
checkTable(refresherFailures, [
  [
    'a failure since the last token',
    failures([line(5, failed)]),
    [
      'warn',
      /^1, of which 1 is not mended; the last 5m ago: ErrGitHubUnavailable for sb-1234abcd$/,
      `km refresh ${ID}`,
    ],
  ],
  ['more than can be read', failures([line(5, failed)], true), ['warn', /^1 or more, /, `km refresh ${ID}`]],
  [
    'a line of an earlier km, which stands behind columns of the runtime',
    failures([
      { time: NOW - MINUTE, message: `2026-11-20T09:59:00Z\tabc\tINFO\t${JSON.stringify(failed)}\n` },
      {
        time: NOW - MINUTE,
        message: `2026-11-20T09:59:00Z\tabc\tINFO\t${JSON.stringify({ event: 'invocation_failed', code: failed.code })}\n`,
      },
    ]),
    ['warn', /^1, of which 1 is not mended/, `km refresh ${ID}`],
  ],
  ['a failure before the last token', failures([line(30, failed)]), ['ok', /^1, each mended since$/]],
  [
    "another owner's failure, which this owner's token does not mend",
    failures([line(30, { ...failed, owner: 'my-org' })]),
    ['warn', /of which 1 is not mended/, `km refresh ${ID}`],
  ],
  [
    'a failure of a sandbox that is gone',
    { ...failures([line(5, failed)]), sandboxes: async () => [sandbox({ id: 'sb-00000000' })] },
    ['ok', /each mended/],
  ],
  [
    'a failure of a sandbox that was paused since, and is to have no token',
    { ...failures([line(5, failed)]), sandboxes: async () => [sandbox({ paused: true })] },
    ['ok', /each mended/],
  ],
  [
    'a check that was refused, which km create told',
    failures([line(5, { ...failed, sandbox_id: null })]),
    ['ok', /^none$/],
  ],
  [
    'an invocation whose reasons have lines of their own',
    failures([line(5, { event: 'invocation_failed', code: 'ErrRefreshFailed' })]),
    ['ok', /^none$/],
  ],
  [
    'an invocation that ends with the code of its only owner, mended since',
    failures([line(30, failed), line(30, { event: 'invocation_failed', code: failed.code })]),
    ['ok', /^1, each mended since$/],
  ],
  [
    'another invocation, which failed before it came to an owner',
    failures([line(30, failed), line(30, { event: 'invocation_failed', code: failed.code }, 'def')]),
    [
      'warn',
      /^2, of which 1 is not mended; .*ErrGitHubUnavailable$/,
      `aws logs tail ${names.logGroup} --since 1d`,
    ],
  ],
  [
    "a fault of the function's own",
    failures([line(5, { event: 'invocation_failed', code: 'ErrInternal' })]),
    ['warn', /ErrInternal$/, `aws logs tail ${names.logGroup} --since 1d`],
  ],
  [
    'a log that is too long to be read',
    failures([], true),
    ['skip', /too long/, `aws logs tail ${names.logGroup} --since 1d`],
  ],
  [
    'a function that was cut off',
    failures([
      { time: NOW - MINUTE, message: '2026-11-20T09:59:00Z 1-2-3 Task timed out after 60.00 seconds' },
    ]),
    ['warn', /the last 1m ago: Task timed out$/, `aws logs tail ${names.logGroup} --since 1d`],
  ],
  [
    'a line that is not km’s',
    failures([{ time: NOW, message: 'token_generation_failed { not json' }]),
    ['ok', /^none$/],
  ],
]);

import { describe, expect, test } from 'vitest';
import { complete } from '../../lib/cli/complete.ts';
import { eventLine } from '../../lib/cli/event-line.ts';
import { eventJson, printer, readLimit } from '../../lib/cli/logs.ts';
import type { RefresherEvent } from '../../lib/sandbox/refresher-events.ts';
import { terminalScene } from './terminal-scene.ts';

const ID = 'sb-1234abcd';
const SHA = `8b551ad0${'0'.repeat(56)}`;

const event = (name: string, fields: object = {}): RefresherEvent => ({
  id: name,
  time: Date.parse('2026-11-20T10:00:00.500Z'),
  event: name,
  fields: { time: '2026-11-20T10:00:00.500Z', request_id: 'r-1', event: name, sandbox_id: ID, ...fields },
});

const minted = event('token_generated', {
  owner: 'my-org',
  repos: ['a', 'b'],
  permissions: { contents: 'read', metadata: 'read' },
  expires_at: '2026-11-20T11:00:00.000Z',
  token_sha256: SHA,
});
const suspended = event('token_generation_failed', {
  owner: 'my-org',
  code: 'ErrGitHubInstallationSuspended',
  message: "The GitHub App's installation on 'my-org' is suspended",
});

describe('a line', () => {
  test.each([
    [
      minted,
      ['minted', 'my-org  a b  contents:read metadata:read  until 2026-11-20T11:00:00Z  token 8b551ad0'],
    ],
    [
      suspended,
      [
        'refresh failed',
        "my-org  The GitHub App's installation on 'my-org' is suspended (ErrGitHubInstallationSuspended)",
      ],
    ],
    [
      event('token_revoked', { reason: 'paused', result: 'revoked', token_sha256: SHA }),
      ['revoked', 'paused  token 8b551ad0'],
    ],
    [
      event('token_revoked', { reason: 'dropped', result: 'dead', token_sha256: SHA }),
      ['revoked', 'dropped (it was dead)  token 8b551ad0'],
    ],
    [
      event('token_revocation_failed', { reason: 'killed', code: 'ErrGitHubUnavailable', message: 'no' }),
      ['not revoked', 'killed  no (ErrGitHubUnavailable)'],
    ],
    [
      event('refresh_refused', { owner: 'my-org', parameter: '/sandbox/x' }),
      ['refused', 'my-org  there is no /sandbox/x'],
    ],
    [
      event('refresh_overtaken', { owner: 'my-org', reason: 'newer', standing_token_sha256: SHA }),
      ['overtaken', 'my-org  a newer token was there  token 8b551ad0 stands'],
    ],
    [
      event('permanent_failure', { owner: 'my-org', code: 'ErrX' }),
      ['needs you', 'my-org  ErrX: not retried, but tried again by each schedule'],
    ],
    [event('retry_dropped', { reason: 'refreshed since' }), ['retry dropped', 'refreshed since']],
    [event('stack_answered', { request: 'Create', status: 'SUCCESS' }), ['stack create', 'SUCCESS']],
    [
      event('sandbox_reconfigured', { parameters: ['Paused', 'RefreshStart'], changed: true }),
      ['changed', 'Paused RefreshStart'],
    ],
    [event('sandbox_reconfigured', { parameters: ['Paused'], changed: false }), ['unchanged', 'Paused']],
    [event('of_a_later_km', { count: 1 }), ['of_a_later_km', '{"count":1}']],
    [event('token_generated', { owner: 7, repos: 'all', permissions: null }), ['minted', '7  all repos']],
  ])('of %j says what happened', (given, [title, detail]) => {
    expect(eventLine(given)).toMatchObject({ title, detail });
  });

  test('of many repos names the first of them', () => {
    const repos = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    expect(eventLine(event('token_generated', { repos })).detail).toBe('a b c d e and 2 more');
  });
});

describe('a failure', () => {
  const print = (events: readonly RefresherEvent[], colour = false): string[] => {
    const { terminal, said } = terminalScene(colour);
    const show = printer(terminal, ID);
    for (const each of events) show(each);
    return said.stdout.trimEnd().split('\n');
  };

  test('has its cause and its remedy beside it', () => {
    expect(print([suspended])).toEqual([
      "2026-11-20T10:00:00.500Z  refresh failed  my-org  The GitHub App's installation on 'my-org' is suspended (ErrGitHubInstallationSuspended)",
      expect.stringMatching(/^ {26}An owner of my-org, or GitHub, suspended the App's installation;/),
      expect.stringMatching(
        /^ {24}→ An owner of my-org unsuspends it: .* Then km refresh sb-1234abcd, or wait/,
      ),
    ]);
  });

  test('that goes on for the same is explained once, and again after a token', () => {
    const remedies = (events: readonly RefresherEvent[]): number =>
      print(events).filter((line) => line.includes('→')).length;
    expect(remedies([suspended, suspended, suspended])).toBe(1);
    expect(remedies([suspended, minted, suspended])).toBe(2);
    const other = event('token_generated', { ...minted.fields, owner: 'my-user' });
    expect(remedies([suspended, other, suspended])).toBe(1);
  });

  test('of two owners is explained for each, and not again for the invocation', () => {
    const [code, owner] = ['ErrGitHubInstallationSuspended', 'my-user'];
    const text = print([
      suspended,
      event('token_generation_failed', { code, owner, message: 'x' }),
      event('invocation_failed', { code, message: 'x; y' }),
    ]);
    expect(text.filter((line) => line.includes('→'))).toEqual([
      expect.stringContaining('my-org'),
      expect.stringContaining('my-user'),
    ]);
  });

  test('is red, its remedy is told apart', () => {
    const [first, , third] = print([suspended], true);
    expect(first).toContain('\u001b[31mrefresh failed\u001b[39m');
    expect(third).toContain('\u001b[36m→\u001b[39m');
  });

  test('cannot obey the terminal by its message', () => {
    const text = print([event('invocation_failed', { code: 'ErrX', message: 'a\u001b[2Jb\nc' })]);
    expect(text).toEqual(['2026-11-20T10:00:00.500Z  failed          a?[2Jb c (ErrX)']);
  });

  test('has its explanation in JSON each time, and everything that was logged', () => {
    expect(eventJson(suspended, ID)).toEqual({
      ...suspended.fields,
      explanation: { cause: expect.any(String), remedy: expect.stringContaining(`km refresh ${ID}`) },
    });
    expect(eventJson(minted, ID)).toEqual(minted.fields);
  });
});

test.each(['0', '-1', '1.5', 'all', ''])("--limit '%s' is bad usage", (text) => {
  expect(() => readLimit(text)).toThrow(expect.objectContaining({ code: 'ErrUsage' }));
});

test.each([
  [['logs', ''], 'sandbox', []],
  [['otel', ''], 'sandbox', []],
  [['logs', 'sb-00000000', '--since', ''], 'none', []],
  [['otel', '--'], 'none', ['--events', '--follow', '--since', '--limit', '--json']],
  [['top', '--'], 'none', ['--once', '--interval', '--json']],
])('after km %j come the sandboxes and options that fit there', (typed, values, words) => {
  const completion = complete(typed);
  expect(completion.values).toBe(values);
  expect(completion.words).toEqual(expect.arrayContaining(words));
});

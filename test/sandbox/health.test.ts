import { describe, expect, test } from 'vitest';
import { type Health, withHealth } from '../../lib/sandbox/list-sandboxes.ts';
import { reaches } from '../../lib/sandbox/revoke-sandboxes.ts';
import { parseDescription, type TokenMetadata } from '../../lib/sandbox/token-metadata.ts';
import { NOW, sandbox, token } from '../doctor/healthy-facts.ts';

const failure = { code: 'ErrGitHubInstallationSuspended', at: '2026-11-20T09:55:00.000Z' };

const metadata = (
  times: { minted?: number; expires?: number } = {},
  more: object = {},
  owner = 'my-user',
): TokenMetadata => {
  const { name, description } = token('sb-1234abcd', times, owner);
  const read = parseDescription(name, JSON.stringify({ ...JSON.parse(description), ...more }));
  if (!read) throw new Error('no metadata');
  return read;
};

test.each<[string, Parameters<typeof sandbox>[0], TokenMetadata[], Health]>([
  ['a fresh token', {}, [metadata()], 'healthy'],
  ['a token that missed its refresh', {}, [metadata({ minted: -55, expires: 5 })], 'stale'],
  ['a token that cannot be renewed', {}, [metadata({}, { failure })], 'failing'],
  ['one that could not be renewed and has run out', {}, [metadata({ expires: -1 }, { failure })], 'expired'],
  ['no token', {}, [], 'no-token'],
  ['a pause', { paused: true }, [], 'paused'],
  ['a pause and a failed stack', { paused: true, stackStatus: 'UPDATE_ROLLBACK_FAILED' }, [], 'failed'],
  ['a change in progress', { stackStatus: 'UPDATE_IN_PROGRESS' }, [metadata()], 'healthy'],
])('a sandbox with %s is %s', (_what, changes, tokens, health) => {
  expect(withHealth(sandbox(changes), tokens, NOW).health).toBe(health);
});

test.each([
  ['of another form', { code: 'rm -rf', at: failure.at }],
  ['without its time', { code: failure.code }],
  ['that is none', 'broken'],
])('a failure %s is not shown', (_what, told) => {
  expect(metadata({}, { failure: told })).not.toHaveProperty('failure');
});

describe('revoking by owner', () => {
  const event = (...allowed_repos: string[]) => ({
    sandbox_id: 'sb-1234abcd',
    allowed_repos,
    permissions: { contents: 'read' } as const,
  });
  const listed = (repos: string[], tokens: TokenMetadata[]) =>
    withHealth(sandbox({ event: event(...repos) }), tokens, NOW);

  test.each([
    ['names it in another case', listed(['My-Org/a'], []), true],
    ['names another', listed(['my-user/a'], [metadata()]), false],
    ['names every repo, and has its token', listed(['*'], [metadata({}, {}, 'my-org')]), true],
    ["names every repo, and has another's token", listed(['*'], [metadata()]), false],
    ['names every repo, and has no token that tells', listed(['*'], []), true],
  ])('takes, or not, a sandbox that %s', (_what, each, is) => {
    expect(reaches(each, 'my-org')).toBe(is);
  });
});

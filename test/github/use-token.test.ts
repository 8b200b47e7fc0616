import { describe, expect, test } from 'vitest';
import { awaitDeadToken } from '../../lib/github/await-dead-token.ts';
import { revokeToken } from '../../lib/github/revoke-token.ts';
import { tryRefusedWrite } from '../../lib/github/use-repository.ts';
import { verifyToken } from '../../lib/github/verify-token.ts';
import { Secret } from '../../lib/secret.ts';
import { later, NOW } from './frozen-world.ts';
import { refusal } from './refusal.ts';
import type { Exchange } from './scripted-fetch.ts';
import { scene, TOKEN } from './test-app.ts';

const token = new Secret(TOKEN);
const LIMIT = 'GET /rate_limit';
const LIST = 'GET /installation/repositories?per_page=1';
const REVOKE = 'DELETE /installation/token';
const times = (count: number, exchange: Exchange): Exchange[] =>
  Array.from({ length: count }, () => exchange);

describe('a fresh token', () => {
  test.each([401, 403])('is tried again while GitHub answers %d', async (status) => {
    const { world, finish } = scene([...times(3, { request: LIMIT, status }), { request: LIMIT }]);
    await verifyToken(world, { token, owner: 'my-org', deadline: later() });
    finish();
    expect(world.slept).toEqual([100, 200, 400]);
  });

  test('is proved by its repositories where the server has no rate limits, and tried again there', async () => {
    const { world, finish } = scene([
      { request: LIMIT, status: 404, body: { message: 'Rate limiting is not enabled.' } },
      ...times(2, { request: LIST, status: 404 }),
      { request: LIST },
    ]);
    await verifyToken(world, { token, owner: 'my-org', deadline: later() });
    finish();
    expect(world.slept).toEqual([100, 200]);
  });

  test.each([
    ['five seconds', later(), 5_000],
    ['the deadline, when that is sooner', NOW + 800, 800],
  ])('is given up after %s', async (_name, deadline, most) => {
    const { world } = scene(times(50, { request: LIMIT, status: 401, body: { message: 'Bad credentials' } }));
    const error = await refusal(verifyToken(world, { token, owner: 'my-org', deadline }));
    expect([error.code, error.message]).toEqual([
      'ErrGitHubTokenNotAccepted',
      "GitHub does not accept the fresh token for 'my-org': Bad credentials",
    ]);
    expect(world.now() - NOW).toBeLessThan(most);
    expect(world.now() - NOW).toBeGreaterThan(most / 2 - 100);
  });

  test('is not tried again after an answer that no waiting mends', async () => {
    const { world, finish } = scene([{ request: LIMIT, status: 302 }]);
    const error = await refusal(verifyToken(world, { token, owner: 'my-org', deadline: later() }));
    finish();
    expect(error.code).toBe('ErrGitHubUnexpectedAnswer');
  });
});

describe('revoking a token', () => {
  test.each([
    ['revoked', 204, ''],
    ['dead', 401, 'Bad credentials'],
    ['suspended', 403, 'This installation has been suspended'],
  ])('answers %s for %d', async (result, status, message) => {
    const { world, sent, finish } = scene([{ request: REVOKE, status, body: { message } }]);
    expect(await revokeToken(world, { token, deadline: later() })).toBe(result);
    finish();
    expect(sent[0]?.headers.get('authorization')).toBe(`Bearer ${TOKEN}`);
  });

  test('does not count as done for any other answer', async () => {
    const { world, finish } = scene([
      { request: REVOKE, status: 403, body: { message: 'Resource not accessible' } },
    ]);
    const error = await refusal(revokeToken(world, { token, deadline: later() }));
    finish();
    expect(error.message).toBe(
      'GitHub answered what km cannot use: Resource not accessible for DELETE /installation/token',
    );
  });
});

describe('a revoked token', () => {
  test('is dead once GitHub answers 401, for which it is asked again', async () => {
    const { world, finish } = scene([...times(2, { request: LIST }), { request: LIST, status: 401 }]);
    await awaitDeadToken(world, { token, owner: 'my-org', deadline: later() });
    finish();
    expect(world.slept).toEqual([100, 200]);
  });

  test('that lives on is told of after five seconds', async () => {
    const { world } = scene(times(50, { request: LIST }));
    const error = await refusal(awaitDeadToken(world, { token, owner: 'my-org', deadline: later() }));
    expect(error.code).toBe('ErrRevokeFailed');
    expect(world.now() - NOW).toBeLessThan(5_000);
  });

  test('that gets any other answer is not taken for dead', async () => {
    const { world, finish } = scene([{ request: LIST, status: 403, body: { message: 'Forbidden' } }]);
    const error = await refusal(awaitDeadToken(world, { token, owner: 'my-org', deadline: later() }));
    finish();
    expect([error.code, error.message]).toEqual([
      'ErrGitHubUnexpectedAnswer',
      "GitHub answered what km cannot use: Forbidden for a revoked token of 'my-org'",
    ]);
  });
});

describe('a write that must be refused', () => {
  const WRITE = 'POST /repos/my-org/x/git/refs';
  const use = { token, owner: 'my-org', repository: 'x', deadline: later() };

  test.each([403, 404])('is refused with %i, and would make no ref', async (status) => {
    const { world, sent, finish } = scene([{ request: WRITE, status, body: { message: 'No' } }]);
    expect(await tryRefusedWrite(world, use)).toBe(`${status} No`);
    finish();
    expect(sent[0]?.body).toEqual({ ref: 'refs/heads/km-probe', sha: '0'.repeat(40) });
  });

  test.each([200, 201, 409, 422])('counts as not refused with %i', async (status) => {
    const { world, finish } = scene([{ request: WRITE, status, body: { message: 'Hm' } }]);
    const error = await refusal(tryRefusedWrite(world, use));
    finish();
    expect([error.code, error.message]).toEqual([
      'ErrGitHubWriteNotRefused',
      `GitHub did not refuse a write to 'my-org/x' by a token with contents: read; it answered ${status} Hm`,
    ]);
  });
});

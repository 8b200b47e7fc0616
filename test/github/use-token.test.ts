import { describe, expect, test } from 'vitest';
import { revokeToken } from '../../lib/github/revoke-token.ts';
import { verifyToken } from '../../lib/github/verify-token.ts';
import { Secret } from '../../lib/secret.ts';
import { later, NOW } from './frozen-world.ts';
import { refusal } from './refusal.ts';
import type { Exchange } from './scripted-fetch.ts';
import { scene, TOKEN } from './test-app.ts';

const token = new Secret(TOKEN);
const LIST = 'GET /installation/repositories?per_page=1';
const REVOKE = 'DELETE /installation/token';
const times = (count: number, exchange: Exchange): Exchange[] =>
  Array.from({ length: count }, () => exchange);

describe('a fresh token', () => {
  test.each([401, 403, 404])('is tried again while GitHub answers %d', async (status) => {
    const { world, finish } = scene([...times(3, { request: LIST, status }), { request: LIST }]);
    await verifyToken(world, { token, owner: 'my-org', deadline: later() });
    finish();
    expect(world.slept).toEqual([100, 200, 400]);
  });

  test.each([
    ['five seconds', later(), 5_000],
    ['the deadline, when that is sooner', NOW + 800, 800],
  ])('is given up after %s', async (_name, deadline, most) => {
    const { world } = scene(times(50, { request: LIST, status: 401, body: { message: 'Bad credentials' } }));
    const error = await refusal(verifyToken(world, { token, owner: 'my-org', deadline }));
    expect([error.code, error.message]).toEqual([
      'ErrGitHubTokenNotAccepted',
      "GitHub does not accept the fresh token for 'my-org': Bad credentials",
    ]);
    expect(world.now() - NOW).toBeLessThan(most);
    expect(world.now() - NOW).toBeGreaterThan(most / 2 - 100);
  });

  test('is not tried again after an answer that no waiting mends', async () => {
    const { world, finish } = scene([{ request: LIST, status: 302 }]);
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

import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { refresh } from '../../lib/broker/refresh.ts';
import { NOW } from '../github/frozen-world.ts';
import { refusal } from '../github/refusal.ts';
import { APP_PARAMETERS, type BrokerScene, brokerScene, event, ID, names } from './broker-scene.ts';
import { writeRefused } from './memory-store.ts';

const run = (scene: BrokerScene, refreshEvent: ReturnType<typeof event>) =>
  refresh(scene.broker, refreshEvent, { deadline: scene.deadline() });

const current = (scene: BrokerScene, name: string) => scene.store.versions.get(name)?.at(-1);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const json = (status: number, message: string) => new Response(JSON.stringify({ message }), { status });

describe('a refresh', () => {
  test("publishes the first owner's token raw, under the sandbox's key, and describes it", async () => {
    const scene = brokerScene();
    const tokens = await run(scene, event(['my-user/my-repo']));
    const [token = ''] = scene.github.minted;
    const written = current(scene, names.tokenParameter(ID));
    expect(written).toMatchObject({
      value: token,
      keyId: 'alias/km-github-token-sb-1234abcd',
      lastModified: NOW,
    });
    expect(JSON.parse(written?.description ?? '')).toEqual({
      mintedAt: '2026-11-20T10:00:00.000Z',
      expiresAt: '2026-11-20T11:00:00.000Z',
      owner: 'my-user',
      repositories: ['my-repo'],
      permissions: { contents: 'read', metadata: 'read' },
      scope: expect.stringMatching(/^[0-9a-f]{16}$/),
      byStack: true,
    });
    expect(tokens).toEqual([
      {
        owner: 'my-user',
        parameter: '/sandbox/sb-1234abcd/github-token',
        repositories: ['my-repo'],
        permissions: { contents: 'read', metadata: 'read' },
        minted_at: '2026-11-20T10:00:00.000Z',
        expires_at: '2026-11-20T11:00:00.000Z',
        token_sha256: sha256(token),
      },
    ]);
    expect(scene.log).toEqual([
      {
        event: 'token_generated',
        sandbox_id: ID,
        owner: 'my-user',
        repos: ['my-repo'],
        permissions: { contents: 'read', metadata: 'read' },
        expires_at: '2026-11-20T11:00:00.000Z',
        token_sha256: sha256(token),
      },
    ]);
  });

  test("is written under the platform's shared key when the event says so", async () => {
    const scene = brokerScene();
    await run(scene, event(['my-user/my-repo'], { encryption: 'shared' }));
    expect(current(scene, names.tokenParameter(ID))?.keyId).toBe('alias/km-github-tokens');
  });

  test('refreshes only the owners that it is asked to, each in its own parameter', async () => {
    const scene = brokerScene();
    const both = event(['my-user/my-repo', 'my-org/x']);
    await run(scene, both);
    const tokens = await refresh(scene.broker, both, {
      deadline: scene.deadline(),
      onlyExisting: true,
      owners: new Set(['my-org']),
    });
    expect(tokens.map(({ parameter }) => parameter)).toEqual([names.ownerTokenParameter(ID, 'my-org')]);
    expect(scene.store.versions.get(names.tokenParameter(ID))).toHaveLength(1);
    expect(scene.github.minted).toHaveLength(3);
  });

  test("gives each owner its own token with exactly that owner's repositories", async () => {
    const scene = brokerScene();
    await run(
      scene,
      event(['My-Org/another-repo', 'my-user/my-repo', 'my-org/X', 'my-user/private', 'my-org/x']),
    );
    expect(scene.github.mints).toEqual(
      expect.arrayContaining([
        {
          installation: 2,
          repositories: ['another-repo', 'x'],
          permissions: { contents: 'read', metadata: 'read' },
        },
        {
          installation: 1,
          repositories: ['my-repo', 'private'],
          permissions: { contents: 'read', metadata: 'read' },
        },
      ]),
    );
    expect(scene.github.mints).toHaveLength(2);
    expect([...scene.store.versions.keys()].filter((name) => name.startsWith('/sandbox'))).toEqual(
      expect.arrayContaining([
        '/sandbox/sb-1234abcd/github-token',
        '/sandbox/sb-1234abcd/github-tokens/my-user',
      ]),
    );
    expect(current(scene, names.tokenParameter(ID))?.description).toContain('"owner":"my-org"');
  });

  test('names no repositories for owner/*, and only for that owner', async () => {
    const scene = brokerScene();
    await run(scene, event(['my-user/my-repo', 'my-org/x', 'my-org/*']));
    const byInstallation = new Map(scene.github.mints.map((mint) => [mint.installation, mint.repositories]));
    expect(byInstallation).toEqual(
      new Map([
        [1, ['my-repo']],
        [2, undefined],
      ]),
    );
  });

  test('proves the token before it publishes it', async () => {
    const scene = brokerScene();
    let refusals = 2;
    scene.github.intercept = ({ name }) => {
      if (name !== 'GET /rate_limit') return undefined;
      expect(current(scene, names.tokenParameter(ID))).toBeUndefined();
      refusals -= 1;
      return refusals >= 0 ? json(401, 'Bad credentials') : undefined;
    };
    await run(scene, event(['my-user/my-repo']));
    expect(current(scene, names.tokenParameter(ID))?.value).toBe(scene.github.minted[0]);
  });

  test.each([
    ['GitHub never accepts it', 'ErrGitHubTokenNotAccepted'],
    ['Parameter Store does not take it', 'ErrParameterWriteFailed'],
  ])('revokes a minted token at once when %s', async (_name, code) => {
    const scene = brokerScene();
    if (code === 'ErrGitHubTokenNotAccepted') {
      scene.github.intercept = ({ name }) =>
        name === 'GET /rate_limit' ? json(403, 'Forbidden') : undefined;
    } else {
      scene.store.fault = (operation, name) => (operation === 'write' ? writeRefused(name) : undefined);
    }
    const error = await refusal(run(scene, event(['my-user/my-repo'])));
    expect(error.code).toBe(code);
    expect(scene.github.minted).toHaveLength(1);
    expect([...scene.github.alive]).toEqual([]);
    expect(scene.store.versions.has(names.tokenParameter(ID))).toBe(false);
    expect(scene.log.map((entry) => entry.event)).toEqual([
      'token_generated',
      'token_revoked',
      'token_generation_failed',
    ]);
    expect(scene.log[1]).toMatchObject({ reason: 'unpublished', result: 'revoked' });
  });

  test('publishes nothing after its deadline', async () => {
    const scene = brokerScene();
    scene.github.intercept = ({ name }) => {
      if (name === 'GET /rate_limit') scene.world.advance(60_000);
      return undefined;
    };
    const error = await refusal(run(scene, event(['my-user/my-repo'])));
    expect(error.message).toBe('GitHub is not available: the time for this refresh is used up');
    expect(scene.store.versions.has(names.tokenParameter(ID))).toBe(false);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('goes on with the other owners when one fails, and reports it', async () => {
    const scene = brokerScene();
    const error = await refusal(run(scene, event(['nobody/x', 'my-user/my-repo', 'my-org/secret'])));
    expect(error.code).toBe('ErrRefreshFailed');
    expect(error.message.split('; ').sort()).toEqual([
      "my-org: The GitHub App's installation on 'My-Org' does not reach 'My-Org/secret' (ErrGitHubRepoNotInInstallation)",
      "nobody: The GitHub App is not installed on 'nobody' (ErrGitHubInstallationMissing)",
    ]);
    expect(current(scene, names.ownerTokenParameter(ID, 'my-user'))?.value).toBe(scene.github.minted[0]);
    expect(scene.log.filter((entry) => entry.event === 'token_generation_failed')).toHaveLength(2);
  });

  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['nothing is stored', {}, 'ErrGitHubNotConfigured', 'GitHub App not configured'],
    [
      'the key is missing',
      { [names.appClientId]: 'Iv1' },
      'ErrGitHubNotConfigured',
      'GitHub App not configured',
    ],
    [
      'the client id is blank',
      { ...APP_PARAMETERS, [names.appClientId]: ' ' },
      'ErrGitHubNotConfigured',
      'GitHub App not configured',
    ],
    [
      'the key is none',
      { ...APP_PARAMETERS, [names.privateKey]: 'x' },
      'ErrGitHubBadKey',
      'The stored private key of the GitHub App is not a PEM file',
    ],
    [
      'the host is none',
      { ...APP_PARAMETERS, [names.host]: 'a b' },
      'ErrGitHubBadHost',
      "'a b' is not a host name",
    ],
  ])('of two owners fails once and sends nothing when %s', async (_name, parameters, code, message) => {
    const scene = brokerScene(parameters);
    const error = await refusal(run(scene, event(['my-user/my-repo', 'my-org/x'])));
    expect([error.code, error.message]).toEqual([code, message]);
    expect(scene.github.requests).toEqual([]);
  });

  test('fails for a suspended installation without asking for a token', async () => {
    const scene = brokerScene(APP_PARAMETERS, { acme: { id: 5, repos: ['x'], suspended: true } });
    const error = await refusal(run(scene, event(['acme/x'])));
    expect(error.code).toBe('ErrGitHubInstallationSuspended');
    expect(scene.github.requests).toEqual(['GET /users/acme/installation']);
  });
});

test('no token and no key is in any log, error or description of refreshes that go right and wrong', async () => {
  const scene = brokerScene();
  const seen: unknown[] = [await run(scene, event(['my-user/my-repo', 'my-org/*']))];
  scene.store.fault = (operation, name, token) =>
    operation === 'write'
      ? new Error(`Value '${token?.token.reveal()}' at ${name} failed to satisfy constraint`)
      : undefined;
  seen.push(await refusal(run(scene, event(['my-user/my-repo', 'nobody/x']))));
  const text = [
    inspect(seen, { depth: 10, maxStringLength: null }),
    JSON.stringify(scene.log),
    JSON.stringify([...scene.store.versions.values()].flat().map(({ description }) => description)),
    inspect(scene.broker.source, { depth: 10, showHidden: true }),
  ].join('\n');
  expect(scene.github.minted.length).toBeGreaterThanOrEqual(3);
  for (const token of scene.github.minted) expect(text).not.toContain(token);
  expect(text).not.toContain('PRIVATE KEY-----');
});

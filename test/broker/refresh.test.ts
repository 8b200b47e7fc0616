import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { refresh } from '../../lib/broker/refresh.ts';
import { NOW } from '../github/frozen-world.ts';
import { refusal } from '../github/refusal.ts';
import { PKCS8 } from '../github/test-app.ts';
import { APP_PARAMETERS, type BrokerScene, brokerScene, event, ID, names } from './broker-scene.ts';
import type { FakeAccount } from './fake-github.ts';
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
    expect(current(scene, names.tokenParameter(ID))).toEqual({
      value: token,
      keyId: 'alias/km-github-token-sb-1234abcd',
      lastModified: NOW,
      description: JSON.stringify({
        mintedAt: '2026-11-20T10:00:00.000Z',
        expiresAt: '2026-11-20T11:00:00.000Z',
        owner: 'my-user',
        repositories: ['my-repo'],
        permissions: { contents: 'read', metadata: 'read' },
      }),
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
      if (!name.startsWith('GET /installation/repositories')) return undefined;
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
        name.startsWith('GET /installation/repositories') ? json(403, 'Forbidden') : undefined;
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
      if (name.startsWith('GET /installation/repositories')) scene.world.advance(60_000);
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

describe("the owner's installation, on every refresh,", () => {
  const withHint = (owner: string, id: string) => ({ ...APP_PARAMETERS, [names.installation(owner)]: id });

  test('is the stored one when GitHub confirms it', async () => {
    const scene = brokerScene(withHint('my-org', '2'));
    await run(scene, event(['my-org/x']));
    expect(scene.github.requests[0]).toBe('GET /app/installations/2');
    expect(scene.github.requests).not.toContain('GET /orgs/my-org/installation');
  });

  test("is not another account's, whatever is stored: nothing is minted", async () => {
    const scene = brokerScene(withHint('my-user', '3'));
    const error = await refusal(run(scene, event(['my-user/my-repo'])));
    expect([error.code, error.message]).toEqual([
      'ErrGitHubInstallationMismatch',
      "Installation 3 belongs to 'mallory', not to 'my-user'",
    ]);
    expect(scene.github.minted).toEqual([]);
  });

  test("is not another account's, whatever GitHub's look-up answers: nothing is minted", async () => {
    const scene = brokerScene();
    scene.github.intercept = ({ name }) =>
      name === 'GET /users/my-user/installation'
        ? new Response(JSON.stringify({ id: 3, account: { login: 'mallory' }, permissions: {} }))
        : undefined;
    const error = await refusal(run(scene, event(['my-user/my-repo'])));
    expect(error.code).toBe('ErrGitHubInstallationMismatch');
    expect(scene.github.minted).toEqual([]);
  });

  test('heals by itself when the App was installed again', async () => {
    const scene = brokerScene(withHint('my-user', '99'));
    await run(scene, event(['my-user/my-repo'], { installation_id: 98 }));
    expect(scene.github.mints.map(({ installation }) => installation)).toEqual([1]);
  });

  test.each([
    ['the legacy id', { [names.legacyInstallationId]: '1' }, {}],
    ["the event's", {}, { installation_id: 1 }],
  ])('may be %s when GitHub says that it is the owner’s', async (_name, parameters, more) => {
    const scene = brokerScene({ ...APP_PARAMETERS, ...parameters });
    await run(scene, event(['my-user/my-repo'], more));
    expect(scene.github.requests[0]).toBe('GET /app/installations/1');
    expect(scene.github.mints[0]?.installation).toBe(1);
  });

  test.each([
    ['the legacy id', { [names.legacyInstallationId]: '3' }, {}],
    ["the event's", {}, { installation_id: 3 }],
  ])("is looked up when %s is another account's", async (_name, parameters, more) => {
    const scene = brokerScene({ ...APP_PARAMETERS, ...parameters });
    await run(scene, event(['my-user/my-repo'], more));
    expect(scene.github.mints.map(({ installation }) => installation)).toEqual([1]);
  });

  test('is never guessed when there are two owners', async () => {
    const scene = brokerScene({ ...APP_PARAMETERS, [names.legacyInstallationId]: '1' });
    await run(scene, event(['my-user/my-repo', 'my-org/x'], { installation_id: 2 }));
    expect(scene.github.requests.filter((name) => name.startsWith('GET /app/installations/'))).toEqual([]);
  });

  test.each(['', 'x', '-1', '1e3', '2/access_tokens', '0x2'])(
    'is looked up when %j is stored for it',
    async (id) => {
      const scene = brokerScene(withHint('my-org', id));
      await run(scene, event(['my-org/x']));
      expect(scene.github.mints.map(({ installation }) => installation)).toEqual([2]);
    },
  );
});

describe("allowedRepos '*'", () => {
  const two: Readonly<Record<string, FakeAccount>> = {
    acme: { id: 5, repos: ['x'] },
    stranger: { id: 6, repos: ['y'] },
  };

  test('is everything of the only installation', async () => {
    const scene = brokerScene(APP_PARAMETERS, { Acme: { id: 5, repos: ['x', 'y'] } });
    const [token] = await run(scene, event(['*']));
    expect(scene.github.mints).toEqual([
      { installation: 5, permissions: { contents: 'read', metadata: 'read' } },
    ]);
    expect(token).toMatchObject({ owner: 'acme', parameter: names.tokenParameter(ID), repositories: 'all' });
  });

  test('is the one that is stored, when strangers have installed the App too', async () => {
    const scene = brokerScene({ ...APP_PARAMETERS, [names.installation('acme')]: '5' }, two);
    await run(scene, event(['*']));
    expect(scene.github.mints.map(({ installation }) => installation)).toEqual([5]);
  });

  test.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, FakeAccount>>, string]>([
    [
      'two accounts',
      {},
      two,
      "allowedRepos '*' needs exactly one installation of the GitHub App, and there are 2: acme, stranger",
    ],
    ['no account', {}, {}, "allowedRepos '*' needs one installation of the GitHub App, and none is known"],
    [
      'an account that is stored and gone',
      { [names.installation('gone')]: '9' },
      two,
      "allowedRepos '*' needs one installation of the GitHub App, and none is known",
    ],
  ])('is refused with %s', async (_name, parameters, accounts, message) => {
    const scene = brokerScene({ ...APP_PARAMETERS, ...parameters }, accounts);
    const error = await refusal(run(scene, event(['*'])));
    expect([error.code, error.message]).toEqual(['ErrGitHubInstallationAmbiguous', message]);
    expect(scene.github.minted).toEqual([]);
  });

  test('beside an entry of that account is one token; beside any other, none', async () => {
    const one = { acme: { id: 5, repos: ['x'] } };
    const fine = brokerScene(APP_PARAMETERS, one);
    await run(fine, event(['Acme/x', '*']));
    expect(fine.github.mints).toHaveLength(1);
    expect([...fine.store.versions.keys()]).toContain(names.tokenParameter(ID));
    const bad = brokerScene(APP_PARAMETERS, one);
    const error = await refusal(run(bad, event(['*', 'other/x'])));
    expect(error.code).toBe('ErrGitHubInstallationMissing');
    expect(bad.github.minted).toEqual([]);
  });
});

describe("the App's parameters", () => {
  const reads = (scene: BrokerScene) => scene.store.calls.filter(({ operation }) => operation === 'read');

  test('are read in one call for six owners', async () => {
    const owners = ['a', 'b', 'c', 'd', 'e', 'f'];
    const accounts = Object.fromEntries(
      owners.map((owner, index) => [owner, { id: index + 1, repos: ['r'] }]),
    );
    const scene = brokerScene(APP_PARAMETERS, accounts);
    await run(scene, event(owners.map((owner) => `${owner}/r`)));
    expect(reads(scene).map(({ names: read }) => read.length)).toEqual([10]);
  });

  test('are read in further calls only for the hints of more owners', async () => {
    const owners = Array.from({ length: 18 }, (_, index) => `o${index}`);
    const accounts = Object.fromEntries(
      owners.map((owner, index) => [owner, { id: index + 1, repos: ['r'] }]),
    );
    const scene = brokerScene(APP_PARAMETERS, accounts);
    await run(scene, event(owners.map((owner) => `${owner}/r`)));
    expect(reads(scene).map(({ names: read }) => read.length)).toEqual([10, 10, 2]);
  });

  test('are kept for five minutes, and hints are read for new owners only', async () => {
    const scene = brokerScene();
    await run(scene, event(['my-user/my-repo']));
    scene.world.advance(299_000);
    await run(scene, event(['my-user/my-repo']));
    expect(reads(scene)).toHaveLength(1);
    await run(scene, event(['my-user/my-repo', 'my-org/x']));
    expect(
      reads(scene)
        .slice(1)
        .map(({ names: read }) => read),
    ).toEqual([[names.installation('my-org')]]);
    scene.world.advance(1_000);
    await run(scene, event(['my-user/my-repo']));
    expect(reads(scene)).toHaveLength(3);
  });

  test('are not kept when they were not usable', async () => {
    const scene = brokerScene({});
    await refusal(run(scene, event(['my-user/my-repo'])));
    for (const [name, value] of Object.entries(APP_PARAMETERS)) scene.store.put(name, value);
    expect(await run(scene, event(['my-user/my-repo']))).toHaveLength(1);
  });

  test('are read again when GitHub rejects the key, which heals a rotation', async () => {
    const scene = brokerScene();
    await run(scene, event(['my-user/my-repo']));
    // The same key in another form: its fingerprint differs, and the test's App accepts it.
    scene.store.put(names.privateKey, PKCS8);
    let rejected = 0;
    scene.github.intercept = ({ name }) => {
      if (name !== 'GET /users/my-user/installation' || rejected > 0) return undefined;
      rejected += 1;
      return json(401, 'A JSON web token could not be decoded');
    };
    expect(await run(scene, event(['my-user/my-repo']))).toHaveLength(1);
    expect(reads(scene)).toHaveLength(2);
  });

  test('that GitHub still rejects when they are read again are not tried a second time', async () => {
    const scene = brokerScene();
    scene.github.intercept = ({ name }) =>
      name.endsWith('/installation') ? json(401, 'A JSON web token could not be decoded') : undefined;
    expect((await refusal(run(scene, event(['my-user/my-repo'])))).code).toBe('ErrGitHubKeyOfAnotherApp');
    expect(reads(scene)).toHaveLength(2);
    expect(scene.github.requests).toHaveLength(1);
  });

  test('are read again only once for owners that fail together', async () => {
    const scene = brokerScene();
    scene.github.intercept = ({ name }) =>
      name.endsWith('/installation') ? json(401, 'A JSON web token could not be decoded') : undefined;
    const error = await refusal(run(scene, event(['my-user/my-repo', 'my-org/x'])));
    expect(error.code).toBe('ErrGitHubKeyOfAnotherApp');
    expect(reads(scene).length).toBeLessThanOrEqual(3);
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

import { describe, expect, test } from 'vitest';
import { refresh } from '../../lib/broker/refresh.ts';
import { refusal } from '../github/refusal.ts';
import { APP_PARAMETERS, type BrokerScene, brokerScene, event, ID, names } from './broker-scene.ts';
import type { FakeAccount } from './fake-github.ts';

const run = (scene: BrokerScene, refreshEvent: ReturnType<typeof event>) =>
  refresh(scene.broker, refreshEvent, { deadline: scene.deadline() });

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

  test('is asked for once while the App is kept, and then again', async () => {
    const scene = brokerScene(withHint('my-org', '2'));
    const asked = () => scene.github.requests.filter((name) => name === 'GET /app/installations/2').length;
    for (const [minutes, times] of [
      [0, 1],
      [4, 1],
      [1, 2],
    ] as const) {
      scene.world.advance(minutes * 60_000);
      await run(scene, event(['my-org/x']));
      expect(asked()).toBe(times);
    }
  });

  test.each([
    ['gone', Response.json({ message: 'Not Found' }, { status: 404 })],
    [
      "another account's by its repositories",
      Response.json(
        {
          token: `ghs_${'m'.repeat(36)}`,
          expires_at: '2099-01-01T00:00:00Z',
          permissions: { contents: 'read', metadata: 'read' },
          repositories: [{ full_name: 'mallory/x' }],
        },
        { status: 201 },
      ),
    ],
  ])('is asked for again when the confirmed one is %s', async (_what, answer) => {
    const scene = brokerScene(withHint('my-org', '2'));
    await run(scene, event(['my-org/x']));
    const { requests } = scene.github;
    requests.length = 0;
    const mint = 'POST /app/installations/2/access_tokens';
    scene.github.intercept = ({ name }) =>
      name === mint && !requests.includes('GET /app/installations/2') ? answer.clone() : undefined;
    expect(await run(scene, event(['my-org/x']))).toHaveLength(1);
    expect(requests.filter((name) => /^\S+ \/app\//.test(name))).toEqual([
      mint,
      'GET /app/installations/2',
      mint,
    ]);
  });

  test('that is refused is not kept', async () => {
    const scene = brokerScene(withHint('my-org', '2'));
    scene.github.intercept = ({ name }) =>
      name.startsWith('POST ') ? Response.json({ message: 'Not Found' }, { status: 404 }) : undefined;
    for (const times of [1, 2]) {
      await refusal(run(scene, event(['my-org/x'])));
      expect(scene.github.requests.filter((name) => name.startsWith('GET /app/'))).toHaveLength(times);
    }
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

import { createHash, createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { CLIENT_ID, PKCS1 } from '../github/test-app.ts';
import { APP_PARAMETERS, names } from './broker-scene.ts';
import { acceptOnly, codes, inspect, inspectionScene, newKey, STORED } from './inspection-scene.ts';

const FINGERPRINT = `SHA256:${createHash('sha256')
  .update(createPublicKey(PKCS1).export({ type: 'spki', format: 'der' }))
  .digest('base64')}`;

describe('inspect', () => {
  test('tells all that is stored, and what GitHub says of it', async () => {
    const scene = inspectionScene(STORED);
    const { installations, ...answer } = await inspect(scene);
    expect(answer).toEqual({
      configured: true,
      missing: [],
      host: 'github.com',
      signer: 'parameter',
      client_id: CLIENT_ID,
      key: {
        ok: true,
        type: 'rsa',
        bits: 2048,
        fingerprint: FINGERPRINT,
        stored_at: '2026-11-20T10:00:00.000Z',
      },
      clock_skew_ms: 0,
      jwt: { ok: true },
      app: {
        id: 42,
        slug: 'km-sandboxes',
        name: 'km sandboxes',
        client_id: CLIENT_ID,
        owner: 'my-org',
        owner_type: 'Organization',
        permissions: { contents: 'write', metadata: 'read' },
        html_url: 'https://github.com/apps/km-sandboxes',
      },
      stored_installations: [{ owner: 'my-org', id: 2 }],
      legacy_installation_id: 1,
      app_slug: 'km-sandboxes',
      problems: [],
    });
    expect(installations?.map(({ id, account }) => [id, account])).toEqual([
      [1, 'my-user'],
      [2, 'My-Org'],
      [3, 'mallory'],
    ]);
    expect(installations?.[1]).toEqual({
      id: 2,
      account: 'My-Org',
      type: 'Organization',
      repository_selection: 'selected',
      permissions: { contents: 'write', metadata: 'read' },
      suspended: false,
      html_url: 'https://github.com/organizations/My-Org/settings/installations/2',
    });
  });

  test('only looks: it mints nothing, writes nothing, and signs once', async () => {
    const scene = inspectionScene(STORED);
    const seen = new Set<string>();
    scene.github.intercept = ({ authorization }) => {
      seen.add(authorization);
      return undefined;
    };
    await inspect(scene);
    expect(scene.github.requests.sort()).toEqual(['GET /app', 'GET /app/installations?per_page=100&page=1']);
    expect(new Set(scene.store.calls.map(({ operation }) => operation))).toEqual(new Set(['read', 'list']));
    expect([seen.size, scene.log]).toEqual([1, []]);
  });

  test('never tells the key', async () => {
    const text = JSON.stringify(await inspect(inspectionScene(STORED)));
    for (const line of PKCS1.trim().split('\n')) expect(text).not.toContain(line);
  });

  test('lists 130 installations over two pages, suspended ones too', async () => {
    const accounts = Object.fromEntries(
      Array.from({ length: 130 }, (_, index) => [
        `account-${index + 1}`,
        { id: index + 1, repos: [], suspended: index === 128 },
      ]),
    );
    const { installations = [], problems } = await inspect(inspectionScene(STORED, accounts));
    expect([installations.length, installations.at(-1)?.account]).toEqual([130, 'account-130']);
    expect(installations.filter(({ suspended }) => suspended).map(({ account }) => account)).toEqual([
      'account-129',
    ]);
    expect(problems).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, string>>, string[]]>([
    ['nothing', {}, [names.appClientId, names.privateKey]],
    ['no client id', { [names.privateKey]: PKCS1 }, [names.appClientId]],
    ['no private key', { [names.appClientId]: CLIENT_ID }, [names.privateKey]],
    ['a blank private key', { ...APP_PARAMETERS, [names.privateKey]: ' \n' }, [names.privateKey]],
    ['a blank client id', { ...APP_PARAMETERS, [names.appClientId]: '\n' }, [names.appClientId]],
  ])('names what is missing where %s is stored, and asks GitHub nothing', async (_, parameters, missing) => {
    const scene = inspectionScene(parameters);
    const answer = await inspect(scene);
    expect(answer).toMatchObject({ configured: false, missing, stored_installations: [] });
    expect(codes(answer)).toEqual(['ErrGitHubNotConfigured']);
    expect(answer.problems[0]?.remedy).toContain(missing.join(', '));
    expect(scene.github.requests).toEqual([]);
  });

  const bad: readonly [string, string, string, object][] = [
    ['an EC key', newKey('ec'), 'is of type ec, not RSA', { type: 'ec' }],
    ['1,024 bits', newKey('rsa', { bits: 1024 }), 'has 1024 bits, fewer than 2048', { bits: 1024 }],
    ['an encrypted PEM', newKey('rsa', { passphrase: 'x' }), 'is encrypted with a passphrase', {}],
    ['no PEM', 'SECRET-WORD', 'is not a PEM file', {}],
    ['half a PEM', PKCS1.slice(0, 400), 'cannot be read', {}],
  ];
  test.each(bad)('says what is wrong with %s, and asks GitHub nothing', async (_, pem, message, facts) => {
    const scene = inspectionScene({ ...STORED, [names.privateKey]: pem });
    const answer = await inspect(scene);
    expect(answer).toMatchObject({ configured: true, missing: [], key: { ok: false, ...facts } });
    expect(answer.key?.problem?.message).toContain(`The stored private key of the GitHub App ${message}`);
    expect(answer.problems).toEqual([answer.key?.problem]);
    expect(answer).not.toHaveProperty('jwt');
    expect(JSON.stringify(answer)).not.toContain('SECRET-WORD');
    expect(scene.github.requests).toEqual([]);
  });

  test('takes a key with Windows line ends', async () => {
    const scene = inspectionScene({ ...STORED, [names.privateKey]: PKCS1.replaceAll('\n', '\r\n') });
    acceptOnly(scene, PKCS1);
    expect(await inspect(scene)).toMatchObject({ key: { ok: true }, jwt: { ok: true }, problems: [] });
  });

  test('tells once that the key is of another App', async () => {
    const scene = inspectionScene({ ...STORED, [names.privateKey]: newKey('rsa') });
    acceptOnly(scene, PKCS1);
    const answer = await inspect(scene);
    expect(answer.key?.ok).toBe(true);
    expect(answer.jwt).toEqual({ ok: false, problem: answer.problems[0] });
    expect(codes(answer)).toEqual(['ErrGitHubKeyOfAnotherApp']);
    expect(answer).not.toHaveProperty('app');
    expect(answer).not.toHaveProperty('installations');
  });
});

describe('a candidate', () => {
  test('is looked at and signs in the place of the current key', async () => {
    const candidate = newKey('rsa');
    const scene = inspectionScene({ ...STORED, [names.privateKeyCandidate]: candidate });
    acceptOnly(scene, candidate);
    const answer = await inspect(scene, { candidate: true });
    expect(answer).toMatchObject({ configured: true, missing: [], jwt: { ok: true }, problems: [] });
    expect(answer.key?.fingerprint).not.toBe(FINGERPRINT);
    expect((await inspect(scene)).jwt?.ok).toBe(false);
  });

  test('that is absent is missing by its own name', async () => {
    const answer = await inspect(inspectionScene(STORED), { candidate: true });
    expect(answer).toMatchObject({ configured: false, missing: [names.privateKeyCandidate] });
    expect(answer).not.toHaveProperty('key');
  });

  test('that cannot sign is called the candidate', async () => {
    const scene = inspectionScene({ ...STORED, [names.privateKeyCandidate]: newKey('ec') });
    expect((await inspect(scene, { candidate: true })).problems[0]?.message).toBe(
      'The candidate for the private key of the GitHub App is of type ec, not RSA',
    );
  });
});

describe('rate limits', () => {
  test('are told when asked for, of those stored first, with tokens that are revoked', async () => {
    const accounts = Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [
        `account-${index + 1}`,
        { id: index + 1, repos: [], suspended: index === 0 },
      ]),
    );
    const scene = inspectionScene({ ...APP_PARAMETERS, [names.installation('account-8')]: '8' }, accounts);
    const answer = await inspect(scene, { rate_limit: true });
    expect(answer.rate_limit).toEqual(
      ['account-8', 'account-2', 'account-3', 'account-4', 'account-5'].map((account) => ({
        account,
        limit: 5000,
        remaining: 4990,
        reset: '2026-11-20T10:30:00.000Z',
      })),
    );
    expect(scene.github.mints.map(({ permissions }) => permissions)).toEqual(
      Array(5).fill({ metadata: 'read' }),
    );
    expect([...scene.github.alive]).toEqual([]);
    for (const token of scene.github.minted) expect(JSON.stringify([answer, scene.log])).not.toContain(token);
  });

  test('that are not told leave the rest, and the token is revoked', async () => {
    const scene = inspectionScene(STORED, { 'my-org': { id: 2, repos: [] } });
    scene.github.intercept = ({ name }) =>
      name === 'GET /rate_limit' ? Response.json({ message: 'Teapot' }, { status: 418 }) : undefined;
    const answer = await inspect(scene, { rate_limit: true });
    expect(answer).toMatchObject({ jwt: { ok: true }, rate_limit: [] });
    expect(codes(answer)).toEqual(['ErrGitHubUnexpectedAnswer']);
    expect([...scene.github.alive]).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestCloud, type TestCloud } from './aws/test-cloud.ts';
import { signJwt } from './github-harness.ts';

let local: TestCloud;
beforeAll(async () => {
  local = await startTestCloud();
});
afterAll(() => local[Symbol.asyncDispose]());

/** One `/_km/github` request, with the admin token. */
const owner = async (method: string, path = '', body?: object) => {
  const answer = await local.admin(method, `github${path}`, body);
  return { status: answer.status, body: JSON.parse(answer.text) };
};

const appOf = async (slug = 'km-local') =>
  (await owner('GET')).body.apps.find((app: { slug: string }) => app.slug === slug);
const installationOf = async (account: string) =>
  (await owner('GET')).body.installations.find((entry: { account: string }) => entry.account === account);

/** The status of GET /app with a key. */
const statusOf = async (issuer: string, pem: string) => {
  const now = Math.floor(Date.now() / 1000);
  const jwt = signJwt(pem, { iss: issuer, iat: now - 60, exp: now + 540 });
  const response = await fetch(`${local.cloud.github.apiUrl}/app`, {
    headers: { authorization: `Bearer ${jwt}` },
  });
  return response.status;
};

test('they need the admin token', async () => {
  const { status } = await fetch(`${local.cloud.url}/_km/github`);
  expect(status).toBe(403);
});

test('tell what there is', async () => {
  const { body } = await owner('GET');
  expect(body).toMatchObject({
    host: 'local',
    accounts: [
      { login: 'my-user', type: 'User' },
      { login: 'my-org', type: 'Organization' },
      { login: 'other-org', type: 'Organization' },
    ],
    apps: [{ slug: 'km-local', owner: 'my-user', public: true, keys: 1 }],
    installations: [
      { account: 'my-user', app: 'km-local', repositories: 'all', pending: {}, suspended: false },
      { account: 'my-org', app: 'km-local', repositories: 'all' },
    ],
  });
});

test('a key of the App is added, the old ones are dropped', async () => {
  const { client_id } = await appOf();
  const first = local.cloud.github.app?.privateKeyPem ?? '';
  const { status, body } = await owner('POST', '/app-keys');
  expect([status, (await appOf()).keys]).toEqual([201, 2]);
  expect([await statusOf(client_id, first), await statusOf(client_id, body.pem)]).toEqual([200, 200]);
  expect((await owner('DELETE', '/app-keys/old')).status).toBe(200);
  expect([await statusOf(client_id, first), await statusOf(client_id, body.pem)]).toEqual([401, 200]);
});

test('the App is installed, changed and uninstalled', async () => {
  const made = await owner('POST', '/installations', {
    account: 'other-org',
    repositories: ['their-repo'],
    permissions: { contents: 'read' },
  });
  expect([made.status, made.body]).toMatchObject([
    201,
    {
      account: 'other-org',
      repositories: ['their-repo'],
      permissions: { contents: 'read', metadata: 'read' },
    },
  ]);
  const change = { suspended: true, repositories: 'all', permissions: { contents: 'write' } };
  expect((await owner('PATCH', '/installations/other-org', change)).body).toMatchObject({
    id: made.body.id,
    repositories: 'all',
    suspended: true,
    permissions: { contents: 'write' },
  });
  expect((await owner('PATCH', '/installations/other-org', { suspended: false })).body).toMatchObject({
    suspended: false,
    repositories: 'all',
  });
  expect((await owner('DELETE', '/installations/other-org')).status).toBe(200);
  expect(await installationOf('other-org')).toBeUndefined();
});

test('permissions that the App asks for wait for each installation to accept them', async () => {
  const { permissions } = await appOf();
  await owner('PATCH', '/app', { permissions: { ...permissions, statuses: 'write' } });
  expect((await installationOf('my-org')).pending).toEqual({ statuses: 'write' });
  await owner('PATCH', '/installations/my-org', { permissions: 'accept' });
  expect((await installationOf('my-org')).pending).toEqual({});
  expect((await installationOf('my-user')).pending).toEqual({ statuses: 'write' });
  await owner('PATCH', '/app', { permissions });
  expect((await installationOf('my-org')).permissions).not.toHaveProperty('statuses');
});

test('an account is renamed, unless the login is taken', async () => {
  expect((await owner('POST', '/accounts/other-org/rename', { login: 'new-org' })).body.login).toBe(
    'new-org',
  );
  expect((await owner('POST', '/accounts/new-org/rename', { login: 'my-org' })).status).toBe(409);
  expect((await owner('POST', '/accounts/other-org/rename', { login: 'x' })).status).toBe(404);
});

describe('a second App', () => {
  const manifest = {
    name: 'Second',
    url: 'https://example.com',
    redirect_url: 'http://127.0.0.1:1/back',
    public: true,
    default_permissions: { contents: 'read' },
  };

  test('is made, converted, installed by its slug, and deleted with its installations', async () => {
    const made = await owner('POST', '/apps', { manifest, state: 's', organization: 'MY-ORG' });
    expect(made).toMatchObject({ status: 201, body: { app: { slug: 'second', owner: 'my-org', keys: 0 } } });
    expect(made.body.location).toBe(`http://127.0.0.1:1/back?code=${made.body.code}&state=s`);
    const response = await fetch(`${local.cloud.github.apiUrl}/app-manifests/${made.body.code}/conversions`, {
      method: 'POST',
    });
    const { client_id, pem } = (await response.json()) as { client_id: string; pem: string };
    expect(await statusOf(client_id, pem)).toBe(200);

    const installation = { account: 'my-org', repositories: 'all' };
    expect((await owner('POST', '/installations?app=second', installation)).body.app).toBe('second');
    expect((await owner('POST', '/app-keys?app=second')).status).toBe(201);
    expect((await owner('DELETE', '/apps/second')).status).toBe(200);
    expect(await statusOf(client_id, pem)).toBe(404);
    expect((await installationOf('my-org')).app).toBe('km-local');
  });

  test.each<[string, string, object | undefined, number]>([
    ['POST', '/apps', { manifest: { ...manifest, name: 'km-local' } }, 422],
    ['POST', '/apps', { manifest: { ...manifest, url: undefined } }, 422],
    ['POST', '/apps', { manifest, organization: 'my-user' }, 404],
    ['POST', '/apps', {}, 400],
    ['DELETE', '/apps/none', undefined, 404],
    ['POST', '/app-keys?app=none', undefined, 404],
    ['PATCH', '/app', { permissions: { content: 'read' } }, 400],
    ['POST', '/installations', { account: 'nobody', repositories: 'all' }, 404],
    ['POST', '/installations', { account: 'my-org' }, 400],
    ['PATCH', '/installations/nobody', { suspended: true }, 404],
    ['PATCH', '/installations/my-org', { suspended: 'yes' }, 400],
    ['DELETE', '/installations/nobody', undefined, 404],
    ['PUT', '/app', {}, 404],
    ['GET', '/nothing', undefined, 404],
  ])('%s %s with %j answers %i', async (method, path, body, status) => {
    expect((await owner(method, path, body)).status).toBe(status);
  });
});

test('an answer can be lost after its work was done', async () => {
  const manifest = { name: 'Lost', url: 'https://example.com', redirect_url: 'http://127.0.0.1:1/back' };
  const { body } = await owner('POST', '/apps', { manifest });
  await local.admin('POST', 'faults', {
    github: { rules: [{ match: 'POST /app-manifests/*/conversions', lost: true, count: 1 }] },
  });
  const convert = () =>
    fetch(`${local.cloud.github.apiUrl}/app-manifests/${body.code}/conversions`, { method: 'POST' });
  await expect(convert()).rejects.toThrow();
  expect((await appOf('lost')).keys).toBe(1);
  expect((await convert()).status).toBe(404);
});

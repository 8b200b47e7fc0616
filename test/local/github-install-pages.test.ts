import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formOf, open, type Page, press } from './github-browser.ts';
import { startWorld, type World } from './github-harness.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    seed: {
      accounts: [
        { login: 'me', type: 'User', repos: ['mine'] },
        { login: 'my-org', type: 'Organization', repos: ['one', 'two'] },
        { login: 'third', type: 'Organization', repos: ['three'] },
        { login: 'you', type: 'User', repos: ['yours'] },
      ],
      app: {
        slug: 'seeded',
        permissions: { contents: 'write', issues: 'read' },
        installations: [{ account: 'third', repositories: ['three'] }],
      },
    },
  });
});
afterAll(() => world.close());

const at = (path: string) => new URL(path, world.github.url).href;
const go = (path: string) => open(at(path));
const click = (page: Page, button: string, fields: Record<string, string> = {}) =>
  press(world.github.url, page, button, fields);

/** The texts and addresses of the links on a page. */
const linksOf = ({ text }: Page): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/<a href="([^"]+)">([^<]+)<\/a>/g)].map(([, href = '', label = '']) => [
      label,
      href.replaceAll('&amp;', '&'),
    ]),
  );

const overview = async (account: string) => {
  const { body } = await world.github.answerOwner({
    method: 'GET',
    path: '',
    query: new URLSearchParams(),
    body: {},
  });
  const { installations } = body as { installations: { account: string }[] };
  return installations.find((entry) => entry.account === account);
};

describe('installing', () => {
  test('starts with the accounts of who is signed in, and tells where the App is already', async () => {
    for (const path of ['new', 'select_target']) {
      const page = await go(`/apps/seeded/installations/${path}?state=a%20b`);
      expect([page.status, page.title]).toEqual([200, 'Install seeded']);
      const links = linksOf(page);
      expect(Object.keys(links)).toEqual(['me', 'my-org', 'third']);
      expect(links.me).toMatch(/^\/apps\/seeded\/installations\/new\/permissions\?target_id=\d+&state=a\+b$/);
      expect(links.third).toMatch(/^\/organizations\/third\/settings\/installations\/\d+$/);
    }
  });

  test('on all repositories leads to the installation, whose tokens work', async () => {
    const page = await go(linksOf(await go('/apps/seeded/installations/new')).me ?? '');
    expect(page.text).toContain('Install on your personal account <strong>me</strong>');
    expect(page.text).toContain('<strong>Read and write access to</strong> contents');
    const done = await click(page, 'Install');
    expect([done.status, done.location]).toEqual([
      302,
      expect.stringMatching(/^\/settings\/installations\/\d+$/),
    ]);
    expect(await overview('me')).toMatchObject({ repositories: 'all', pending: {}, suspended: false });
    const token = await world.mint('me');
    expect((await world.rest('GET', '/repos/me/mine', token)).status).toBe(200);
    expect((await go(linksOf(await go('/apps/seeded/installations/new')).me ?? '')).title).toBe(
      'seeded on me',
    );
    expect((await click(page, 'Install')).location).toBe(done.location);
  });

  test('on some repositories needs one, and reaches those only', async () => {
    const page = await go(linksOf(await go('/apps/seeded/installations/new'))['my-org'] ?? '');
    const none = await click(page, 'Install', { selection: 'selected' });
    expect([none.status, none.title]).toEqual([422, 'Install seeded']);
    expect(none.text).toContain('<p class="error" role="alert">Select at least one repository.</p>');
    const two = /value="(\d+)"> my-org\/two/.exec(none.text)?.[1] ?? '';
    await click(none, 'Install', { selection: 'selected', repository_ids: two });
    expect(await overview('my-org')).toMatchObject({ repositories: ['two'] });
    const token = await world.mint('my-org');
    expect((await world.rest('GET', '/repos/my-org/two', token)).status).toBe(200);
    expect((await world.rest('GET', '/repos/my-org/one', token)).status).toBe(404);
  });

  test('needs a form of this GitHub', async () => {
    const page = await go(linksOf(await go('/apps/seeded/installations/new')).third ?? '');
    const { fields } = formOf(page, 'Uninstall');
    const forged = await press(world.github.url, page, 'Suspend', fields);
    expect([forged.status, forged.title]).toEqual([422, 'Your browser did something unexpected']);
    expect(await overview('third')).toMatchObject({ suspended: false });
  });

  test.each([
    '/apps/nothing',
    '/apps/nothing/installations/new',
    '/apps/seeded/installations/new/permissions',
    '/apps/seeded/installations/new/permissions?target_id=10000004',
    '/github-apps/seeded',
    '/settings/installations/50000001',
    '/organizations/my-org/settings/installations/50000001',
    '/settings/installations/x',
  ])('%s is no page', async (path) => {
    expect((await go(path)).status).toBe(404);
  });
});

describe('with a setup URL', () => {
  const manifest = (name: string, more: object) => ({
    name,
    url: 'https://example.com',
    redirect_url: 'http://127.0.0.1:1/back',
    setup_url: 'http://127.0.0.1:1/done?a=1',
    ...more,
  });
  const register = async (body: object) =>
    world.github.answerOwner({
      method: 'POST',
      path: '/apps',
      query: new URLSearchParams(),
      body: { ...body },
    });

  test('the browser goes there with the installation and the state', async () => {
    await register({ manifest: manifest('With setup', { public: true, setup_on_update: true }) });
    const page = await go(linksOf(await go('/apps/with-setup/installations/new?state=x')).me ?? '');
    const done = new URL((await click(page, 'Install')).location ?? '');
    expect(done.origin + done.pathname).toBe('http://127.0.0.1:1/done');
    const installation_id = done.searchParams.get('installation_id');
    expect(Object.fromEntries(done.searchParams)).toEqual({
      a: '1',
      installation_id,
      setup_action: 'install',
      state: 'x',
    });
    const saved = await click(await go(`/settings/installations/${installation_id}`), 'Save');
    expect(new URL(saved.location ?? '').searchParams.get('setup_action')).toBe('update');
  });

  test('a private App is for its owner only', async () => {
    await register({ manifest: manifest('Private one', {}), organization: 'my-org' });
    expect(Object.keys(linksOf(await go('/apps/private-one/installations/new')))).toEqual(['my-org']);
  });
});

describe('the page of an installation', () => {
  const path = () => `/organizations/third/settings/installations/50000001`;

  test('suspends, unsuspends and selects repositories', async () => {
    await click(await go(path()), 'Suspend');
    expect(await overview('third')).toMatchObject({ suspended: true });
    const suspended = await go(path());
    expect(suspended.text).toContain('This installation is suspended.');
    await click(suspended, 'Unsuspend');
    await click(await go(path()), 'Save', { selection: 'all' });
    expect(await overview('third')).toMatchObject({ suspended: false, repositories: 'all' });
  });

  test('asks for new permissions, which count only once they are accepted', async () => {
    world.github.owner.changePermissions({ contents: 'write', checks: 'write' }, 'seeded');
    // What the App no longer asks for is gone at once; what it asks for anew waits.
    expect(await overview('third')).toMatchObject({
      permissions: { contents: 'write', metadata: 'read' },
      pending: { checks: 'write' },
    });
    const before = await world.rest('GET', '/app/installations/50000001', world.jwt());
    expect(before.body.permissions).toEqual({ contents: 'write', metadata: 'read' });
    expect((await world.rest('GET', '/app', world.jwt())).body.permissions).toHaveProperty('checks', 'write');

    const link = linksOf(await go(path()))['Review request'] ?? '';
    const request = await go(link);
    expect([link, request.title]).toEqual([
      `${path()}/permissions/update`,
      'seeded is requesting updated permissions',
    ]);
    await click(request, 'Accept new permissions');
    expect(await overview('third')).toMatchObject({
      permissions: { contents: 'write', checks: 'write', metadata: 'read' },
      pending: {},
    });
    expect((await go(link)).location).toBe(path());
  });

  test('uninstalls', async () => {
    const token = await world.mint('third');
    expect((await click(await go(path()), 'Uninstall')).location).toBe('/apps/seeded');
    expect((await go(path())).status).toBe(404);
    expect((await world.rest('GET', '/repos/third/three', token)).status).toBe(401);
  });
});

test('every page has a language, a title, labels for its fields, a dark side, and nothing from elsewhere', async () => {
  for (const path of [
    '/settings/apps/new',
    '/apps/seeded',
    '/apps/seeded/installations/new',
    '/apps/nothing',
  ]) {
    const { text, headers } = await go(path);
    expect(text).toMatch(/<html lang="en">[\s\S]*<title>[^<]+<\/title>[\s\S]*<h1>[^<]+<\/h1>/);
    expect(text).toContain('prefers-color-scheme: dark');
    expect(text).not.toMatch(/<(?:script|img|link|iframe)\b|url\(|@import/);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  }
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formOf, open, post, press } from './github-browser.ts';
import { signJwt, startWorld, type World } from './github-harness.ts';

const MANIFEST = {
  name: 'My Sandbox App',
  url: 'https://example.com/km',
  redirect_url: 'http://127.0.0.1:5555/callback?kept=1',
  description: 'Gives <sandboxes> tokens',
  public: true,
  default_permissions: { contents: 'write' },
};

let world: World;
beforeAll(async () => {
  world = await startWorld({
    seed: {
      accounts: [
        { login: 'big-org', type: 'Organization', repos: ['one'] },
        { login: 'me', type: 'User', repos: ['mine'] },
        { login: 'you', type: 'User', repos: [] },
      ],
      app: 'none',
    },
  });
});
afterAll(() => world.close());

const at = (path: string) => `${world.github.url}${path}`;

const review = (manifest: object, path = '/settings/apps/new?state=s1%26x') =>
  post(at(path), { manifest: JSON.stringify(manifest) });

const convert = (code: string | null) => world.rest('POST', `/app-manifests/${code}/conversions`);

const codeOf = (location: string | undefined) => new URL(location ?? '').searchParams.get('code');

/** Makes an App to the end: its conversion's answer. */
const make = async (manifest: object, path?: string) => {
  const made = await press(world.github.url, await review(manifest, path), 'Create GitHub App');
  return (await convert(codeOf(made.location))).body;
};

/** A JWT of an App that a manifest made. */
const jwtOf = ({ client_id, pem }: { client_id: string; pem: string }) => {
  const now = Math.floor(world.clock.now() / 1000);
  return signJwt(pem, { iss: client_id, iat: now - 60, exp: now + 540 });
};

test('a seed with no App starts without one, and stays so after a restart', async () => {
  expect([world.github.app, world.github.installations]).toEqual([undefined, []]);
  await world.restart();
  expect(world.github.app).toBeUndefined();
});

describe('from the form of another site to a working App', () => {
  test('the page names the App and what it may do, and nothing of the manifest becomes HTML', async () => {
    const page = await review(MANIFEST);
    expect([page.status, page.title]).toEqual([200, 'Create GitHub App for me']);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.text).toContain('Signed in as me');
    expect(page.text).toContain('<label for="name">GitHub App name</label>');
    expect(page.text).toContain('<strong>Read and write access to</strong> contents');
    expect(page.text).toContain('Gives &lt;sandboxes&gt; tokens');
    expect(formOf(page, 'Create GitHub App').fields.name).toBe('My Sandbox App');
  });

  test('the button leads back with a code and the state, and the code gives the App and its key, once', async () => {
    const created = await press(world.github.url, await review(MANIFEST), 'Create GitHub App');
    expect(created.status).toBe(302);
    const location = new URL(created.location ?? '');
    expect(location.origin + location.pathname).toBe('http://127.0.0.1:5555/callback');
    expect(Object.fromEntries(location.searchParams)).toEqual({
      kept: '1',
      code: expect.stringMatching(/^[\da-f]{40}$/),
      state: 's1&x',
    });

    const code = codeOf(created.location);
    const { status, body } = await convert(code);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      slug: 'my-sandbox-app',
      name: 'My Sandbox App',
      owner: { login: 'me', type: 'User' },
      html_url: `${world.github.url}/apps/my-sandbox-app`,
      external_url: 'https://example.com/km',
      permissions: { contents: 'write', metadata: 'read' },
      events: [],
      webhook_secret: null,
      client_secret: expect.stringMatching(/^[\da-f]{40}$/),
      client_id: expect.stringMatching(/^Iv23li/),
    });
    expect(body.pem).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    const app = await world.rest('GET', '/app', jwtOf(body));
    expect([app.status, app.body.id]).toEqual([200, body.id]);

    const again = await convert(code);
    expect([again.status, again.body.message]).toEqual([404, 'Not Found']);
    expect(world.tables.dump()).not.toContain('PRIVATE KEY');
    expect(world.tables.dump()).not.toContain(code);
  });

  test('the name can be changed on the page; another state, none, is given back as none', async () => {
    const page = await review({ ...MANIFEST, name: undefined }, '/settings/apps/new');
    expect(formOf(page, 'Create GitHub App').fields.name).toBe('');
    const created = await press(world.github.url, page, 'Create GitHub App', { name: ' Renamed it ' });
    expect(new URL(created.location ?? '').searchParams.has('state')).toBe(false);
    expect((await convert(codeOf(created.location))).body.name).toBe('Renamed it');
  });

  test('an organization owns what is made on its page, and a webhook has a secret', async () => {
    const manifest = {
      ...MANIFEST,
      name: 'Org App',
      hook_attributes: { url: 'https://example.com/hook' },
      default_events: ['push'],
    };
    const body = await make(manifest, '/organizations/big-org/settings/apps/new');
    expect(body).toMatchObject({ owner: { login: 'big-org' }, events: ['push'] });
    expect(body.webhook_secret).toMatch(/^[\da-f]{40}$/);
  });

  test('a code is dead after an hour, and its App stays without a key', async () => {
    const created = await press(
      world.github.url,
      await review({ ...MANIFEST, name: 'Too late' }),
      'Create GitHub App',
    );
    await world.clock.advance(3_600_000);
    expect((await convert(codeOf(created.location))).status).toBe(404);
    expect((await world.rest('GET', '/apps/too-late')).body.slug).toBe('too-late');
  });

  test('an unfinished App survives a restart with its code', async () => {
    const created = await press(
      world.github.url,
      await review({ ...MANIFEST, name: 'Restarted' }),
      'Create GitHub App',
    );
    await world.restart();
    const { body } = await convert(codeOf(created.location));
    expect((await world.rest('GET', '/app', jwtOf(body))).body.slug).toBe('restarted');
  });

  test('several Apps do not see each other’s installations, and each one’s key is its own', async () => {
    const [first, second] = [
      await make({ ...MANIFEST, name: 'First' }),
      await make({ ...MANIFEST, name: 'Second' }),
    ];
    const id = world.github.owner.install({ account: 'big-org', repositories: 'all' }, 'first')?.id;
    expect((await world.rest('GET', '/app/installations', jwtOf(first))).body).toMatchObject([
      { id, app_slug: 'first', client_id: first.client_id },
    ]);
    expect((await world.rest('GET', '/app/installations', jwtOf(second))).body).toEqual([]);
    for (const [method, path] of [
      ['GET', `/app/installations/${id}`],
      ['POST', `/app/installations/${id}/access_tokens`],
      ['DELETE', `/app/installations/${id}`],
      ['PUT', `/app/installations/${id}/suspended`],
      ['GET', '/orgs/big-org/installation'],
      ['GET', '/repos/big-org/one/installation'],
    ] as const)
      expect([path, (await world.rest(method, path, jwtOf(second))).status]).toEqual([path, 404]);
    const crossed = await world.rest('GET', '/app', jwtOf({ ...first, pem: second.pem }));
    expect([crossed.status, crossed.body.message]).toEqual([401, 'A JSON web token could not be decoded']);
  });
});

describe('what is refused', () => {
  test.each([
    ['taken', 'MY sandbox-app', 'Name has already been taken'],
    ["another account's login", 'you', 'Name has already been taken'],
    ['too long', 'x'.repeat(35), 'Name is too long (maximum is 34 characters)'],
    ['empty', ' ', 'Name can&#39;t be blank'],
  ])('a name that is %s is shown with the reason, and can be changed', async (title, name, reason) => {
    const page = await press(world.github.url, await review(MANIFEST), 'Create GitHub App', { name });
    expect([page.status, page.location]).toEqual([422, undefined]);
    expect(page.text).toContain(`<span class="error" role="alert">${reason}</span>`);
    expect(formOf(page, 'Create GitHub App').fields.state).toBe('s1&x');
    const unique = `Mended ${title.slice(0, 20)}`;
    expect((await press(world.github.url, page, 'Create GitHub App', { name: unique })).status).toBe(302);
  });

  test("an App may bear its own owner's login", async () => {
    expect((await make({ ...MANIFEST, name: 'me' })).slug).toBe('me');
  });

  test.each<[string, object, string]>([
    ['no homepage', { ...MANIFEST, url: undefined }, '&quot;url&quot; wasn&#39;t supplied.'],
    [
      'a webhook without an address',
      { ...MANIFEST, hook_attributes: { active: false } },
      '&quot;url&quot; wasn&#39;t supplied.',
    ],
    [
      'a webhook on loopback',
      { ...MANIFEST, hook_attributes: { url: 'http://localhost:1/x' } },
      'Hook url is not supported because it isn&#39;t reachable over the public Internet (localhost)',
    ],
    [
      'an address of another kind',
      { ...MANIFEST, redirect_url: 'javascript:1' },
      '&quot;redirect_url&quot; is not valid.',
    ],
    [
      'an event without its permission',
      { ...MANIFEST, default_events: ['check_run', 'push'] },
      'Default events are not supported by permissions: check_run',
    ],
    [
      'an event that every App gets',
      { ...MANIFEST, default_events: ['installation'] },
      'Default events unsupported: installation',
    ],
    [
      'an unknown permission',
      { ...MANIFEST, default_permissions: { content: 'read' } },
      'Default permission records resource is not included in the list',
    ],
    [
      'an unknown level',
      { ...MANIFEST, default_permissions: { contents: 'all' } },
      'Default permission records action is not included in the list',
    ],
    ['an unknown key', { ...MANIFEST, more: 1 }, '&quot;more&quot; is not a permitted key.'],
  ])('a manifest with %s', async (_title, manifest, problem) => {
    const page = await review(manifest);
    expect([page.status, page.title]).toEqual([422, 'Invalid GitHub App configuration']);
    expect(page.text).toContain(`Error: ${problem}</p>`);
  });

  test('a manifest that is no JSON', async () => {
    const page = await post(at('/settings/apps/new'), { manifest: '{' });
    expect(page.text).toContain('Error: Problems parsing JSON');
  });

  test('a page of an organization that is not there, or is a user', async () => {
    for (const name of ['nobody', 'you']) {
      const page = await review(MANIFEST, `/organizations/${name}/settings/apps/new`);
      expect([page.status, page.title]).toEqual([404, 'Page not found']);
    }
  });

  test('a form that no page of this GitHub has shown makes nothing', async () => {
    const manifest = JSON.stringify({ ...MANIFEST, name: 'Forged' });
    const theirs = formOf(
      await review(MANIFEST, '/organizations/big-org/settings/apps/new'),
      'Create GitHub App',
    );
    for (const authenticity_token of ['', 'x', theirs.fields.authenticity_token ?? '']) {
      const page = await post(at('/settings/apps'), { manifest, name: 'Forged', authenticity_token });
      expect([page.status, page.title]).toEqual([422, 'Your browser did something unexpected']);
    }
    expect((await world.rest('GET', '/apps/forged')).status).toBe(404);
  });

  test('an unknown code', async () => {
    expect((await convert('0'.repeat(40))).status).toBe(404);
  });
});

test('without a manifest the page asks for one', async () => {
  const page = await open(at('/settings/apps/new?state=q'));
  expect(page.text).toContain('<label for="manifest">');
  const next = await press(world.github.url, page, 'Continue', { manifest: JSON.stringify(MANIFEST) });
  expect(formOf(next, 'Create GitHub App').fields.state).toBe('q');
});

test('where the seed has no user, nobody is signed in', async () => {
  const empty = await startWorld({ seed: { accounts: [], app: 'none' } });
  try {
    const page = await open(`${empty.github.url}/settings/apps/new`);
    expect([page.status, page.title]).toEqual([401, 'Sign in to GitHub']);
  } finally {
    await empty.close();
  }
});

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_SEED, type Seed } from '../../lib/local/github/seed.ts';
import { startLocalGitHub } from '../../lib/local/github/start.ts';
import { memoryTables, startWorld, type World } from './github-harness.ts';

const many: Seed = {
  accounts: Array.from({ length: 130 }, (_, index) => ({
    login: `owner-${index}`,
    type: 'Organization' as const,
    repos: index === 0 ? Array.from({ length: 35 }, (_, repo) => `repo-${repo}`) : ['repo'],
  })),
  app: {
    ...DEFAULT_SEED.app,
    installations: Array.from({ length: 130 }, (_, index) => ({
      account: `owner-${index}`,
      repositories: 'all' as const,
    })),
  },
};

/** The relations of a Link header and the pages that they point at. */
const linksOf = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    [...(headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g)].map(([, url = '', rel = '']) => [
      rel,
      url,
    ]),
  );

describe('paging through 130 installations', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ seed: many });
  });
  afterAll(() => world.close());

  test.each([
    ['', 30, ['next=2', 'last=5']],
    ['?page=3', 30, ['prev=2', 'next=4', 'last=5', 'first=1']],
    ['?per_page=100', 100, ['next=2', 'last=2']],
    ['?per_page=100&page=2', 30, ['prev=1', 'first=1']],
    ['?per_page=1000', 100, ['next=2', 'last=2']],
    ['?per_page=0', 30, ['next=2', 'last=5']],
    ['?per_page=-1&page=x', 30, ['next=2', 'last=5']],
    ['?page=99', 0, ['prev=5', 'first=1']],
  ])('/app/installations%s has %i, and links %j', async (query, count, links) => {
    const { body, headers } = await world.rest('GET', `/app/installations${query}`, world.jwt());
    expect(body).toHaveLength(count);
    const pages = Object.entries(linksOf(headers)).map(
      ([rel, url]) => `${rel}=${new URL(url).searchParams.get('page')}`,
    );
    expect(pages).toEqual(links);
  });

  test('following rel="next" from the first page meets every installation once', async () => {
    const seen: number[] = [];
    let next: string | undefined = `${world.github.apiUrl}/app/installations?per_page=50`;
    while (next !== undefined) {
      const response: Response = await fetch(next, { headers: { authorization: `Bearer ${world.jwt()}` } });
      seen.push(...((await response.json()) as { id: number }[]).map(({ id }) => id));
      next = linksOf(response.headers).next;
    }
    expect(seen).toEqual(world.github.installations.map(({ id }) => id));
    expect(new Set(seen).size).toBe(130);
  });

  test("an installation's repositories are paged too, with their total", async () => {
    const token = await world.mint('owner-0');
    const first = await world.rest('GET', '/installation/repositories', token);
    const second = await world.rest('GET', '/installation/repositories?page=2', token);
    expect([first.body.total_count, first.body.repositories.length, second.body.repositories.length]).toEqual(
      [35, 30, 5],
    );
    expect(first.body.repository_selection).toBe('all');
    expect(Object.keys(linksOf(first.headers))).toEqual(['next', 'last']);
  });
});

describe('finding, suspending and deleting an installation', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      seed: {
        ...DEFAULT_SEED,
        app: {
          ...DEFAULT_SEED.app,
          installations: [
            { account: 'my-user', repositories: 'all' },
            { account: 'my-org', repositories: ['another-repo'], permissions: { contents: 'read' } },
            { account: 'other-org', repositories: 'all', suspended: true },
          ],
        },
      },
    });
  });
  afterAll(() => world.close());

  test.each([
    ['/orgs/my-org/installation', 'my-org'],
    ['/orgs/MY-ORG/installation', 'my-org'],
    ['/users/my-user/installation', 'my-user'],
    ['/users/my-org/installation', 'my-org'],
    ['/repos/my-org/another-repo/installation', 'my-org'],
    ['/repos/My-Org/Another-Repo/installation', 'my-org'],
  ])('%s is that of %s', async (path, account) => {
    const { status, body } = await world.rest('GET', path, world.jwt());
    expect([status, body.account.login]).toEqual([200, account]);
    expect(body).toMatchObject({ app_id: world.github.app?.id, app_slug: 'km-local' });
  });

  test.each([
    '/orgs/my-user/installation',
    '/orgs/nobody/installation',
    '/users/nobody/installation',
    '/repos/my-org/private-repo/installation',
    '/repos/my-org/nothing/installation',
    '/app/installations/1',
    '/app/installations/x',
  ])('%s is 404', async (path) => {
    const { status, body } = await world.rest('GET', path, world.jwt());
    expect(status).toBe(404);
    expect(body).toMatchObject({ message: 'Not Found', status: '404' });
    expect(body.documentation_url).toMatch(/^https:\/\/docs\.github\.com\/rest\/apps\/apps#get-/);
  });

  test.each([
    ['my-user', 'settings/installations/'],
    ['my-org', 'organizations/my-org/settings/installations/'],
  ])('the settings page of the installation on %s is under /%s', async (login, path) => {
    const { body } = await world.rest('GET', `/users/${login}/installation`, world.jwt());
    expect(body.html_url).toBe(`${world.github.url}/${path}${body.id}`);
  });

  test('an installation tells its selection, its permissions and whether it is suspended', async () => {
    const { body } = await world.rest('GET', '/app/installations', world.jwt());
    expect(
      body.map((entry: Record<string, unknown>) => [
        entry.repository_selection,
        entry.permissions,
        entry.suspended_at !== null,
      ]),
    ).toEqual([
      ['all', DEFAULT_SEED.app.permissions, false],
      ['selected', { contents: 'read', metadata: 'read' }, false],
      ['all', DEFAULT_SEED.app.permissions, true],
    ]);
  });

  test('a suspended installation mints nothing, its tokens are dead, and unsuspending wakes them', async () => {
    const id = world.github.installations.find((entry) => entry.account === 'my-user')?.id;
    const token = await world.mint('my-user');
    expect((await world.rest('PUT', `/app/installations/${id}/suspended`, world.jwt())).status).toBe(204);

    const minted = await world.rest('POST', `/app/installations/${id}/access_tokens`, world.jwt());
    const used = await world.rest('GET', '/repos/my-user/my-repo', token);
    const limit = await world.rest('GET', '/rate_limit', token);
    const cloned = await world.git(['ls-remote', world.remote('my-user/my-repo.git', token)]);
    expect(limit.status).toBe(403);
    expect([minted.status, minted.body.message]).toEqual([403, 'This installation has been suspended']);
    expect([used.status, used.body.message]).toEqual([403, 'This installation has been suspended']);
    expect([cloned.code, cloned.stderr]).toEqual([
      128,
      expect.stringContaining('remote: This installation has been suspended\n'),
    ]);

    expect((await world.rest('DELETE', `/app/installations/${id}/suspended`, world.jwt())).status).toBe(204);
    expect((await world.rest('GET', '/repos/my-user/my-repo', token)).status).toBe(200);
  });

  test('a deleted installation is gone, and so are its tokens', async () => {
    const id = world.github.installations.find((entry) => entry.account === 'my-org')?.id;
    const token = await world.mint('my-org');
    expect((await world.rest('DELETE', `/app/installations/${id}`, world.jwt())).status).toBe(204);
    expect((await world.rest('GET', `/app/installations/${id}`, world.jwt())).status).toBe(404);
    expect((await world.rest('POST', `/app/installations/${id}/access_tokens`, world.jwt())).status).toBe(
      404,
    );
    const used = await world.rest('GET', '/repos/my-org/another-repo', token);
    expect([used.status, used.body.message]).toEqual([401, 'Bad credentials']);
  });
});

describe('what owners do on the pages of GitHub', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  test('an App that is installed again has a new installation, and the old tokens are dead', async () => {
    const before = world.github.installations.find((entry) => entry.account === 'my-org')?.id;
    const token = await world.mint('my-org');
    const { id } = world.github.owner.install({ account: 'my-org', repositories: ['another-repo'] }) ?? {};
    expect(id).toBeGreaterThan(Math.max(...world.github.installations.map((entry) => entry.id)) - 1);
    expect(id).not.toBe(before);
    expect((await world.rest('GET', '/repos/my-org/another-repo', token)).status).toBe(401);
    expect((await world.rest('GET', '/orgs/my-org/installation', world.jwt())).body.id).toBe(id);
    const fresh = await world.mint('my-org');
    const paths = ['/repos/my-org/another-repo', '/repos/my-org/private-repo'];
    const statuses = await Promise.all(
      paths.map(async (path) => (await world.rest('GET', path, fresh)).status),
    );
    expect(statuses).toEqual([200, 404]);
  });

  test('an id is never given twice', async () => {
    const first = world.github.owner.install({ account: 'other-org', repositories: 'all' })?.id;
    expect(world.github.owner.uninstall('other-org')).toBe(true);
    expect(world.github.owner.uninstall('other-org')).toBe(false);
    expect(world.github.owner.install({ account: 'other-org', repositories: 'all' })?.id).toBe(
      (first ?? 0) + 1,
    );
    expect(world.github.owner.install({ account: 'nobody', repositories: 'all' })).toBeUndefined();
  });

  test('a rotated key works beside the old one until the old one is dropped', async () => {
    const status = async () => (await world.rest('GET', '/app', world.jwt())).status;
    const old = world.privateKey;
    const fresh = await world.github.owner.addAppKey();
    expect(await status()).toBe(200);
    world.privateKey = fresh;
    expect(await status()).toBe(200);
    world.github.owner.dropOldAppKeys();
    expect(await status()).toBe(200);
    world.privateKey = old;
    expect(await status()).toBe(401);
  });
});

test('the state survives a restart: the App, its key, the installations, the tokens and what was pushed', async () => {
  const world = await startWorld();
  try {
    const { app } = world.github;
    const token = await world.mint('my-org');
    const id = world.github.installations[0]?.id;
    await world.rest('PUT', `/app/installations/${id}/suspended`, world.jwt());
    const written = await world.rest('PUT', '/repos/my-org/another-repo/contents/a', token, {
      message: 'm',
      content: 'eA==',
    });
    await world.restart();

    expect(world.github.app).toEqual({ id: app?.id, clientId: app?.clientId, slug: app?.slug });
    expect((await world.rest('GET', '/app', world.jwt())).status).toBe(200);
    expect(
      (await world.rest('GET', `/app/installations/${id}`, world.jwt())).body.suspended_at,
    ).not.toBeNull();
    const ref = await world.rest('GET', '/repos/my-org/another-repo/git/ref/heads/main', token);
    expect(ref.body.object.sha).toBe(written.body.commit.sha);
  } finally {
    await world.close();
  }
});

test('a start on a taken port fails before the App is made, so that its key is not lost', async () => {
  const world = await startWorld();
  const fresh = memoryTables();
  const options = {
    stateDir: join(world.dir, 'second'),
    clock: world.clock,
    table: fresh.table,
    faults: () => ({}),
    log: () => {},
  };
  try {
    await expect(startLocalGitHub({ ...options, port: world.github.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    const second = await startLocalGitHub(options);
    await second.close();
    expect(second.app?.privateKeyPem).toContain('RSA PRIVATE KEY');
  } finally {
    await world.close();
  }
});

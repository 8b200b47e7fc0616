import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from './github-harness.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const idOf = (account: string) => world.github.installations.find((entry) => entry.account === account)?.id;
const post = (account: string, body?: unknown) =>
  world.rest('POST', `/app/installations/${idOf(account)}/access_tokens`, world.jwt(), body);

describe('the two forms of a token', () => {
  test('they alternate: 36 characters after ghs_, and ghs_APPID_JWT of some 520', async () => {
    const tokens = await Promise.all([1, 2, 3, 4].map(() => world.mint('my-org')));
    const long = tokens.filter((token) => token.includes('.'));
    const short = tokens.filter((token) => !token.includes('.'));
    expect([long.length, short.length]).toEqual([2, 2]);
    for (const token of short) expect(token).toMatch(/^ghs_[A-Za-z0-9]{36}$/);
    for (const token of long) {
      expect(token).toMatch(new RegExp(`^ghs_${world.github.app?.id}_ey[\\w-]+\\.ey[\\w-]+\\.[\\w-]+$`));
      expect(token.length).toBeGreaterThan(480);
      expect(token.length).toBeLessThan(600);
    }
    for (const token of tokens) {
      expect((await world.rest('GET', '/repos/my-org/another-repo', token)).status).toBe(200);
      expect(world.tables.dump()).not.toContain(token);
      expect(JSON.stringify(world.events)).not.toContain(token);
    }
  });

  test.each([
    ['enabled', true],
    ['disabled', false],
  ])('X-GitHub-Stateless-S2S-Token: %s chooses', async (value, stateless) => {
    const header = { 'X-GitHub-Stateless-S2S-Token': value };
    const tokens = [await world.mint('my-org', {}, header), await world.mint('my-org', {}, header)];
    expect(tokens.map((token) => token.includes('.'))).toEqual([stateless, stateless]);
  });

  test('a stateless token that was not minted here, or was changed, is no token', async () => {
    const token = await world.mint('my-org', {}, { 'X-GitHub-Stateless-S2S-Token': 'enabled' });
    const changed = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    expect((await world.rest('GET', '/repos/my-org/another-repo', changed)).body.message).toBe(
      'Bad credentials',
    );
  });
});

describe('what minting answers', () => {
  test('without a body: everything that the installation has, for an hour', async () => {
    const { status, body } = await post('my-org');
    expect(status).toBe(201);
    expect(body).toMatchObject({
      repository_selection: 'all',
      permissions: { contents: 'write', metadata: 'read', workflows: 'write' },
    });
    expect(body).not.toHaveProperty('repositories');
    const left = Date.parse(body.expires_at) - world.clock.now();
    expect(left).toBeGreaterThan(3_500_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
    expect(body.expires_at).toMatch(/T\d\d:\d\d:\d\dZ$/);
  });

  test('with names in any case: those, and metadata beside the permissions asked for', async () => {
    const { body } = await post('my-org', {
      repositories: ['ANOTHER-repo'],
      permissions: { contents: 'read' },
    });
    expect(body).toMatchObject({
      repository_selection: 'selected',
      permissions: { contents: 'read', metadata: 'read' },
    });
    expect(body.repositories.map((entry: { full_name: string }) => entry.full_name)).toEqual([
      'my-org/another-repo',
    ]);
  });

  test('with ids: the same', async () => {
    const token = await world.mint('my-org');
    const { body: repository } = await world.rest('GET', '/repos/my-org/private-repo', token);
    const { body } = await post('my-org', { repository_ids: [repository.id] });
    expect(body.repositories.map((entry: { id: number }) => entry.id)).toEqual([repository.id]);
  });

  test('empty lists count as absent ones, as on GitHub: everything', async () => {
    const { body } = await post('my-org', { repositories: [], permissions: {} });
    expect(body).toMatchObject({ repository_selection: 'all', permissions: { contents: 'write' } });
  });

  const ABSENT =
    'There is at least one repository that does not exist or is not accessible to the parent installation.';
  const NOT_GRANTED = 'The permissions requested are not granted to this installation.';
  const names = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`);

  test.each<[string, unknown, number, string]>([
    ['a repository that is not there', { repositories: ['another-repo', 'nothing'] }, 422, ABSENT],
    ["another account's repository", { repositories: ['their-repo'] }, 422, ABSENT],
    ['a name with its owner', { repositories: ['my-org/another-repo'] }, 422, ABSENT],
    ['an id of another account', { repository_ids: [100_000_001] }, 422, ABSENT],
    ['500 names that are not there', { repositories: names(500) }, 422, ABSENT],
    [
      '501 names',
      { repositories: names(501) },
      422,
      'Invalid request.\n\nNo more than 500 items are allowed; 501 were supplied.',
    ],
    ['a permission not granted', { permissions: { administration: 'read' } }, 422, NOT_GRANTED],
    ['a level not granted', { permissions: { contents: 'admin' } }, 422, NOT_GRANTED],
    [
      'a permission that is none',
      { permissions: { content: 'read' } },
      422,
      'Invalid request.\n\n"content" is not a permitted key.',
    ],
    ['a body that is no JSON', '{', 400, 'Problems parsing JSON'],
    ['a body that is a list', [], 400, 'Body should be a JSON object'],
  ])('%s is refused', async (_title, body, status, message) => {
    const answer = await post('my-org', body);
    expect([answer.status, answer.body.message]).toEqual([status, message]);
  });

  test('an unknown installation is 404', async () => {
    const { status, body } = await world.rest('POST', '/app/installations/1/access_tokens', world.jwt());
    expect([status, body.message]).toEqual([404, 'Not Found']);
  });
});

describe('what a token reaches', () => {
  test.each<[string, string, object, string, number]>([
    [
      'one of its repositories',
      'my-org',
      { repositories: ['another-repo'] },
      '/repos/my-org/another-repo',
      200,
    ],
    [
      'one by another spelling',
      'my-org',
      { repositories: ['another-repo'] },
      '/repos/MY-ORG/Another-Repo',
      200,
    ],
    [
      "the account's other repository",
      'my-org',
      { repositories: ['another-repo'] },
      '/repos/my-org/private-repo',
      404,
    ],
    ["another account's", 'my-org', {}, '/repos/my-user/my-repo', 404],
    ["an account's without the App", 'my-org', {}, '/repos/other-org/their-repo', 404],
    ['none of that name', 'my-org', {}, '/repos/my-org/nothing', 404],
    [
      'content with metadata only',
      'my-org',
      { permissions: { metadata: 'read' } },
      '/repos/my-org/another-repo/contents/README.md',
      403,
    ],
    [
      'metadata with metadata only',
      'my-org',
      { permissions: { metadata: 'read' } },
      '/repos/my-org/another-repo',
      200,
    ],
    [
      'branches with metadata only',
      'my-org',
      { permissions: { metadata: 'read' } },
      '/repos/my-org/another-repo/branches',
      403,
    ],
    [
      'content with contents',
      'my-org',
      { permissions: { contents: 'read' } },
      '/repos/my-org/another-repo/contents/README.md',
      200,
    ],
  ])('%s: %s %j GET %s is %i', async (_title, account, scope, path, status) => {
    const answer = await world.rest('GET', path, await world.mint(account, scope));
    expect(answer.status).toBe(status);
  });

  test('a token of one repository lists that one', async () => {
    const token = await world.mint('my-org', { repositories: ['private-repo'] });
    const { body } = await world.rest('GET', '/installation/repositories', token);
    expect([body.total_count, body.repository_selection, body.repositories[0].name]).toEqual([
      1,
      'selected',
      'private-repo',
    ]);
  });

  test.each([
    ['GET', '/installation/repositories', undefined, 401, 'Requires authentication'],
    ['GET', '/repos/my-org/another-repo', undefined, 404, 'Not Found'],
    ['GET', '/repos/my-org/another-repo', 'ghs_000000000000000000000000000000000000', 401, 'Bad credentials'],
    ['GET', '/meta', 'nonsense', 401, 'Bad credentials'],
    ['GET', '/rate_limit', 'ghs_000000000000000000000000000000000000', 401, 'Bad credentials'],
  ])('%s %s with %s is %i', async (method, path, token, status, message) => {
    const answer = await world.rest(method, path, token);
    expect([answer.status, answer.body.message]).toEqual([status, message]);
  });

  test("the App's JWT is no installation token", async () => {
    const { status, body } = await world.rest('GET', '/installation/repositories', world.jwt());
    expect([status, body.message]).toEqual([
      403,
      'You must authenticate with an installation access token in order to list repositories for an installation.',
    ]);
  });
});

describe('the end of a token', () => {
  const ls = (token: string) => world.git(['ls-remote', world.remote('my-org/another-repo.git', token)]);
  const DEAD =
    'remote: Invalid username or token. Password authentication is not supported for Git operations.';

  test.each(['enabled', 'disabled'])(
    'revoked (stateless %s): dead at once for REST and for git',
    async (form) => {
      const token = await world.mint('my-org', {}, { 'X-GitHub-Stateless-S2S-Token': form });
      const other = await world.mint('my-org');
      expect((await ls(token)).code).toBe(0);
      expect((await world.rest('DELETE', '/installation/token', token)).status).toBe(204);

      expect((await world.rest('GET', '/repos/my-org/another-repo', token)).status).toBe(401);
      expect((await world.rest('GET', '/rate_limit', token)).status).toBe(401);
      expect((await world.rest('DELETE', '/installation/token', token)).status).toBe(401);
      const { code, stderr } = await ls(token);
      expect([code, stderr]).toEqual([128, expect.stringContaining(DEAD)]);
      expect((await world.rest('GET', '/repos/my-org/another-repo', other)).status).toBe(200);
    },
  );

  test('expired: dead an hour after it was minted, on the moved clock', async () => {
    const token = await world.mint('my-org');
    await world.clock.advance(59 * 60_000);
    expect((await world.rest('GET', '/repos/my-org/another-repo', token)).status).toBe(200);
    expect((await ls(token)).code).toBe(0);
    await world.clock.advance(60_000);
    expect((await world.rest('GET', '/repos/my-org/another-repo', token)).body.message).toBe(
      'Bad credentials',
    );
    const { code, stderr } = await ls(token);
    expect([code, stderr]).toEqual([128, expect.stringContaining(DEAD)]);
  });
});

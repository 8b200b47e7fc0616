import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from './github-harness.ts';

let world: World;
let full: string;
beforeAll(async () => {
  world = await startWorld();
  full = await world.mint('my-org');
});
afterAll(() => world.close());

let clones = 0;
const clone = async (repository: string, token: string, ...options: string[]) => {
  const path = join(world.dir, `clone-${clones++}`);
  const run = await world.git([...options, 'clone', '-q', world.remote(repository, token), path]);
  return { path, ...run };
};
const commit = async (cwd: string, file: string, content: string | Buffer) => {
  writeFileSync(join(cwd, file), content);
  await world.git(['add', '-A'], { cwd });
  await world.git(['commit', '-qm', file], { cwd });
};
const tip = async (branch: string) =>
  (await world.git(['ls-remote', world.remote('my-org/another-repo', full), branch])).stdout.slice(0, 40);

describe('clone, fetch and push', () => {
  test.each([0, 1, 2])('with protocol v%i', async (version) => {
    const protocol = ['-c', `protocol.version=${version}`];
    const first = await clone('my-org/another-repo.git', full, ...protocol);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(readFileSync(join(first.path, 'README.md'), 'utf8')).toContain('# another-repo');

    const branch = `v${version}`;
    await commit(first.path, branch, branch);
    const pushed = await world.git([...protocol, 'push', '-q', 'origin', `HEAD:refs/heads/${branch}`], {
      cwd: first.path,
    });
    expect(pushed.code).toBe(0);

    const second = await clone('my-org/another-repo', full, ...protocol);
    await world.git([...protocol, 'fetch', '-q', 'origin', branch], { cwd: second.path });
    const fetched = await world.git(['rev-parse', 'FETCH_HEAD'], { cwd: second.path });
    expect(fetched.stdout.trim()).toBe(await tip(`refs/heads/${branch}`));
  });

  test('with both forms of a token, as password, as username and as Bearer', async () => {
    for (const form of ['enabled', 'disabled']) {
      const token = await world.mint('my-org', {}, { 'X-GitHub-Stateless-S2S-Token': form });
      const base = `${world.github.url}/my-org/another-repo.git`;
      const ways = [
        ['ls-remote', base.replace('//', `//x-access-token:${token}@`)],
        ['ls-remote', base.replace('//', `//anyone:${token}@`)],
        ['ls-remote', base.replace('//', `//${token}:x-oauth-basic@`)],
        ['ls-remote', base.replace('//', `//${token}:@`)],
        ['-c', `http.extraHeader=Authorization: Bearer ${token}`, 'ls-remote', base],
      ];
      for (const way of ways) expect((await world.git(way)).code).toBe(0);
    }
  });

  test('a request of several megabytes arrives whole, chunked as git sends it', async () => {
    const { path } = await clone('my-org/private-repo.git', full);
    const content = randomBytes(6 * 1024 * 1024);
    await commit(path, 'big', content);
    const pushed = await world.git(['push', '-q', 'origin', 'HEAD:main'], { cwd: path });
    expect([pushed.code, pushed.stderr]).toEqual([0, '']);
    const again = await clone('my-org/private-repo.git', full);
    expect(readFileSync(join(again.path, 'big')).equals(content)).toBe(true);
  });

  test('a gzipped request is understood: the wants of a clone of 30 branches', async () => {
    const token = await world.mint('my-user');
    const { path } = await clone('my-user/my-repo.git', token);
    for (let index = 0; index < 30; index++)
      await world.git(['commit', '-q', '--allow-empty', '-m', String(index)], { cwd: path });
    const refs = Array.from({ length: 30 }, (_, index) => `HEAD~${index}:refs/heads/branch-${index}`);
    expect((await world.git(['push', '-q', 'origin', ...refs], { cwd: path })).code).toBe(0);
    const again = join(world.dir, `clone-${clones++}`);
    const { code, stderr } = await world.git(
      ['-c', 'protocol.version=0', 'clone', '-q', world.remote('my-user/my-repo.git', token), again],
      { env: { GIT_CURL_VERBOSE: '1' } },
    );
    expect([code, /content-encoding: gzip/i.test(stderr)]).toEqual([0, true]);
  });

  test('eight clones at once all succeed', async () => {
    const runs = await Promise.all(Array.from({ length: 8 }, () => clone('my-org/another-repo.git', full)));
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(runs.map(() => [0, '']));
  });

  test('a shallow and a partial clone are served', async () => {
    for (const option of ['--depth=1', '--filter=blob:none']) {
      const path = join(world.dir, `clone-${clones++}`);
      const run = await world.git([
        'clone',
        '-q',
        option,
        world.remote('my-org/another-repo.git', full),
        path,
      ]);
      expect([run.code, run.stderr]).toEqual([0, '']);
    }
  });

  test('every repository begins with the same commit on main, whoever starts the cloud', async () => {
    const { path } = await clone('my-org/private-repo.git', full);
    const log = await world.git(['log', '--max-parents=0', '--format=%H %an %ad %s', '--date=iso-strict'], {
      cwd: path,
    });
    expect(log.stdout).toBe(
      '5a7e1fea95d5ad08221415d835dacaa67ab9f8e5 Local GitHub 2024-01-01T00:00:00+00:00 Initial commit\n',
    );
    expect((await world.git(['fsck', '--strict'], { cwd: path })).code).toBe(0);
  });
});

describe('what a token may do', () => {
  const scopes = {
    'one repository': { repositories: ['another-repo'], permissions: { contents: 'write' } },
    'contents: read': { permissions: { contents: 'read' } },
    'metadata only': { permissions: { metadata: 'read' } },
    'issues: write': { permissions: { issues: 'write' } },
  } as const;

  test.each<[keyof typeof scopes, string, string]>([
    ['one repository', 'my-org/private-repo.git', 'remote: Repository not found.'],
    ['one repository', 'my-org/private-repo', 'remote: Repository not found.'],
    ['one repository', 'my-user/my-repo.git', 'remote: Repository not found.'],
    ['contents: read', 'other-org/their-repo.git', 'remote: Repository not found.'],
    ['contents: read', 'my-org/nothing.git', 'remote: Repository not found.'],
    ['metadata only', 'my-org/another-repo.git', 'remote: Write access to repository not granted.'],
    ['issues: write', 'my-org/another-repo.git', 'remote: Write access to repository not granted.'],
  ])('with %s, cloning %s is refused', async (scope, repository, message) => {
    const { code, stderr, path } = await clone(repository, await world.mint('my-org', scopes[scope]));
    expect([code, stderr]).toEqual([128, expect.stringContaining(message)]);
    expect(existsSync(join(path, 'README.md'))).toBe(false);
  });

  test('with contents: read, cloning works and pushing is refused', async () => {
    const before = await tip('refs/heads/main');
    const { path, code } = await clone(
      'my-org/another-repo.git',
      await world.mint('my-org', scopes['contents: read']),
    );
    expect(code).toBe(0);
    await commit(path, 'mine', 'x');
    const pushed = await world.git(['push', 'origin', 'HEAD:main'], { cwd: path });
    expect([pushed.code, pushed.stderr]).toEqual([
      128,
      expect.stringContaining('remote: Permission to my-org/another-repo.git denied to km-local[bot].'),
    ]);
    expect(await tip('refs/heads/main')).toBe(before);
  });

  test.each([
    ['without workflows: write a pushed workflow is refused', { contents: 'write' }, 1],
    ['with workflows: write it is taken', { contents: 'write', workflows: 'write' }, 0],
  ])('%s', async (_title, permissions, status) => {
    const { path } = await clone('my-org/another-repo.git', await world.mint('my-org', { permissions }));
    mkdirSync(join(path, '.github', 'workflows'), { recursive: true });
    await commit(path, '.github/workflows/ci.yml', `on: push # ${status}`);
    await commit(path, 'harmless', 'x');
    const pushed = await world.git(['push', 'origin', `HEAD:refs/heads/workflow-${status}`], { cwd: path });
    expect(pushed.code).toBe(status);
    if (status !== 0)
      expect(pushed.stderr).toContain(
        'remote: refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission',
      );
    const harmless = await world.git(['push', 'origin', `origin/main:refs/heads/harmless-${status}`], {
      cwd: path,
    });
    expect(harmless.code).toBe(0);
    const deleted = await world.git(['push', 'origin', `:refs/heads/harmless-${status}`], { cwd: path });
    expect(deleted.code).toBe(0);
  });

  test('receive-pack without its advertisement is refused as well', async () => {
    const token = await world.mint('my-org', scopes['contents: read']);
    const response = await fetch(`${world.github.url}/my-org/another-repo.git/git-receive-pack`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-git-receive-pack-request' },
      body: '0000',
    });
    expect(response.status).toBe(403);
  });

  test('a service that the path authorizes cannot be swapped by the query', async () => {
    const token = await world.mint('my-org', scopes['contents: read']);
    const ask = (query: string) =>
      fetch(`${world.github.url}/my-org/another-repo.git/info/refs?${query}`, {
        headers: { authorization: `Bearer ${token}` },
      });
    const answer = await ask('service=git-upload-pack&service=git-receive-pack');
    expect(answer.headers.get('content-type')).toBe('application/x-git-upload-pack-advertisement');
    expect((await ask('service=git-receive-pack&service=git-upload-pack')).status).toBe(403);
  });
});

describe('requests that are refused before git sees them', () => {
  /** The path goes out as it stands: fetch would resolve its dots. */
  const rawStatus = (path: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(world.github.url, { path, headers: { authorization: `Bearer ${full}` } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });

  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${world.github.url}${path}`, {
      headers: { authorization: `Bearer ${full}` },
      ...init,
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };

  test.each(['/my-org/another-repo.git', '/my-org/nothing.git', '/nobody/nothing'])(
    'without a credential %s asks for one, whether or not it exists',
    async (path) => {
      const { status, headers } = await ask(`${path}/info/refs?service=git-upload-pack`, { headers: {} });
      expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="GitHub"']);
    },
  );

  test.each(['Basic', 'Basic !!!', `Basic ${btoa(':')}`, 'Digest x', 'Bearer', `Bearer ${'x'.repeat(600)}`])(
    "the header '%s' is no credential",
    async (authorization) => {
      const { status } = await ask('/my-org/another-repo.git/info/refs?service=git-upload-pack', {
        headers: { authorization },
      });
      expect(status).toBe(401);
    },
  );

  test("the App's JWT opens no repository", async () => {
    const { status } = await ask('/my-org/another-repo.git/info/refs?service=git-upload-pack', {
      headers: { authorization: `Bearer ${world.jwt()}` },
    });
    expect(status).toBe(401);
  });

  test('dumb HTTP is refused in the words of GitHub', async () => {
    const { status, text } = await ask('/my-org/another-repo.git/info/refs');
    expect([status, text]).toEqual([403, expect.stringContaining('no longer supports git over dumb-http')]);
  });

  test.each([
    '/my-org/another-repo.git/HEAD',
    '/my-org/another-repo.git/config',
    '/my-org/another-repo.git/objects/info/packs',
    '/my-org/another-repo.git/hooks/pre-receive',
    '/my-org/another-repo.git/git-upload-archive',
    '/my-org/another-repo.git',
    '/my-org',
    '/',
    '/my-org/another-repo.git.git/info/refs?service=git-upload-pack',
    '/my-org//another-repo.git/info/refs?service=git-upload-pack',
    '//my-org/another-repo.git/info/refs?service=git-upload-pack',
    '/my-org/../my-org/x/%2e%2e/another-repo.git/info/refs?service=git-upload-pack',
    '/my-org/..%2fanother-repo.git/info/refs?service=git-upload-pack',
    '/my-org%2fanother-repo.git/info/refs?service=git-upload-pack',
    '/my-org/another-repo%00.git/info/refs?service=git-upload-pack',
    '/my-org/another-repo.git%0a/info/refs?service=git-upload-pack',
    '/my-org/.git/info/refs?service=git-upload-pack',
    '/my-org/...git/info/refs?service=git-upload-pack',
    '/100000002/x.git/info/refs?service=git-upload-pack',
    '/..;/x.git/info/refs?service=git-upload-pack',
  ])('%s is 404', async (path) => {
    expect(await rawStatus(path)).toBe(404);
  });

  test.each([
    ['POST', '/my-org/another-repo.git/info/refs?service=git-upload-pack'],
    ['GET', '/my-org/another-repo.git/git-upload-pack'],
    ['PUT', '/my-org/another-repo.git/git-upload-pack'],
  ])('%s %s is 405', async (method, path) => {
    expect((await ask(path, { method, headers: { authorization: `Bearer ${full}` } })).status).toBe(405);
  });

  test('no hook in a repository runs, and no config in it counts', async () => {
    const { path } = await clone('my-org/another-repo.git', full);
    const token = await world.mint('my-org');
    const { body } = await world.rest('GET', '/repos/my-org/another-repo', token);
    const bare = join(world.dir, 'state', 'repos', `${body.id}.git`);
    mkdirSync(join(bare, 'hooks'), { recursive: true });
    const mark = join(world.dir, 'hook-ran');
    for (const name of ['pre-receive', 'update', 'post-receive', 'post-update'])
      writeFileSync(join(bare, 'hooks', name), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
    await commit(path, 'hooked', 'x');
    const pushed = await world.git(['push', '-q', 'origin', 'HEAD:refs/heads/hooked'], { cwd: path });
    expect([pushed.code, existsSync(mark)]).toEqual([0, false]);
  });
});

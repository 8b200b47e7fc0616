import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from './github-harness.ts';

let world: World;
let write: string;
let read: string;
beforeAll(async () => {
  world = await startWorld();
  write = await world.mint('my-org', { permissions: { contents: 'write' } });
  read = await world.mint('my-org', { permissions: { contents: 'read' } });
});
afterAll(() => world.close());

const REPOSITORY = '/repos/my-org/another-repo';
const text = (content: string) => Buffer.from(content).toString('base64');
const api = (method: string, path: string, body?: unknown, token = write) =>
  world.rest(method, `${REPOSITORY}${path}`, token, body);
const headOf = async (branch: string) =>
  (await api('GET', `/git/ref/heads/${branch}`)).body?.object?.sha as string | undefined;
const branchFrom = async (name: string, from = 'main') =>
  api('POST', '/git/refs', { ref: `refs/heads/${name}`, sha: await headOf(from) });
const put = async (branch: string, path: string, content: string) => {
  const answer = await api('PUT', `/contents/${path}`, {
    message: `Add ${path}`,
    content: text(content),
    branch,
  });
  expect(answer.status).toBe(201);
  return answer.body.commit.sha as string;
};

/** A fork in the history: `NAME-a` and `NAME-b`, one commit each past main. */
const forked = async (name: string, files: readonly [string, string] = ['a', 'b']) => {
  await branchFrom(`${name}-a`);
  await branchFrom(`${name}-b`);
  const base = await headOf('main');
  const a = await put(`${name}-a`, `${name}-${files[0]}`, 'one');
  const b = await put(`${name}-b`, `${name}-${files[1]}`, 'two');
  return { base, a, b };
};

describe('history', () => {
  test('commits are listed from a branch, of a path, and by pages; one comes with its files or as a diff', async () => {
    const { base, a } = await forked('log');
    const all = await api('GET', '/commits?sha=log-a');
    expect(all.body.map((commit: { sha: string }) => commit.sha)).toEqual([a, base]);
    expect((await api('GET', '/commits?sha=log-a&path=log-a')).body).toHaveLength(1);
    expect((await api('GET', '/commits?sha=log-a&per_page=1')).headers.get('link')).toContain('rel="next"');
    const one = await api('GET', '/commits/log-a');
    expect(one.body).toMatchObject({
      sha: a,
      parents: [{ sha: base }],
      stats: { additions: 1, deletions: 0 },
    });
    expect(one.body.files[0]).toMatchObject({ filename: 'log-a', status: 'added', additions: 1 });
    expect((await api('GET', `/commits/${a.slice(0, 7)}`)).body.sha).toBe(a);
    const diff = await fetch(`${world.github.apiUrl}${REPOSITORY}/commits/log-a`, {
      headers: { authorization: `Bearer ${read}`, accept: 'application/vnd.github.diff' },
    });
    expect(await diff.text()).toContain('+++ b/log-a');
  });

  test('a comparison tells how two commits lie to each other', async () => {
    const { base, a } = await forked('cmp');
    const compare = async (spec: string) => {
      const { status, body } = await api('GET', `/compare/${spec}`, undefined, read);
      return [status, body.status, body.ahead_by, body.behind_by, body.merge_base_commit?.sha];
    };
    expect(await compare('main...cmp-a')).toEqual([200, 'ahead', 1, 0, base]);
    expect(await compare('cmp-a...main')).toEqual([200, 'behind', 0, 1, base]);
    expect(await compare('cmp-a...my-org:cmp-b')).toEqual([200, 'diverged', 1, 1, base]);
    expect(await compare(`my-org:another-repo:cmp-a...${a}`)).toEqual([200, 'identical', 0, 0, a]);
    expect((await compare('main...other-org:main'))[0]).toBe(404);
    expect((await compare('main...my-org:private-repo:main'))[0]).toBe(404);
    expect((await compare('main...nothing'))[0]).toBe(404);
  });

  test.each([
    ['/commits/nothing', 422],
    ['/commits?sha=nothing', 404],
    ['/compare/main', 404],
    ['/commits/--all', 422],
    ['/commits?sha=--all', 404],
  ])('GET %s is %i', async (path, status) => {
    expect((await api('GET', path)).status).toBe(status);
  });
});

describe('moving a ref', () => {
  test('forward needs no force; anywhere else does', async () => {
    const { base, a, b } = await forked('move');
    const patch = (sha: unknown, force?: boolean) =>
      api('PATCH', '/git/refs/heads/move-a', { sha, ...(force === undefined ? {} : { force }) });
    expect(await patch(b)).toMatchObject({ status: 422, body: { message: 'Update is not a fast forward' } });
    expect((await patch(base)).status).toBe(422);
    expect((await patch(b, true)).body.object.sha).toBe(b);
    expect((await patch(base, true)).status).toBe(200);
    expect((await patch(a)).status).toBe(200);
    expect(await headOf('move-a')).toBe(a);
    expect((await patch('f'.repeat(40))).body.message).toBe('Object does not exist');
  });

  test('one that is not there, or with contents: read, is refused', async () => {
    const sha = await headOf('main');
    expect((await api('PATCH', '/git/refs/heads/none', { sha })).body.message).toBe(
      'Reference does not exist',
    );
    expect((await api('PATCH', '/git/refs/heads/main', { sha }, read)).status).toBe(403);
    expect((await api('DELETE', '/git/refs/heads/main', undefined, read)).status).toBe(403);
  });

  test('refs are found by a prefix and deleted, but not the default branch', async () => {
    await branchFrom('gone/1');
    await branchFrom('gone/2');
    const refs = async () =>
      (await api('GET', '/git/matching-refs/heads/gone')).body.map((entry: { ref: string }) => entry.ref);
    expect(await refs()).toEqual(['refs/heads/gone/1', 'refs/heads/gone/2']);
    expect((await api('DELETE', '/git/refs/heads/gone/1')).status).toBe(204);
    expect(await refs()).toEqual(['refs/heads/gone/2']);
    expect((await api('DELETE', '/git/refs/heads/gone/1')).status).toBe(422);
    expect((await api('DELETE', '/git/refs/heads/main')).status).toBe(422);
  });

  test('a renamed branch takes the default branch with it', async () => {
    await branchFrom('old/name');
    const renamed = await api('POST', '/branches/old/name/rename', { new_name: 'new/name' });
    expect([renamed.status, renamed.body.name]).toEqual([201, 'new/name']);
    expect(await headOf('old/name')).toBeUndefined();
    expect((await api('POST', '/branches/new/name/rename', { new_name: 'main' })).status).toBe(422);
    expect((await api('POST', '/branches/main/rename', { new_name: 'trunk' })).status).toBe(201);
    expect((await api('GET', '')).body.default_branch).toBe('trunk');
    expect((await api('POST', '/branches/trunk/rename', { new_name: 'main' })).status).toBe(201);
  });
});

describe('merging', () => {
  test('makes a commit of two parents, once', async () => {
    const { a, b } = await forked('merge');
    const merged = await api('POST', '/merges', { base: 'merge-a', head: 'merge-b' });
    expect(merged.status).toBe(201);
    expect(merged.body.parents.map((parent: { sha: string }) => parent.sha)).toEqual([a, b]);
    expect(merged.body.commit.author.name).toBe('km-local[bot]');
    expect(await headOf('merge-a')).toBe(merged.body.sha);
    expect((await api('POST', '/merges', { base: 'merge-a', head: 'merge-b' })).status).toBe(204);
  });

  test('of what does not fit, or is not there, is refused', async () => {
    const { a } = await forked('conflict', ['same', 'same']);
    expect((await api('POST', '/merges', { base: 'conflict-a', head: 'conflict-b' })).status).toBe(409);
    expect(await headOf('conflict-a')).toBe(a);
    expect((await api('POST', '/merges', { base: 'none', head: 'main' })).body.message).toBe(
      'Base does not exist',
    );
    expect((await api('POST', '/merges', { base: 'main', head: 'none' })).body.message).toBe(
      'Head does not exist',
    );
    expect((await api('POST', '/merges', { base: 'main', head: 'conflict-a' }, read)).status).toBe(403);
  });
});

describe('changing a file', () => {
  test('is of a branch, and not of a tag or a commit', async () => {
    const sha = await headOf('main');
    await api('POST', '/git/refs', { ref: 'refs/tags/a-tag', sha });
    for (const branch of ['a-tag', sha]) {
      const body = { message: 'm', content: '', branch };
      expect((await api('PUT', '/contents/new', body)).body.message).toBe(`Branch ${branch} not found`);
    }
  });

  test('commits its absence, by its blob id', async () => {
    await branchFrom('deletes');
    const { body } = await api('GET', '/contents/README.md?ref=deletes');
    const remove = (sha?: string) =>
      api('DELETE', '/contents/README.md', { message: 'Away', branch: 'deletes', ...(sha ? { sha } : {}) });
    expect((await remove()).status).toBe(422);
    expect((await remove('a'.repeat(40))).status).toBe(409);
    const done = await remove(body.sha);
    expect([done.status, done.body.content]).toEqual([200, null]);
    expect(await headOf('deletes')).toBe(done.body.commit.sha);
    expect((await remove(body.sha)).status).toBe(404);
    expect((await api('DELETE', '/contents/README.md', { message: 'm', sha: body.sha }, read)).status).toBe(
      403,
    );
  });
});

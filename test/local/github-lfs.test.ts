import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Front, isInstalled, startFront } from './github-front.ts';
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

const CONTENT = Buffer.from('a large file');
const OBJECT = { oid: createHash('sha256').update(CONTENT).digest('hex'), size: CONTENT.length };

const lfs = async (
  path: string,
  token: string | undefined,
  body?: object,
  repository = 'my-org/another-repo',
) => {
  const response = await fetch(`${world.github.url}/${repository}.git/info/lfs${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'application/vnd.git-lfs+json',
      ...(token === undefined ? {} : { authorization: `Basic ${btoa(`x-access-token:${token}`)}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server answers
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
};
const batch = (operation: string, token: string, objects: readonly object[] = [OBJECT]) =>
  lfs('/objects/batch', token, { operation, transfers: ['basic'], objects });

interface Action {
  readonly href: string;
  readonly header: Record<string, string>;
}
const act = ({ href, header }: Action, method: string, body?: Buffer | string, headers = header) =>
  fetch(href, { method, headers, ...(body === undefined ? {} : { body }) });

describe('objects', () => {
  test('are uploaded, verified, and downloaded by the actions of a batch', async () => {
    const before = await batch('download', write);
    expect(before.body.objects[0].error.code).toBe(404);
    const { body, headers } = await batch('upload', write);
    expect(headers.get('content-type')).toContain('application/vnd.git-lfs+json');
    const { upload, verify } = body.objects[0].actions;
    expect(upload.href).toMatch(new RegExp(`^${world.github.url}/storage/lfs/`));
    expect(upload.header.Authorization).toMatch(/^RemoteAuth /);
    expect((await act(verify, 'POST', JSON.stringify(OBJECT))).status).toBe(404);
    expect((await act(upload, 'PUT', 'another file')).status).toBe(400);
    expect((await act(upload, 'PUT', CONTENT)).status).toBe(200);
    expect((await act(verify, 'POST', JSON.stringify(OBJECT))).status).toBe(200);
    const again = await batch('upload', write);
    expect(again.body.objects).toEqual([OBJECT]);

    const { download } = (await batch('download', read)).body.objects[0].actions;
    const got = await act(download, 'GET');
    expect([got.status, Buffer.from(await got.arrayBuffer())]).toEqual([200, CONTENT]);
    await world.restart();
    const kept = (await batch('download', read)).body.objects[0].actions;
    expect((await act(kept.download, 'GET')).status).toBe(200);
    expect(
      (await act({ ...download, href: download.href.replace(/:\d+/, `:${world.github.port}`) }, 'GET'))
        .status,
    ).toBe(403);
  });

  test('an URL works only as it was signed: with its header, for its method and object, for a quarter of an hour', async () => {
    const other = { oid: 'a'.repeat(64), size: 1 };
    const { upload } = (await batch('upload', write, [other])).body.objects[0].actions;
    const refused = [
      act(upload, 'PUT', 'x', {}),
      act(upload, 'PUT', 'x', { Authorization: 'RemoteAuth AAAA' }),
      act(upload, 'PUT', 'x', { Authorization: `Bearer ${write}` }),
      act(upload, 'GET'),
      act({ ...upload, href: upload.href.replace('a'.repeat(64), 'b'.repeat(64)) }, 'PUT', 'x'),
      act({ ...upload, href: upload.href.replace(/expires=\d+/, 'expires=9999999999') }, 'PUT', 'x'),
    ];
    for (const answer of await Promise.all(refused)) expect(answer.status).toBe(403);
    await world.clock.advance(901_000);
    expect((await act(upload, 'PUT', 'x')).status).toBe(403);
  });

  test('of one repository are not there in another', async () => {
    const answer = await lfs(
      '/objects/batch',
      write,
      { operation: 'download', objects: [OBJECT] },
      'my-org/private-repo',
    );
    expect(answer.body.objects[0].error.code).toBe(404);
  });

  test.each<[string, () => string | undefined, object, number, string?]>([
    ['no credential', () => undefined, { operation: 'download', objects: [OBJECT] }, 401],
    ['an upload with contents: read', () => read, { operation: 'upload', objects: [OBJECT] }, 403],
    ['another operation', () => write, { operation: 'delete', objects: [OBJECT] }, 422],
    ['no objects', () => write, { operation: 'download', objects: [] }, 422],
    ['another transfer', () => write, { operation: 'download', transfers: ['tus'], objects: [OBJECT] }, 422],
    [
      'a repository out of reach',
      () => write,
      { operation: 'download', objects: [OBJECT] },
      404,
      'other-org/their-repo',
    ],
  ])('%s is refused', async (_title, token, body, status, repository) => {
    const answer = await lfs('/objects/batch', token(), body, repository);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('lfs-authenticate')).toBe(status === 401 ? 'Basic realm="GitHub"' : null);
  });
});

describe('locks', () => {
  test('are made once a path, listed, told apart by their owner, and taken off', async () => {
    const made = await lfs('/locks', write, { path: 'a.bin' });
    expect([made.status, made.body.lock.path, made.body.lock.owner.name]).toEqual([
      201,
      'a.bin',
      'km-local[bot]',
    ]);
    expect((await lfs('/locks', write, { path: 'a.bin' })).status).toBe(409);
    await lfs('/locks', write, { path: 'b.bin' });
    const first = await lfs('/locks?limit=1', read);
    expect(first.body.locks).toHaveLength(1);
    expect((await lfs(`/locks?cursor=${first.body.next_cursor}`, read)).body.locks).toHaveLength(1);
    expect((await lfs('/locks?path=b.bin', read)).body.locks).toHaveLength(1);
    const verified = await lfs('/locks/verify', write, {});
    expect([verified.body.ours.length, verified.body.theirs.length]).toEqual([2, 0]);
    expect((await lfs(`/locks/${made.body.lock.id}/unlock`, write, {})).status).toBe(200);
    expect((await lfs(`/locks/${made.body.lock.id}/unlock`, write, {})).status).toBe(404);
  });

  test.each(['/locks', '/locks/verify'])('POST %s needs contents: write', async (path) => {
    expect((await lfs(path, read, { path: 'c.bin' })).status).toBe(403);
  });
});

describe.runIf(isInstalled('git-lfs'))('git-lfs, against the real names', () => {
  let front: Front;
  beforeAll(async () => {
    front = await startFront(world);
  });
  afterAll(() => front.close());

  test('pushes a file of a megabyte, locks it, and clones it back', async () => {
    const token = await world.mint('my-org');
    const url = `https://x-access-token:${token}@github.com/my-org/private-repo.git`;
    const content = randomBytes(1024 * 1024);
    const env = { GIT_CONFIG_GLOBAL: `${world.dir}/lfs.gitconfig` };
    const git = async (args: readonly string[], cwd = `${world.dir}/lfs`) => {
      const done = await front.run('git', args, { cwd, env });
      expect(done, args.join(' ')).toMatchObject({ code: 0 });
      return done.stdout;
    };
    await git(['lfs', 'install', '--skip-repo'], world.dir);
    await git(['clone', '-q', url, 'lfs'], world.dir);
    await git(['lfs', 'install', '--local']);
    await git(['lfs', 'track', '*.bin']);
    writeFileSync(`${world.dir}/lfs/large.bin`, content);
    await git(['add', '.']);
    await git(['commit', '-qm', 'A large file']);
    await git(['push', '-q', 'origin', 'HEAD:main']);
    await git(['lfs', 'lock', 'large.bin']);
    expect(await git(['lfs', 'locks'])).toContain('large.bin');
    await git(['clone', '-q', url, 'again'], world.dir);
    expect(readFileSync(`${world.dir}/again/large.bin`).equals(content)).toBe(true);
    const hosts = new Set(front.seen.map((request) => new URL(request.url).host));
    expect(hosts).toEqual(new Set(['github.com', 'github-cloud.githubusercontent.com', 'lfs.github.com']));
  });
});

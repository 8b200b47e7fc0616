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
const headOf = async (branch: string) =>
  (await world.rest('GET', `${REPOSITORY}/git/ref/heads/${branch}`, write)).body?.object?.sha as string;
const branchFrom = async (name: string) =>
  world.rest('POST', `${REPOSITORY}/git/refs`, write, {
    ref: `refs/heads/${name}`,
    sha: await headOf('main'),
  });

describe('reading', () => {
  test('a file comes in base64 with its blob id', async () => {
    const { status, body } = await world.rest('GET', `${REPOSITORY}/contents/README.md`, read);
    expect(status).toBe(200);
    expect(body).toMatchObject({ type: 'file', encoding: 'base64', name: 'README.md', path: 'README.md' });
    expect(Buffer.from(body.content, 'base64').toString()).toMatch(/^# another-repo\n/);
  });

  test.each(['', '/'])("the root at '/contents%s' is a list", async (end) => {
    const { body } = await world.rest('GET', `${REPOSITORY}/contents${end}`, read);
    expect(body.map((entry: { path: string; type: string }) => [entry.path, entry.type])).toEqual([
      ['README.md', 'file'],
    ]);
  });

  test('branches and refs are listed, by their exact names', async () => {
    await branchFrom('release/1');
    const branches = await world.rest('GET', `${REPOSITORY}/branches`, read);
    expect(branches.body.map((entry: { name: string }) => entry.name)).toEqual(['main', 'release/1']);
    expect((await world.rest('GET', `${REPOSITORY}/branches/release/1`, read)).body.name).toBe('release/1');
    expect((await world.rest('GET', `${REPOSITORY}/branches/release`, read)).status).toBe(404);
    expect((await world.rest('GET', `${REPOSITORY}/git/ref/heads/release`, read)).status).toBe(404);
    expect((await world.rest('GET', `${REPOSITORY}/git/ref/heads/release%2F1`, read)).body.ref).toBe(
      'refs/heads/release/1',
    );
  });

  test.each([
    ['/contents/nothing', 404],
    ['/contents/..%2f..%2fconfig', 404],
    ['/contents/.git/config', 404],
    ['/contents/README.md?ref=nothing', 404],
    ['/contents/README.md?ref=--help', 404],
    ['/contents/README.md?ref=main%40%7B0%7D', 404],
    ['/contents/README.md?ref=main%5E%7Btree%7D', 404],
    ['/contents/%ff', 404],
    ['/git/ref/heads/ma*', 404],
    ['/git/ref/', 404],
  ])('%s is %i', async (path, status) => {
    expect((await world.rest('GET', `${REPOSITORY}${path}`, read)).status).toBe(status);
  });
});

describe('committing a file', () => {
  test('makes a commit that git fetches: new, changed by its blob id, and in a folder', async () => {
    await branchFrom('files');
    const put = (path: string, content: string, sha?: string) =>
      world.rest('PUT', `${REPOSITORY}/contents/${path}`, write, {
        message: `Say ${content}`,
        content: text(content),
        branch: 'files',
        ...(sha ? { sha } : {}),
      });
    const made = await put('docs/a "b"%20é.md', 'one');
    expect([made.status, made.body.content.path]).toEqual([201, 'docs/a "b" é.md']);
    const changed = await put('docs/a "b"%20é.md', 'two', made.body.content.sha);
    expect(changed.status).toBe(200);
    expect(await headOf('files')).toBe(changed.body.commit.sha);

    const path = `${world.dir}/files`;
    await world.git(['clone', '-q', '-b', 'files', world.remote('my-org/another-repo.git', read), path]);
    const log = await world.git(['log', '-2', '--format=%an %s'], { cwd: path });
    expect(log.stdout).toBe('km-local[bot] Say two\nkm-local[bot] Say one\n');
    const shown = await world.git(['show', 'HEAD:docs/a "b" é.md'], { cwd: path });
    expect(shown.stdout).toBe('two');
  });

  const good = { message: 'm', content: text('x') };
  test.each<[string, string, object, number, string]>([
    ['no message', 'new', { content: good.content }, 422, 'Invalid request.\n\n"message" wasn\'t supplied.'],
    ['no content', 'new', { message: 'm' }, 422, 'Invalid request.\n\n"content" wasn\'t supplied.'],
    [
      'content that is not base64',
      'new',
      { message: 'm', content: '***' },
      422,
      'content is not valid Base64',
    ],
    [
      'an existing file without its sha',
      'README.md',
      good,
      422,
      'Invalid request.\n\n"sha" wasn\'t supplied.',
    ],
    [
      'an existing file with another sha',
      'README.md',
      { ...good, sha: 'a' },
      409,
      'README.md does not match a',
    ],
    ['a branch that is not there', 'new', { ...good, branch: 'nothing' }, 404, 'Branch nothing not found'],
    [
      'a branch of a hostile name',
      'new',
      { ...good, branch: 'main\ndeleteall' },
      404,
      'Branch main\ndeleteall not found',
    ],
    ['a path that climbs', '..%2fx', good, 422, 'path contains a malformed path component'],
    ['a path into .git', '.GIT/config', good, 422, 'path contains a malformed path component'],
    ['a path with a line break', 'a%0Adeleteall', good, 422, 'path contains a malformed path component'],
    [
      'a workflow without workflows: write',
      '.github/workflows/ci.yml',
      good,
      403,
      'Resource not accessible by integration',
    ],
  ])('%s is refused, and nothing is committed', async (_title, path, body, status, message) => {
    const before = await headOf('main');
    const answer = await world.rest('PUT', `${REPOSITORY}/contents/${path}`, write, body);
    expect([answer.status, answer.body.message]).toEqual([status, message]);
    expect(await headOf('main')).toBe(before);
  });

  test('with contents: read it is 403', async () => {
    const { status, body } = await world.rest('PUT', `${REPOSITORY}/contents/new`, read, good);
    expect([status, body.message]).toEqual([403, 'Resource not accessible by integration']);
  });
});

describe('making a ref', () => {
  test.each<[string, (sha: string) => object, string, number, string?]>([
    ['a branch', (sha) => ({ ref: 'refs/heads/new', sha }), 'write', 201],
    ['a tag', (sha) => ({ ref: 'refs/tags/v1', sha }), 'write', 201],
    ['one that exists', (sha) => ({ ref: 'refs/heads/main', sha }), 'write', 422, 'Reference already exists'],
    [
      'an object that does not',
      () => ({ ref: 'refs/heads/none', sha: 'a'.repeat(40) }),
      'write',
      422,
      'Object does not exist',
    ],
    ...['heads/x', 'refs/x', 'refs/heads/a..b', 'refs/heads/-x/.y', 'refs/heads/x.lock', 'refs/../HEAD'].map(
      (ref): [string, (sha: string) => object, string, number, string] => [
        `the name ${ref}`,
        (sha) => ({ ref, sha }),
        'write',
        422,
        'Reference name must start with refs/ and contain at least two slashes.',
      ],
    ),
    [
      'one with contents: read',
      (sha) => ({ ref: 'refs/heads/r', sha }),
      'read',
      403,
      'Resource not accessible by integration',
    ],
  ])('%s', async (_title, body, level, status, message) => {
    const token = level === 'write' ? write : read;
    const answer = await world.rest('POST', `${REPOSITORY}/git/refs`, token, body(await headOf('main')));
    expect([answer.status, answer.body.message]).toEqual([status, message]);
  });
});

test.each([
  ['GET', '/user', 403, 'Resource not accessible by integration'],
  ['GET', '/gists', 501, 'The local GitHub does not know GET /gists'],
  ['PATCH', '/app', 404, 'Not Found'],
])('%s %s is %i', async (method, path, status, message) => {
  const answer = await world.rest(method, path, write);
  expect([answer.status, answer.body.message]).toEqual([status, message]);
});

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { EVERYTHING, POLICY, ProxyScene, TOKEN } from './scene.ts';

const json = (value: unknown): string => JSON.stringify(value);

test('a REST write that moves a ref goes out as it was judged, written anew', async () => {
  await using scene = await ProxyScene.start();
  const body =
    '{"ref":"refs/heads/dev","sha":"x","ref":"refs/heads/main","sha":"1111111111111111111111111111111111111111"}';
  const { status } = await scene.request({ method: 'POST', target: '/repos/my-org/my-repo/git/refs', body });
  expect(status).toBe(200);
  expect(scene.seen.map((seen) => seen.body.toString())).toEqual([
    json({ ref: 'refs/heads/main', sha: '1111111111111111111111111111111111111111' }),
  ]);
  expect(scene.audit[0]).toMatchObject({ rule: 'ref-write', refs: [{ ref: 'refs/heads/main' }] });
});

test('a body that is packed is looked into as well', async () => {
  await using scene = await ProxyScene.start();
  const answer = await scene.request({
    method: 'POST',
    target: '/repos/my-org/my-repo/git/refs',
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(json({ ref: 'refs/heads/dev', sha: '1'.repeat(40) })),
  });
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ rule: 'ref', refs: ['refs/heads/dev'] });
  expect(scene.seen).toEqual([]);
});

test('a refusal is answered, and the connection is good for the next request, while the client still sends its body', async () => {
  await using scene = await ProxyScene.start();
  const body = 'x'.repeat(17 * 1024 * 1024);
  const head = `POST /repos/my-org/my-repo/git/refs HTTP/1.1\r\nHost: api.github.com\r\nContent-Length: ${body.length}\r\n\r\n`;
  const next = 'GET /repos/my-org/my-repo HTTP/1.1\r\nHost: api.github.com\r\nConnection: close\r\n\r\n';
  const answer = await scene.rawSecure('api.github.com', `${head}${body}${next}`);
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
});

describe('a repository that is named by its number', () => {
  const start = (full_name: string) =>
    ProxyScene.start({
      onRequest: ({ target }, response) => {
        const isLookup = target === '/repositories/42';
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(isLookup ? json({ full_name }) : '[]');
      },
    });

  test('is asked for its name, and the request goes out under that', async () => {
    await using scene = await start('My-Org/My-Repo');
    const { status } = await scene.request({ target: '/repositories/42/issues?state=all' });
    expect(status).toBe(200);
    expect(scene.seen.map(({ target }) => target)).toEqual([
      '/repositories/42',
      '/repos/my-org/my-repo/issues?state=all',
    ]);
  });

  test('is refused when that is not one of the profile', async () => {
    await using scene = await start('my-org/secret');
    const { status } = await scene.request({ target: '/repositories/42/issues' });
    expect(status).toBe(403);
    expect(scene.seen.map(({ target }) => target)).toEqual(['/repositories/42']);
  });
});

describe('LFS', () => {
  const HREF = 'https://github-cloud.githubusercontent.com/alambic/media/1?actor_id=1&X-Signature=abc';
  const AUTHORIZATION = 'RemoteAuth gho_onlyForThisObject';
  const batch = {
    transfer: 'basic',
    objects: [
      {
        oid: 'a'.repeat(64),
        size: 3,
        actions: { download: { href: HREF, header: { Authorization: AUTHORIZATION }, expires_in: 3600 } },
      },
    ],
  };
  const ask = json({
    operation: 'download',
    transfers: ['basic'],
    objects: [{ oid: 'a'.repeat(64), size: 3 }],
  });
  const start = () =>
    ProxyScene.start({
      onRequest: ({ target }, response) => {
        response.writeHead(200, { 'content-type': 'application/vnd.git-lfs+json' });
        response.end(target.endsWith('/batch') ? json(batch) : 'abc');
      },
    });
  const download = new URL(HREF);

  test("the answer to a batch holds no credential, and its URL gets the object's own through the proxy", async () => {
    await using scene = await start();
    const answer = await scene.request({
      host: 'github.com',
      method: 'POST',
      target: '/my-org/my-repo.git/info/lfs/objects/batch',
      headers: { 'content-type': 'application/vnd.git-lfs+json' },
      body: ask,
    });
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).not.toContain('RemoteAuth');
    const got = await scene.request({
      host: download.host,
      target: `${download.pathname}${download.search}`,
    });
    expect(got.body.toString()).toBe('abc');
    expect(scene.seen[1]?.headers.authorization).toBe(AUTHORIZATION);
    expect(json(scene.seen[1])).not.toContain(TOKEN);
  });

  test('a storage URL that the proxy did not hand out is refused', async () => {
    await using scene = await start();
    const { status, body } = await scene.request({
      host: download.host,
      target: `${download.pathname}${download.search}`,
    });
    expect(status).toBe(403);
    expect(JSON.parse(body.toString())).toMatchObject({ rule: 'signed-url' });
    expect(scene.seen).toEqual([]);
  });

  test('an upload takes contents: write', async () => {
    await using scene = await ProxyScene.start({ policy: { ...POLICY, permissions: { contents: 'read' } } });
    const { status, body } = await scene.request({
      host: 'github.com',
      method: 'POST',
      target: '/my-org/my-repo.git/info/lfs/objects/batch',
      headers: { 'content-type': 'application/vnd.git-lfs+json' },
      body: ask.replace('download', 'upload'),
    });
    expect(status).toBe(403);
    expect(JSON.parse(body.toString())).toMatchObject({ rule: 'permission' });
  });
});

test('a GraphQL query about repos of two owners is refused, since a token serves one', async () => {
  await using scene = await ProxyScene.start({ policy: EVERYTHING });
  const query =
    '{ a: repository(owner: "my-org", name: "x") { id } b: repository(owner: "other", name: "x") { id } }';
  const answer = await scene.request({
    method: 'POST',
    target: '/graphql',
    headers: { 'content-type': 'application/json' },
    body: json({ query }),
  });
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ rule: 'graphql' });
  expect(scene.seen).toEqual([]);
});

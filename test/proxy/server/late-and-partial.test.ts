import { expect, test } from 'vitest';
import type { ProxyPolicy } from '../../../lib/proxy/proxy-policy.ts';
import { POLICY, ProxyScene, type Seen } from './scene.ts';

const STORAGE = { host: 'objects.githubusercontent.com', target: '/alambic/x?X-Amz-Signature=1' };

/** A proxy that has handed out the signed URL of a release asset, and is under another policy from then on. */
const handedOut = async (then: Partial<ProxyPolicy>): Promise<ProxyScene> => {
  let policy = POLICY;
  const scene = await ProxyScene.start({
    policy: () => policy,
    onRequest: ({ host }, response) => {
      if (host !== 'api.github.com') return response.end('content');
      response.writeHead(302, { location: `https://${STORAGE.host}${STORAGE.target}` }).end();
    },
  });
  await scene.request({ target: '/repos/my-org/my-repo/releases/assets/1' });
  policy = { ...POLICY, ...then };
  return scene;
};

test.each([
  ['of a repo that is still allowed is let through', {}, 200],
  ['of a repo that is allowed no more is refused', { allowedRepos: ['my-org/another-repo'] }, 403],
  ['of a sandbox that is gone is refused', { allowedRepos: [] }, 403],
])('a signed URL %s', async (_what, then, status) => {
  await using scene = await handedOut(then);
  expect((await scene.request(STORAGE)).status).toBe(status);
  expect(scene.seen.filter(({ host }) => host === STORAGE.host)).toHaveLength(status === 200 ? 1 : 0);
});

test('a signed URL for an upload is refused once the sandbox may only read', async () => {
  let policy = POLICY;
  const oid = 'ab'.repeat(32);
  const href = `https://github-cloud.githubusercontent.com/alambic/up?X-Amz-Signature=1`;
  await using scene = await ProxyScene.start({
    policy: () => policy,
    onRequest: (_, response) =>
      response.end(JSON.stringify({ objects: [{ oid, size: 1, actions: { upload: { href } } }] })),
  });
  const { status } = await scene.request({
    host: 'github.com',
    method: 'POST',
    target: '/my-org/my-repo.git/info/lfs/objects/batch',
    body: JSON.stringify({ operation: 'upload', transfers: ['basic'], objects: [{ oid, size: 1 }] }),
  });
  expect(status).toBe(200);
  const { host, pathname, search } = new URL(href);
  const upload = { host, method: 'PUT', target: `${pathname}${search}`, body: 'x' };
  expect((await scene.request(upload)).status).toBe(200);
  policy = { ...POLICY, permissions: { contents: 'read' } };
  expect((await scene.request(upload)).status).toBe(403);
});

test('an answer in parts is refused where the whole has to be looked into', async () => {
  const list = JSON.stringify({
    repositories: [{ full_name: 'my-org/my-repo' }, { full_name: 'my-org/secret' }],
  });
  await using scene = await ProxyScene.start({
    onRequest: ({ headers }: Seen, response) => response.writeHead(headers.range ? 206 : 200).end(list),
  });
  const target = '/installation/repositories';
  const answer = await scene.request({ target, headers: { range: 'bytes=0-' } });
  expect(answer.status).toBe(502);
  expect(answer.body.toString()).not.toContain('secret');
  expect((await scene.request({ target })).body.toString()).toContain('my-org/my-repo');
});

test('a client that is gone before its request is decided moves no ref', async () => {
  const looked = Promise.withResolvers<() => void>();
  await using scene = await ProxyScene.start({
    onRequest: ({ headers }, response) => {
      if (headers['user-agent'] !== 'km-proxy') return response.end('{}');
      looked.resolve(() => response.end(JSON.stringify({ default_branch: 'main' })));
    },
  });
  const secure = await scene.secure('api.github.com');
  const body = JSON.stringify({ message: 'x', content: 'eA==' });
  secure.write(
    `PUT /repos/my-org/my-repo/contents/a HTTP/1.1\r\nHost: api.github.com\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const answerLookup = await looked.promise;
  secure.destroy();
  while (scene.audit.length === 0) await new Promise((resolve) => setImmediate(resolve));
  answerLookup();
  await scene.request({ target: '/repos/my-org/my-repo' });
  expect(scene.seen.filter(({ method }) => method === 'PUT')).toEqual([]);
});

test('what is under way when a proxy is closed is in the audit log by then', async () => {
  const arrived = Promise.withResolvers<void>();
  await using scene = await ProxyScene.start({ onRequest: () => arrived.resolve() });
  const secure = await scene.secure('api.github.com');
  secure.on('error', () => undefined);
  secure.write('GET /repos/my-org/my-repo HTTP/1.1\r\nHost: api.github.com\r\n\r\n');
  await arrived.promise;
  await scene.proxy.close();
  expect(scene.audit).toMatchObject([{ method: 'GET', repo: 'my-org/my-repo', verdict: 'allowed' }]);
  secure.destroy();
});

test('a refused push of many refs does not fill the audit log', async () => {
  await using scene = await ProxyScene.start();
  const lines = Array.from({ length: 5_000 }, (_, index) => {
    const line = `${'0'.repeat(40)} ${'a'.repeat(40)} refs/heads/x${index}${index === 0 ? '\0report-status' : ''}`;
    return `${(line.length + 4).toString(16).padStart(4, '0')}${line}`;
  });
  const answer = await scene.request({
    host: 'github.com',
    method: 'POST',
    target: '/my-org/my-repo.git/git-receive-pack',
    body: `${lines.join('')}0000PACK`,
  });
  expect(answer.body.toString()).toContain('ng refs/heads/x4999 ');
  expect(scene.audit).toMatchObject([{ verdict: 'denied', rule: 'ref' }]);
  expect(scene.audit[0]?.refs?.[0]).toMatchObject({ ref: 'refs/heads/x0' });
  expect(JSON.stringify(scene.audit[0]).length).toBeLessThan(20_000);
});

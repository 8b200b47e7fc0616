import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POLICY, ProxyScene, TOKEN } from './scene.ts';

let scene: ProxyScene;
beforeAll(async () => {
  scene = await ProxyScene.start();
});
afterAll(() => scene[Symbol.asyncDispose]());

const HEAD = 'GET /repos/my-org/my-repo HTTP/1.1\r\nHost: api.github.com\r\n';

test("TLS ends at the proxy, with a certificate of the sandbox's own authority for the host that CONNECT named", async () => {
  const secure = await scene.secure('github.com');
  const peer = secure.getPeerX509Certificate();
  expect(peer?.checkHost('github.com')).toBe('github.com');
  expect(peer?.verify(new X509Certificate(scene.proxy.caPem).publicKey)).toBe(true);
  expect(secure.alpnProtocol).toBe('http/1.1');
  secure.destroy();
});

test('one connection carries several requests, each decided for itself', async () => {
  scene.seen.length = 0;
  const answer = await scene.rawSecure(
    'api.github.com',
    `${HEAD}\r\nGET /repos/other-org/their-repo HTTP/1.1\r\nHost: api.github.com\r\n\r\n${HEAD}Connection: close\r\n\r\n`,
  );
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 403', 'HTTP/1.1 200']);
  expect(scene.seen.map(({ target }) => target)).toEqual(['/repos/my-org/my-repo', '/repos/my-org/my-repo']);
});

test('a policy that changes counts for the next request on the same connection', async () => {
  const current = { repos: ['my-org/my-repo'] };
  await using changing = await ProxyScene.start({
    policy: () => ({
      sandbox: 'sb-1a2b3c4d',
      allowedRepos: current.repos,
      permissions: { contents: 'read' },
      guard: { allowForcePushes: false, allowDeletions: false },
      graphql: 'none',
      allowedHosts: [],
    }),
    onRequest: (_, response) => {
      current.repos = [];
      response.end('{}');
    },
  });
  const secure = await changing.secure('api.github.com');
  const statuses: string[] = [];
  for (const end of ['\r\n', 'Connection: close\r\n\r\n']) {
    secure.write(`${HEAD}${end}`);
    const [chunk] = (await once(secure, 'data')) as [Buffer];
    statuses.push(chunk.toString('latin1').split(' ')[1] ?? '');
  }
  expect(statuses).toEqual(['200', '403']);
  secure.destroy();
});

describe('the answer', () => {
  test('comes with its headers, but for those of the connection, cookies and ways around the proxy', async () => {
    await using other = await ProxyScene.start({
      onRequest: (_, response) => {
        response.writeHead(200, {
          'content-type': 'application/json',
          'x-ratelimit-remaining': '4999',
          'alt-svc': 'h3=":443"',
          'set-cookie': 'a=b',
        });
        response.end('{"id":1}');
      },
    });
    const { headers, body } = await other.request({ target: '/repos/my-org/my-repo' });
    expect(headers.get('x-ratelimit-remaining')).toBe('4999');
    expect([...headers.keys()]).not.toEqual(expect.arrayContaining(['alt-svc']));
    expect([...headers.keys()]).not.toEqual(expect.arrayContaining(['set-cookie']));
    expect(body.toString()).toBe('{"id":1}');
  });

  test('that GitHub breaks off is broken off for the client too', async () => {
    await using other = await ProxyScene.start({
      onRequest: (_, response) => {
        response.writeHead(200, { 'content-length': '100000' });
        response.write('x'.repeat(1000), () => response.destroy());
      },
    });
    const answer = await other.request({ target: '/repos/my-org/my-repo' });
    expect(answer.headers.get('content-length')).toBe('100000');
    expect(answer.body.length).toBeLessThan(100_000);
  });

  test('is an honest refusal when GitHub cannot be reached', async () => {
    await using other = await ProxyScene.start({ upstream: 'http://127.0.0.1:1' });
    const { status, body } = await other.request({ target: '/repos/my-org/my-repo' });
    expect(status).toBe(502);
    expect(JSON.parse(body.toString())).toMatchObject({
      rule: 'upstream',
      error: '[km] api.github.com cannot be reached: ECONNREFUSED',
    });
  });
});

test('a write of which the answer is lost stands in the audit log as let through, since it may be done', async () => {
  await using other = await ProxyScene.start({ onRequest: (_, response) => void response.socket?.destroy() });
  const { status, body } = await other.request({
    method: 'POST',
    target: '/repos/my-org/my-repo/git/refs',
    body: JSON.stringify({ ref: 'refs/heads/main', sha: '1'.repeat(40) }),
  });
  expect(status).toBe(502);
  expect(JSON.parse(body.toString())).toMatchObject({
    error: '[km] The answer of api.github.com was lost: ECONNRESET',
  });
  expect(other.audit).toEqual([
    expect.objectContaining({
      verdict: 'allowed',
      rule: 'ref-write',
      status: 502,
      refs: [expect.anything()],
    }),
  ]);
});

test('an answer that changes the protocol is no answer', async () => {
  await using other = await ProxyScene.start({
    onRequest: (_, response) =>
      void response.socket?.end(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
      ),
  });
  expect((await other.request({ target: '/repos/my-org/my-repo' })).status).toBe(502);
});

test('a list of repositories is cut down to those that the profile names', async () => {
  await using other = await ProxyScene.start({
    onRequest: (_, response) => {
      const repositories = ['my-org/my-repo', 'my-org/secret', 'other-org/my-repo'].map((full_name) => ({
        full_name,
      }));
      response.end(JSON.stringify({ total_count: 3, repositories }));
    },
  });
  const { body } = await other.request({ target: '/installation/repositories' });
  expect(JSON.parse(body.toString())).toEqual({
    total_count: 1,
    repositories: [{ full_name: 'my-org/my-repo' }],
  });
});

test('without TLS nothing of GitHub is reached but the local cloud', async () => {
  scene.seen.length = 0;
  const answer = await scene.raw(
    'GET http://github.com/my-org/my-repo HTTP/1.1\r\nHost: github.com\r\nConnection: close\r\n\r\n',
  );
  expect(answer).toContain('HTTP/1.1 403');
  expect(answer).toContain('nothing is let through without TLS');
  expect(scene.seen).toEqual([]);
});

test('the local cloud is reached in absolute form, at its own address', async () => {
  await using local = await ProxyScene.start();
  await using proxied = await ProxyScene.start({
    upstream: local.upstream,
    endpoints: [
      { git: 'https://github.com', api: 'https://api.github.com' },
      { git: local.upstream, api: `${local.upstream}/api/v3` },
    ],
  });
  const status = await new Promise((resolve, reject) => {
    httpRequest(
      {
        port: proxied.proxy.port,
        path: `${local.upstream}/api/v3/repos/my-org/my-repo`,
        headers: { host: new URL(local.upstream).host },
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    )
      .once('error', reject)
      .end();
  });
  expect(status).toBe(200);
  expect(local.seen.map(({ target, headers }) => [target, headers.authorization])).toEqual([
    ['/api/v3/repos/my-org/my-repo', `Bearer ${TOKEN}`],
  ]);
});

test('each decision is one line of the audit log, without query strings', async () => {
  scene.audit.length = 0;
  await scene.request({ target: '/repos/my-org/my-repo/commits?sha=secret-name' });
  await scene.request({ target: '/gists?access=secret-name' });
  expect(scene.audit).toEqual([
    expect.objectContaining({
      sandbox: 'sb-1a2b3c4d',
      method: 'GET',
      host: 'api.github.com',
      path: '/repos/my-org/my-repo/commits',
      repo: 'my-org/my-repo',
      verdict: 'allowed',
      rule: 'rest-read',
      status: 200,
      bytes: { sent: 0, received: 2 },
    }),
    expect.objectContaining({ verdict: 'denied', rule: 'route', path: '/gists', status: 403 }),
  ]);
  expect(JSON.stringify(scene.audit)).not.toContain('secret-name');
});

test('while the audit log cannot be written, nothing is let through', async () => {
  const disk = { isFull: true };
  await using other = await ProxyScene.start({
    policy: { ...POLICY, allowedHosts: ['registry.example.com'] },
    audit: {
      write: () => {
        if (disk.isFull) throw new Error('ENOSPC');
      },
      isWritable: () => !disk.isFull,
    },
  });
  expect(await other.connect('registry.example.com:443')).toBe(503);
  expect(await other.connect('api.github.com:443')).toBe(503);
  expect(other.seen).toEqual([]);
  disk.isFull = false;
  expect((await other.request({ target: '/repos/my-org/my-repo' })).status).toBe(200);
});

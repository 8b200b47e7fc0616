import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProxyScene } from '../server/scene.ts';
import { chunk, PUSH_HEAD, pushRequest, StreamingGitHub } from './streaming-github.ts';

let github: StreamingGitHub;
let scene: ProxyScene;
const pushed: { body: string; isWhole: boolean }[] = [];

beforeAll(async () => {
  github = await StreamingGitHub.start((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (part: string) => {
      body += part;
    });
    request.once('close', () => pushed.push({ body, isWhole: request.complete }));
    request.once('end', () => response.end('{}'));
  });
  scene = await ProxyScene.start({ upstream: github.url });
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  await github[Symbol.asyncDispose]();
});

const byteByByte = async (socket: NodeJS.WritableStream, text: string): Promise<void> => {
  for (const byte of text) {
    socket.write(byte, 'latin1');
    await turn();
  }
};

test('a client that sends a byte at a time is served: CONNECT, a head, and a push', async () => {
  pushed.length = 0;
  const tcp = scene.tcp();
  await byteByByte(tcp, 'CONNECT github.com:443 HTTP/1.1\r\nHost: github.com:443\r\n\r\n');
  await once(tcp, 'data');
  const secure = connectTls({ socket: tcp, servername: 'github.com', ca: scene.proxy.caPem });
  await once(secure, 'secureConnect');
  secure.setNoDelay(true);
  const answer = once(secure, 'data');
  const body = `${PUSH_HEAD}PACK${'x'.repeat(100)}`;
  await byteByByte(secure, pushRequest(body.length) + body);
  expect(String((await answer)[0])).toContain('HTTP/1.1 200');
  expect(pushed).toEqual([{ body, isWhole: true }]);
  secure.destroy();
});

test.each([
  ['before CONNECT is whole', 'CONNECT github.com:443 HTTP/1.1\r\nHost: gith'],
  ['within a plain head', 'GET http://127.0.0.1:1/ HTTP/1.1\r\n'],
  ['after nothing at all', ''],
])('clients that stall %s keep nobody else waiting', async (_, beginning) => {
  const stalled = Array.from({ length: 50 }, () => scene.tcp());
  for (const socket of stalled) socket.write(beginning || 'C');
  const { status } = await scene.request({ target: '/repos/my-org/my-repo' });
  expect(status).toBe(200);
  for (const socket of stalled) socket.destroy();
});

test('a push whose commands are not whole is not sent at all, and one that stalls within its pack waits for the rest', async () => {
  pushed.length = 0;
  const connectionsBefore = github.connections.length;
  const secure = await scene.secure('github.com');
  secure.write(pushRequest() + chunk(PUSH_HEAD.slice(0, 60)));
  // Another request through the same proxy shows that time has passed.
  await scene.request({ target: '/repos/my-org/my-repo' });
  expect(pushed.map(({ body }) => body)).toEqual(['']);
  expect(github.connections.length - connectionsBefore).toBeLessThanOrEqual(1);

  const answer = once(secure, 'data');
  secure.write(chunk(`${PUSH_HEAD.slice(60)}PACKab`));
  await scene.request({ target: '/repos/my-org/my-repo' });
  expect(pushed.map(({ body }) => body)).toEqual(['', '']);
  secure.write(`${chunk('cd')}0\r\n\r\n`);
  expect(String((await answer)[0])).toContain('HTTP/1.1 200');
  expect(pushed.at(-1)).toEqual({ body: `${PUSH_HEAD}PACKabcd`, isWhole: true });
  secure.destroy();
});

import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ProxyScene } from './scene.ts';

const MIB = 1024 * 1024;
const TARGET = '/repos/my-org/my-repo/git/refs';

test('a packed body that breaks behind the limit does not end the proxy', async () => {
  await using scene = await ProxyScene.start();
  const body = gzipSync(Buffer.concat([Buffer.alloc(16 * MIB - 5_000, 'a'), randomBytes(300_000)]));
  body.fill(0xff, body.length - 290_000, body.length - 1_000);
  const headers = { 'content-encoding': 'gzip' };
  for (let again = 0; again < 3; again += 1) {
    expect((await scene.request({ method: 'POST', target: TARGET, headers, body })).status).toBe(413);
  }
  expect((await scene.request({ target: '/repos/my-org/my-repo' })).status).toBe(200);
});

test('bodies that are held open do not fill the memory, and leave room once they are gone', async () => {
  await using scene = await ProxyScene.start();
  const part = Buffer.alloc(15 * MIB, ' ');
  const held = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const secure = await scene.secure('api.github.com');
      const status = new Promise<string>((resolve) => {
        secure.once('data', (answer: Buffer) => resolve(answer.toString('latin1').split(' ')[1] ?? ''));
        secure.once('error', () => resolve('gone')).once('close', () => resolve('gone'));
      });
      secure.write(`POST ${TARGET} HTTP/1.1\r\nHost: api.github.com\r\nContent-Length: ${16 * MIB}\r\n\r\n`);
      secure.write(part);
      return { secure, status };
    }),
  );
  expect(await Promise.race(held.map(({ status }) => status))).toBe('503');
  for (const { secure } of held) secure.destroy();
  while (scene.audit.length < held.length) await new Promise((resolve) => setImmediate(resolve));
  const body = JSON.stringify({ ref: 'refs/heads/main', sha: '1'.repeat(40) });
  expect((await scene.request({ method: 'POST', target: TARGET, body })).status).toBe(200);
});

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './harness.ts';
import { ProxyProcess } from './proxy-process.ts';
import { PROFILE, ProxiedSandbox } from './proxy-scene.ts';

/** More than the buffers on the way hold, so that it comes only while somebody reads. */
const SIZE = 48 * 1024 * 1024;
const REPO = 'https://github.com/my-user/my-repo';

let sandbox: ProxiedSandbox;
let head: string;

beforeAll(async () => {
  sandbox = await ProxiedSandbox.start();
  const { code, stdout, stderr } = await sandbox.sh(`
set -e
git clone -q ${REPO} repo && cd repo
head -c ${SIZE} /dev/urandom >large && git add . && git commit -qm large
git push -q origin HEAD:main && git rev-parse HEAD`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  head = stdout.trim();
});

afterAll(() => sandbox[Symbol.asyncDispose]());

const line = (text: string): string => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;

/** Asks for a whole clone, as git does over protocol v0, and stops reading once it has begun to come. */
async function beginClone(proxy: ProxyProcess): Promise<{ socket: TLSSocket; chunks: Buffer[] }> {
  const socket = await proxy.tunnel('github.com');
  const body = `${line(`want ${head} ofs-delta\n`)}0000${line('done\n')}`;
  socket.write(
    [
      'POST /my-user/my-repo/git-upload-pack HTTP/1.1',
      'host: github.com',
      'content-type: application/x-git-upload-pack-request',
      `content-length: ${body.length}`,
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'data');
  socket.pause();
  return { socket, chunks };
}

/** The pack in an answer in chunks, after the line that says that nothing is in common; whether it is whole. */
function isWholePack(answer: Buffer): boolean {
  const parts: Buffer[] = [];
  for (let at = answer.indexOf('\r\n\r\n') + 4; at < answer.length; ) {
    const end = answer.indexOf('\r\n', at);
    const size = Number.parseInt(answer.toString('latin1', at, end), 16);
    if (size === 0) {
      const pack = Buffer.concat(parts);
      const begun = pack.subarray(pack.indexOf('PACK'));
      const sum = createHash('sha1').update(begun.subarray(0, -20)).digest();
      return begun.length > SIZE && sum.equals(begun.subarray(-20));
    }
    parts.push(answer.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return false;
}

const statusNow = async (proxy: ProxyProcess): Promise<string> => {
  const args = [
    '-sS',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    'https://api.github.com/repos/my-user/my-repo',
  ];
  return (await run('curl', args, { env: proxy.environment() })).stdout;
};

test('a policy that changes is in force for the next request, and a clone that runs goes on to its end', async () => {
  const profile = join(sandbox.world.dir, 'followed.yaml');
  await writeFile(profile, PROFILE);
  await using proxy = await ProxyProcess.start(sandbox.world, [
    '--sandbox',
    sandbox.id,
    '--profile',
    profile,
  ]);
  const { socket, chunks } = await beginClone(proxy);
  expect(await statusNow(proxy)).toBe('200');

  await writeFile(profile, PROFILE.replace('my-user/my-repo', 'my-user/other'));
  for (let tries = 0; tries < 200 && (await statusNow(proxy)) !== '403'; tries += 1) await delay(50);
  expect(await statusNow(proxy)).toBe('403');
  expect(Buffer.concat(chunks).length).toBeLessThan(SIZE);

  const ended = once(socket, 'end');
  socket.resume();
  await ended;
  const answer = Buffer.concat(chunks);
  expect(answer.toString('latin1', 0, 15)).toBe('HTTP/1.1 200 OK');
  expect(isWholePack(answer)).toBe(true);
  socket.destroy();
});

test('a proxy that is told to end ends at once, and what breaks off is not taken for the whole', async () => {
  await using proxy = await ProxyProcess.start(sandbox.world, ['--sandbox', sandbox.id]);
  const { socket, chunks } = await beginClone(proxy);
  const closed = new Promise<void>((resolve) => {
    socket.once('error', () => undefined);
    socket.once('close', () => resolve());
  });
  expect(await proxy.end('SIGTERM')).toBe(0);
  socket.resume();
  await closed;
  expect(isWholePack(Buffer.concat(chunks))).toBe(false);
  const [entry] = (await sandbox.log()).slice(-1);
  expect(entry).toMatchObject({ path: '/my-user/my-repo/git-upload-pack', verdict: 'allowed' });
});

test('a client that goes away in the middle leaves the proxy well', async () => {
  await using proxy = await ProxyProcess.start(sandbox.world, ['--sandbox', sandbox.id]);
  for (let times = 0; times < 3; times += 1) (await beginClone(proxy)).socket.destroy();
  expect(await statusNow(proxy)).toBe('200');
  expect(await proxy.end('SIGINT')).toBe(0);
});

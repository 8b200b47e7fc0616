import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { memoryOf } from '../../bench/proxy/memory-of.ts';
import type { ProxyStarted } from '../../bench/proxy/stage.ts';
import { PUSH_HEAD, pushRequest, StreamingGitHub } from './streaming-github.ts';

const BODY = 400 * 1024 * 1024;
/** What a body in memory would be far above, MiB. */
const GROWTH = 120;
const BLOCK = Buffer.alloc(256 * 1024, 'x');
const dir = mkdtempSync(join(tmpdir(), 'km-backpressure-'));
const github: { server?: StreamingGitHub; taken: number; given: number } = { taken: 0, given: 0 };
let child: ChildProcess;
let proxy: ProxyStarted;

const blocks = function* () {
  for (let left = BODY; left > 0; left -= BLOCK.length) {
    github.given += BLOCK.length;
    yield BLOCK;
  }
};

beforeAll(async () => {
  github.server = await StreamingGitHub.start((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-length': BODY });
      return void Readable.from(blocks()).pipe(response);
    }
    // Takes a little, and then no more.
    request.once('data', (part: Buffer) => {
      github.taken += part.length;
      request.pause();
    });
  });
  child = fork(join(import.meta.dirname, '../../bench/proxy/proxy-process.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send({ upstream: github.server.url, token: 'ghs_token', dir, allowForcePushes: false });
  [proxy] = (await once(child, 'message')) as [ProxyStarted];
});
afterAll(async () => {
  const over = once(child, 'exit');
  child.disconnect();
  await over;
  await github.server?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const secure = async (): Promise<TLSSocket> => {
  const socket = connectTcp(Number(new URL(proxy.url).port), '127.0.0.1');
  socket.write('CONNECT github.com:443 HTTP/1.1\r\nHost: github.com:443\r\n\r\n');
  await once(socket, 'data');
  const tls = connectTls({ socket, servername: 'github.com', ca: proxy.caPem });
  await once(tls, 'secureConnect');
  return tls.on('error', () => undefined);
};

/** Waits until a figure has stood still for a while: nobody takes or gives any more. */
const settled = async (figure: () => number): Promise<void> => {
  for (let before = -1, still = 0; still < 5; ) {
    still = figure() === before ? still + 1 : 0;
    before = figure();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const memory = async (): Promise<number> => (await memoryOf(child.pid ?? 0))?.now ?? 0;

test.runIf(process.platform === 'linux')(
  'a client that does not read holds GitHub up, and the memory of the proxy stays',
  async () => {
    const before = await memory();
    const tls = await secure();
    tls.write(
      'GET /my-org/my-repo.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: github.com\r\n\r\n',
    );
    await once(tls, 'readable');
    await settled(() => github.given);
    expect(github.given).toBeLessThan(BODY / 4);
    expect((await memory()) - before).toBeLessThan(GROWTH);

    // And all of it comes once it reads.
    let received = 0;
    tls.on('data', (part: Buffer) => {
      received += part.length;
      if (received >= BODY) tls.destroy();
    });
    await once(tls, 'close');
    expect(received).toBeGreaterThan(BODY);
    expect((await memory()) - before).toBeLessThan(GROWTH);
  },
);

test.runIf(process.platform === 'linux')(
  'a GitHub that does not take a push holds the client up, and the memory of the proxy stays',
  async () => {
    const before = await memory();
    const tls = await secure();
    tls.write(pushRequest(BODY) + PUSH_HEAD);
    tls.write('PACK');
    let sent = 0;
    const write = (): void => {
      while (sent < BODY && !tls.destroyed) {
        sent += BLOCK.length;
        if (!tls.write(BLOCK)) return void tls.once('drain', write);
      }
    };
    write();
    await settled(() => sent);
    expect(sent).toBeLessThan(BODY / 4);
    expect((await memory()) - before).toBeLessThan(GROWTH);
    tls.destroy();
  },
);

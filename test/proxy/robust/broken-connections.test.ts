import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { ProxyScene } from '../server/scene.ts';
import { chunk, PUSH_HEAD, pushRequest, StreamingGitHub } from './streaming-github.ts';

const FETCH =
  'GET /my-org/my-repo.git/info/refs?service=git-upload-pack HTTP/1.1\r\nHost: github.com\r\n\r\n';

/** Everything that comes until the connection is over. */
const everything = (secure: TLSSocket): Promise<string> =>
  new Promise((resolve) => {
    let text = '';
    secure.setEncoding('latin1').on('data', (part: string) => {
      text += part;
    });
    secure.on('error', () => undefined);
    for (const event of ['end', 'close'] as const)
      secure.once(event, () => {
        resolve(text);
        secure.destroy();
      });
  });

const onStage = async (
  listener: (request: IncomingMessage, response: ServerResponse) => void,
  act: (scene: ProxyScene, github: StreamingGitHub) => Promise<void>,
): Promise<void> => {
  await using github = await StreamingGitHub.start(listener);
  await using scene = await ProxyScene.start({ upstream: github.url });
  await act(scene, github);
};

describe('an answer that GitHub breaks off is never a whole one for the client', () => {
  const begun = 'x'.repeat(50_000);
  test.each<[string, Record<string, string>, (response: ServerResponse) => void]>([
    ['of known length, reset', { 'content-length': '100000' }, ({ socket }) => socket?.resetAndDestroy()],
    ['of known length, closed', { 'content-length': '100000' }, ({ socket }) => socket?.end()],
    ['in chunks, reset', {}, ({ socket }) => socket?.resetAndDestroy()],
    ['in chunks, closed', {}, ({ socket }) => socket?.end()],
    ['in chunks, ended within a chunk', {}, ({ socket }) => socket?.end('ffff\r\nxx')],
  ])('%s', async (_, headers, breakOff) => {
    const listener = (_request: IncomingMessage, response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-advertisement', ...headers });
      response.write(begun, () => breakOff(response));
    };
    await onStage(listener, async (scene) => {
      const secure = await scene.secure('github.com');
      const all = everything(secure);
      secure.write(FETCH);
      const [head = '', ...rest] = (await all).split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 200 /);
      const body = rest.join('\r\n\r\n');
      if ('content-length' in headers) expect(body.length).toBeLessThan(100_000);
      // The last chunk is what would make it whole.
      else expect(body).not.toMatch(/(^|\r\n)0\r\n/);
      await vi.waitFor(() => expect(scene.audit).toHaveLength(1));
    });
  });
});

describe('a push of which GitHub breaks off the connection', () => {
  test.each(['reset', 'closed'])(
    '%s within the pack is a failure for the client, told as one',
    async (how) => {
      const listener = (request: IncomingMessage): void => {
        request.once('data', () =>
          how === 'reset' ? request.socket.resetAndDestroy() : request.socket.end(),
        );
      };
      await onStage(listener, async (scene) => {
        const secure = await scene.secure('github.com');
        const all = everything(secure);
        secure.write(pushRequest(10_000_000) + PUSH_HEAD);
        secure.write(`PACK${'x'.repeat(300_000)}`);
        const answer = await all;
        expect(answer).toMatch(/^HTTP\/1\.1 502 /);
        expect(answer).toMatch(/\[km\] .*github\.com/);
      });
    },
  );
});

describe('a client that goes away within its push', () => {
  test.each<[string, string, (secure: TLSSocket) => void]>([
    ['of known length, closed', pushRequest(5000), (secure) => secure.end()],
    ['of known length, destroyed', pushRequest(5000), (secure) => secure.destroy()],
    ['in chunks, closed', pushRequest(), (secure) => secure.end()],
    ['in chunks, destroyed', pushRequest(), (secure) => secure.destroy()],
  ])('%s: GitHub gets no whole request', async (_, head, leave) => {
    const arrived = Promise.withResolvers<void>();
    const over = Promise.withResolvers<{ isWhole: boolean; hasEnded: boolean }>();
    const listener = (request: IncomingMessage): void => {
      let hasEnded = false;
      request.once('data', () => arrived.resolve());
      request.once('end', () => {
        hasEnded = true;
      });
      request.once('close', () => over.resolve({ isWhole: request.complete, hasEnded }));
    };
    await onStage(listener, async (scene) => {
      const secure = await scene.secure('github.com');
      secure.on('error', () => undefined);
      const body = `${PUSH_HEAD}PACK${'x'.repeat(1000)}`;
      secure.write(head + (head.includes('chunked') ? chunk(body) : body));
      await arrived.promise;
      leave(secure);
      expect(await over.promise).toEqual({ isWhole: false, hasEnded: false });
    });
  });

  test('in a compressed body that is cut: GitHub gets no whole request', async () => {
    const seen: IncomingMessage[] = [];
    await onStage(
      (request, response) => {
        seen.push(request);
        request.resume().once('end', () => response.end());
      },
      async (scene) => {
        const body = gzipSync(`${PUSH_HEAD}PACK${'x'.repeat(1000)}`);
        const cut = body.subarray(0, body.length - 12);
        const answer = await scene.request({
          host: 'github.com',
          method: 'POST',
          target: '/my-org/my-repo.git/git-receive-pack',
          headers: { 'content-type': 'application/x-git-receive-pack-request', 'content-encoding': 'gzip' },
          body: cut,
        });
        expect(answer.status).not.toBe(200);
        expect(seen.map(({ complete }) => complete)).not.toContain(true);
      },
    );
  });
});

test('a client that closes its half after its request gets no part of an answer, and GitHub is let go', async () => {
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const listener = (_request: IncomingMessage, response: ServerResponse): void => {
    arrived.resolve();
    response.once('close', () => left.resolve());
  };
  await onStage(listener, async (scene) => {
    const secure = await scene.secure('github.com');
    const all = everything(secure);
    secure.write(FETCH);
    await arrived.promise;
    secure.end();
    expect(await all).toBe('');
    await left.promise;
  });
});

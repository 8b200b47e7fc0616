import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type GitHubTransport, sendRequest } from '../../lib/github/request.ts';
import { Secret } from '../../lib/secret.ts';
import { refusal } from './refusal.ts';
import { TOKEN } from './test-app.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A GitHub on loopback that answers each request with the next of these, and counts them. */
const serve = async (...answers: readonly Answer[]) => {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    (answers[seen.length - 1] ?? answers.at(-1))?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
};

const transport = (apiUrl: string): GitHubTransport => ({
  apiUrl,
  fetch: globalThis.fetch,
  now: Date.now,
  sleep: (ms) => sleep(Math.min(ms, 20)),
  random: () => 0,
  attemptTimeoutMs: 250,
});

const get = (apiUrl: string, deadline = Date.now() + 60_000) =>
  sendRequest(transport(apiUrl), { method: 'GET', path: '/x', credential: new Secret(TOKEN), deadline });

const ok: Answer = (_request, response) => response.end('{"message":"fine"}');

describe('over real HTTP, a request', () => {
  test('survives a reset connection', async () => {
    const { url, seen } = await serve((request) => request.socket.destroy(), ok);
    expect((await get(url)).message).toBe('fine');
    expect(seen).toHaveLength(2);
  });

  test('survives an answer that never comes', async () => {
    const { url, seen } = await serve(() => undefined, ok);
    expect((await get(url)).message).toBe('fine');
    expect(seen).toHaveLength(2);
  });

  test('survives an answer that stops in its middle', async () => {
    const { url, seen } = await serve((_request, response) => response.writeHead(200).write('{"mess'), ok);
    expect((await get(url)).message).toBe('fine');
    expect(seen).toHaveLength(2);
  });

  test('survives a 502 with an HTML page, and Retry-After', async () => {
    const { url, seen } = await serve(
      (_request, response) => response.writeHead(502, { 'retry-after': '1' }).end('<html>'),
      ok,
    );
    expect((await get(url)).message).toBe('fine');
    expect(seen).toHaveLength(2);
  });

  test('gives up on a port where nobody is, and says so', async () => {
    const { url } = await serve(ok);
    for (const close of closing.splice(0)) await close();
    const error = await refusal(get(url));
    expect([error.code, error.message]).toEqual([
      'ErrGitHubUnavailable',
      'GitHub is not available: the connection failed (ECONNREFUSED)',
    ]);
  });

  test('does not take its credential along a redirect to another host', async () => {
    const thief = await serve(ok);
    const { url, seen } = await serve((_request, response) =>
      response.writeHead(302, { location: `${thief.url}/steal` }).end(),
    );
    expect((await get(url)).status).toBe(302);
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(thief.seen).toEqual([]);
  });

  test('sends one authorization header and no other line of the credential', async () => {
    const { url, seen } = await serve(ok);
    await get(url);
    expect(seen[0]?.rawHeaders.filter((header) => header.includes('ghs_'))).toEqual([`Bearer ${TOKEN}`]);
  });
});

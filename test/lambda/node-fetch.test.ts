import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { createNodeFetch } from '../../lambda/refresh/node-fetch.ts';
import type { Fetch, FetchInit } from '../../lib/fetch.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const serve = async (
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<string> => {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const get = (more: Partial<FetchInit> = {}): FetchInit => ({
  method: 'GET',
  redirect: 'manual',
  signal: AbortSignal.timeout(5_000),
  ...more,
});

const thrown = (promise: Promise<unknown>): Promise<Error & { cause?: { code?: string } }> =>
  promise.then(
    () => {
      throw new Error('it was answered');
    },
    (error) => error,
  );

/** Node's own, which the function's must not differ from in what km uses. */
const clients: readonly (readonly [string, Fetch])[] = [
  ["the function's", createNodeFetch()],
  ["Node's own", fetch],
];

describe.each(clients)('fetch, %s,', (_name, send) => {
  test.each([
    ['text', 'é{"a":1}', 'é{"a":1}'],
    ['bytes', new TextEncoder().encode('{}'), '{}'],
  ])('sends %s, and reads status, headers and body', async (_what, body, read) => {
    const url = await serve(async (request, response) => {
      const { authorization, 'content-length': length, 'transfer-encoding': coding } = request.headers;
      const seen = { method: request.method, url: request.url, authorization, length, coding };
      response.writeHead(201, { 'X-RateLimit-Remaining': '7' });
      response.end(JSON.stringify({ ...seen, body: await text(request) }));
    });
    const response = await send(
      `${url}/a%20b?c=1`,
      get({ method: 'POST', body, headers: { authorization: 'Bearer x' } }),
    );
    expect([response.ok, response.status]).toEqual([true, 201]);
    expect([response.headers.get('x-ratelimit-remaining'), response.headers.get('retry-after')]).toEqual([
      '7',
      null,
    ]);
    expect([response.headers.has('X-RateLimit-Remaining'), response.headers.has('retry-after')]).toEqual([
      true,
      false,
    ]);
    expect(JSON.parse(await response.text())).toEqual({
      method: 'POST',
      url: '/a%20b?c=1',
      authorization: 'Bearer x',
      length: String(Buffer.byteLength(read)),
      body: read,
    });
  });

  test('gives bytes no content type, for which a presigned address would not be signed', async () => {
    const url = await serve((request, response) =>
      response.end(String(request.headers['content-type'] ?? 'none')),
    );
    const response = await send(url, get({ method: 'PUT', body: new TextEncoder().encode('{}') }));
    expect(await response.text()).toBe('none');
  });

  test('does not follow a redirect', async () => {
    const url = await serve((_request, response) => response.writeHead(302, { location: '/else' }).end());
    const { ok, status } = await send(url, get());
    expect([ok, status]).toEqual([false, 302]);
  });

  test.each([
    ['no answer', () => undefined],
    ['no end of the body', (_request: IncomingMessage, response: ServerResponse) => response.write('{')],
  ])('rejects with a TimeoutError when there is %s in time', async (_what, answer) => {
    const url = await serve(answer);
    const init = get({ signal: AbortSignal.timeout(50) });
    const error = await thrown(send(url, init).then((response) => response.text()));
    expect(error.name).toBe('TimeoutError');
  });

  test('rejects with the cause when nobody listens', async () => {
    const url = await serve(() => undefined);
    stops.pop()?.();
    const error = await thrown(send(url, get()));
    expect([error.name, error.cause?.code]).toEqual(['TypeError', 'ECONNREFUSED']);
  });

  test('rejects when the body is cut off', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('{', () => response.destroy());
    });
    const error = await thrown(send(url, get()).then((response) => response.text()));
    expect(error.name).toBe('TypeError');
  });
});

/** Answers the first request of each connection, and closes it under the next, as a server does with an idle one. */
const closing = (): [(request: IncomingMessage, response: ServerResponse) => void, number[]] => {
  const seen: number[] = [];
  const ports: (number | undefined)[] = [];
  return [
    ({ socket }, response) => {
      const known = ports.indexOf(socket.remotePort);
      seen.push(known < 0 ? ports.push(socket.remotePort) : known + 1);
      if (known < 0) response.end('{}');
      else socket.resetAndDestroy();
    },
    seen,
  ];
};

test('a request on a connection that the server had closed is sent once more on another', async () => {
  const [answer, connections] = closing();
  const url = await serve(answer);
  const send = createNodeFetch();
  for (let index = 0; index < 2; index += 1) expect((await send(url, get())).status).toBe(200);
  expect(connections).toEqual([1, 1, 2]);
});

test('a request on a new connection that is closed is not sent again', async () => {
  let requests = 0;
  const url = await serve(({ socket }) => {
    requests += 1;
    socket.resetAndDestroy();
  });
  const error = await thrown(createNodeFetch()(url, get()));
  expect([error.name, error.cause?.code, requests]).toEqual(['TypeError', 'ECONNRESET', 1]);
});

import { Agent as HttpAgent, type IncomingMessage, request as requestOverHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestOverHttps } from 'node:https';
import type { Fetch, FetchInit, FetchResponse } from '../../lib/fetch.ts';

/** How long an idle connection is kept, in milliseconds: less than servers do, so that few are found closed. */
const IDLE_MS = 30_000;

/** A connection that was idle, and that the other side had closed by the time it was used. */
const CLOSED: readonly unknown[] = ['ECONNRESET', 'EPIPE'];

const responseOf = (message: IncomingMessage, body: string): FetchResponse => {
  const { headers, statusCode: status = 0 } = message;
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: {
      get: (name) => headers[name.toLowerCase()]?.toString() ?? null,
      has: (name) => name.toLowerCase() in headers,
    },
    text: async () => body,
  };
};

/**
 * `fetch` over the HTTP client that the AWS SDK has loaded already: Node's own `fetch` brings another one, which takes more
 * processor time to load than all the rest of a first refresh. See docs/decisions/one-http-client.md.
 *
 * It rejects as `fetch` does: with the signal's reason, or with a `TypeError` whose cause tells the connection's failure.
 *
 * @see https://nodejs.org/api/http.html#requestreusedsocket
 */
export const createNodeFetch = (): Fetch => {
  const options = { keepAlive: true, timeout: IDLE_MS };
  const [http, https] = [new HttpAgent(options), new HttpsAgent(options)];

  const send = (url: URL, init: FetchInit, again: boolean): Promise<FetchResponse> =>
    new Promise((resolve, reject) => {
      const { method, headers = {}, body, signal } = init;
      const how = { method, headers, signal };
      const fail = (cause: Error): void =>
        reject(signal.aborted ? signal.reason : new TypeError('fetch failed', { cause }));
      const request =
        url.protocol === 'http:'
          ? requestOverHttp(url, { ...how, agent: http })
          : requestOverHttps(url, { ...how, agent: https });
      request.once('error', (error: Error & { readonly code?: unknown }) => {
        if (again && request.reusedSocket && CLOSED.includes(error.code)) resolve(send(url, init, false));
        else fail(error);
      });
      request.once('response', (message) => {
        const chunks: Buffer[] = [];
        message.on('data', (chunk: Buffer) => chunks.push(chunk));
        message.once('error', fail);
        message.once('end', () => resolve(responseOf(message, Buffer.concat(chunks).toString())));
      });
      request.end(body);
    });

  return async (url, init) => send(new URL(url), init, true);
};

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { KmError } from '../errors.ts';
import { type Connection, isAnotherUsers } from '../peer-user.ts';
import { type PageRequest, type SetupFlowOptions, setupFlow, type TakenCode } from './setup-flow.ts';
import { problemPage } from './setup-page.ts';

export interface SetupServerOptions<Taken extends TakenCode> extends Omit<SetupFlowOptions<Taken>, 'page'> {
  /** Of 127.0.0.1; 0: a free one. */
  readonly port: number;
  /** Base of GitHub's pages: its origin is the only place that the page's form may be sent to. */
  readonly webUrl: string;
  /** The page, which has GitHub send the browser to `redirectUrl`. */
  readonly page: (request: PageRequest & { readonly redirectUrl: string }) => string;
  /** Whether another user of this machine asks; default {@link isAnotherUsers}. */
  readonly isAnotherUsers?: (connection: Connection) => Promise<boolean>;
}

export interface SetupServer<Taken> {
  /** What the browser opens. It lets one browser in. */
  readonly url: string;
  /** Settles once GitHub's code came and was answered: with what `onCode` returned, or with what it threw. */
  readonly taken: Promise<Taken>;
  close(): Promise<void>;
}

const COOKIE = 'km-setup';
const NONCE_BYTES = 18;
const ANOTHER_USER =
  'Another user of this machine runs km: it has to be run by the user whose browser this is.';

/**
 * Serves the set-up's page on 127.0.0.1, to a browser that shows it as a page of its own and to nobody else. See
 * `setupFlow` for what it answers.
 *
 * @throws {KmError} `ErrSetupPage` when the port is taken.
 */
export const startSetupServer = async <Taken extends TakenCode>(
  options: SetupServerOptions<Taken>,
): Promise<SetupServer<Taken>> => {
  const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 16_384 });
  const port = await listen(server, options.port);
  const origin = `http://127.0.0.1:${port}`;
  const redirectUrl = `${origin}/callback`;
  const flow = setupFlow({ ...options, page: (request) => options.page({ ...request, redirectUrl }) });
  // Cookies do not tell ports apart: two runs at once need two names.
  const cookieName = `${COOKIE}-${port}`;
  const settled = Promise.withResolvers<Taken>();
  settled.promise.catch(() => undefined);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const nonce = Buffer.from(options.randomBytes(NONCE_BYTES)).toString('base64');
    for (const [name, value] of Object.entries(headersOf(options.webUrl, nonce))) {
      response.setHeader(name, value);
    }
    const isForeign = await (options.isAnotherUsers ?? isAnotherUsers)(request.socket);
    const refusal = isForeign ? ANOTHER_USER : refusalOf(request, port, origin);
    if (refusal !== undefined) {
      const page = problemPage({ title: 'Not from here', message: refusal, nonce });
      response.writeHead(403, { 'content-type': HTML }).end(page);
      return;
    }
    const url = new URL(`${origin}${request.url}`);
    const reply = await flow.answer({ url, cookie: cookieOf(request, cookieName), nonce });
    if ('page' in reply) {
      response.writeHead(reply.status, { 'content-type': HTML }).end(reply.page);
    } else {
      if (reply.cookie !== undefined) {
        response.setHeader('set-cookie', `${cookieName}=${reply.cookie}; HttpOnly; SameSite=Lax; Path=/`);
      }
      response.writeHead(303, { location: reply.location }).end();
    }
    await finished(response).catch(() => undefined);
  };

  server.on('request', (request, response) => {
    answer(request, response)
      .catch(() => response.destroy())
      .finally(() => {
        const outcome = flow.outcome();
        if (outcome === undefined) return;
        if ('taken' in outcome) settled.resolve(outcome.taken);
        else settled.reject(outcome.error);
      });
  });
  return {
    url: `${origin}${flow.entry}`,
    taken: settled.promise,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};

const HTML = 'text/html; charset=utf-8';

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new KmError('ErrSetupPage', `The page cannot be shown on port ${port}: ${error.code}.`, {
          remedy: 'Leave --port away for a free port, or give another.',
          cause: error,
        }),
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

/** Why a request is not that of a browser for a page: by another name for this machine, or another site's doing. */
const refusalOf = (
  { headers, method }: IncomingMessage,
  port: number,
  origin: string,
): string | undefined => {
  if (headers.host !== `127.0.0.1:${port}`) {
    return `This page answers at ${origin} only. Through a tunnel, forward that same port.`;
  }
  if (headers.origin !== undefined && headers.origin !== origin) return 'Another site asked for this page.';
  if ((headers['sec-fetch-dest'] ?? 'document') !== 'document') return 'This page stands by itself only.';
  return method === 'GET' ? undefined : 'This page is only read.';
};

const cookieOf = ({ headers }: IncomingMessage, name: string): string | undefined =>
  headers.cookie
    ?.split(/; */)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

/**
 * No script at all, nothing from outside, no frame. The referrer is the bare origin: with none, the form's Origin would
 * be `null`, which servers that check it refuse.
 *
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
 */
const headersOf = (webUrl: string, nonce: string): Record<string, string> => ({
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    'img-src data:',
    `form-action ${new URL(webUrl).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'strict-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  connection: 'close',
});

import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KmError } from '../errors.ts';
import { madePage, problemPage } from './setup-page.ts';

/** What the browser is sent on to once GitHub's code has been taken. */
export interface TakenCode {
  readonly name: string;
  readonly installUrl: string;
}

/** The page of one attempt: 0 has the name that was asked for, each further one another name. */
export interface PageRequest {
  readonly attempt: number;
  /** Where GitHub is to send the browser. */
  readonly redirectUrl: string;
  readonly state: string;
  readonly nonce: string;
}

export interface SetupServerOptions<Taken extends TakenCode> {
  /** Of 127.0.0.1; 0: a free one. */
  readonly port: number;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Origin of GitHub's pages: the only place that the page's form may be sent to. */
  readonly webUrl: string;
  readonly page: (request: PageRequest) => string;
  /** Takes GitHub's code, once; what it throws is shown on the page, and ends `taken`. */
  readonly onCode: (code: string) => Promise<Taken>;
}

export interface SetupServer<Taken> {
  /** What the browser opens. It lets one browser in. */
  readonly url: string;
  readonly port: number;
  /** Settles once GitHub's code came: with what `onCode` returned, or with what it threw. */
  readonly taken: Promise<Taken>;
  close(): Promise<void>;
}

const CODE = /^[A-Za-z0-9_-]{8,200}$/;
const SECRET_BYTES = 32;
const NONCE_BYTES = 18;
const MOST_ATTEMPTS = 99;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** In a time that tells nothing about the secret. */
const isSecret = (given: string | undefined, secret: string): boolean =>
  timingSafeEqual(digest(given ?? ''), digest(secret));

/**
 * The page server of the set-up, on 127.0.0.1 only. The address that km prints lets the first browser in, which gets a
 * cookie for the rest: whoever sees the address in a process list later comes too late. GitHub's answer counts when it
 * comes in that browser with this run's state, and it counts once.
 *
 * @throws {KmError} `ErrSetupPage` when the port is taken.
 */
export const startSetupServer = async <Taken extends TakenCode>(
  options: SetupServerOptions<Taken>,
): Promise<SetupServer<Taken>> => {
  const secret = (): string => Buffer.from(options.randomBytes(SECRET_BYTES)).toString('base64url');
  const [entry, session, state] = [secret(), secret(), secret()];
  const cookie = `km-setup-${entry.slice(0, 8)}`;
  const outcome = Promise.withResolvers<Taken>();
  outcome.promise.catch(() => undefined);
  let entered = false;
  let asked = false;
  let taken: Taken | undefined;

  const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 16_384 });
  const port = await listen(server, options.port);
  const origin = `http://127.0.0.1:${port}`;
  const redirectUrl = `${origin}/callback`;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const nonce = Buffer.from(options.randomBytes(NONCE_BYTES)).toString('base64');
    for (const [name, value] of Object.entries(headersOf(options.webUrl, nonce)))
      response.setHeader(name, value);
    const send = (status: number, page: string) => {
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    };
    const goTo = (url: string, headers: Record<string, string> = {}) => {
      response.writeHead(303, { location: url, ...headers }).end();
    };
    const refuse = (status: number, title: string, message: string, remedy?: string) =>
      send(status, problemPage({ title, message, nonce, ...(remedy === undefined ? {} : { remedy }) }));

    const reason = foreign(request, port, origin);
    if (reason !== undefined) return refuse(403, 'Not from here', reason);
    if (request.method !== 'GET') {
      response.setHeader('allow', 'GET');
      return refuse(405, 'Not like that', 'This page is only read.');
    }
    const url = new URL(request.url ?? '/', origin);
    const known = isSecret(cookieOf(request, cookie), session);

    if (url.pathname.startsWith('/start/') && isSecret(url.pathname.slice('/start/'.length), entry)) {
      if (known) return goTo('/');
      if (entered) {
        return refuse(
          403,
          'Open in another browser already',
          'This address has been opened, and it lets one browser in.',
          'Go on there. If that was not you, end km with Ctrl-C and run km github again.',
        );
      }
      entered = true;
      return goTo('/', { 'set-cookie': `${cookie}=${session}; HttpOnly; SameSite=Lax; Path=/` });
    }
    if (url.pathname !== '/' && url.pathname !== '/callback') {
      return refuse(404, 'Nothing here', 'km has no such page.');
    }
    if (!known) {
      return refuse(
        403,
        'Not this browser',
        'This browser was not let in, or keeps no cookies.',
        'Open the address that km printed, and come back from GitHub in the same browser.',
      );
    }
    if (taken) {
      if (url.pathname === '/') return send(200, madePage({ ...taken, nonce }));
      return send(409, madePage({ ...taken, nonce }));
    }
    if (url.pathname === '/') {
      const attempt = attemptOf(url);
      return send(200, options.page({ attempt, redirectUrl, state, nonce }));
    }

    const code = only(url, 'code');
    if (!isSecret(only(url, 'state'), state)) {
      return refuse(
        403,
        'Not the answer to this run',
        'GitHub’s answer does not belong to the page that km shows. Nothing was stored.',
        `Begin again from ${origin}. If GitHub made an App, delete it in its settings.`,
      );
    }
    if (code === undefined || !CODE.test(code)) {
      return refuse(
        400,
        'No code',
        'GitHub’s answer has no code. Nothing was stored.',
        `Begin again from ${origin}.`,
      );
    }
    if (asked) {
      return refuse(
        409,
        'Answered already',
        'GitHub’s answer has come before, and it counts once. See the terminal.',
      );
    }
    asked = true;
    try {
      taken = await options.onCode(code);
      goTo(taken.installUrl);
      outcome.resolve(taken);
    } catch (error) {
      response.once('close', () => outcome.reject(error));
      const known = error instanceof KmError;
      refuse(
        500,
        'Not stored yet',
        known ? error.message : 'Something went wrong; the terminal says what.',
        'Nothing is lost: mend it, and run km github again. It goes on from here.',
      );
    }
  };

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch(() => response.destroy());
  });
  return {
    url: `${origin}/start/${entry}`,
    port,
    taken: outcome.promise,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};

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

/** Why a request is not from a browser that shows km's page: another name for this machine, or another site's doing. */
const foreign = ({ headers }: IncomingMessage, port: number, origin: string): string | undefined => {
  if (headers.host !== `127.0.0.1:${port}`) {
    return `This page answers at ${origin} only. Through a tunnel, forward that same port.`;
  }
  if (headers.origin !== undefined && headers.origin !== origin) return 'Another site asked for this page.';
  const destination = headers['sec-fetch-dest'];
  if (destination !== undefined && destination !== 'document') return 'This page stands by itself only.';
  return undefined;
};

const cookieOf = ({ headers }: IncomingMessage, name: string): string | undefined =>
  headers.cookie
    ?.split(/; */)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

/** A query parameter that is there once. */
const only = (url: URL, name: string): string | undefined => {
  const values = url.searchParams.getAll(name);
  return values.length === 1 ? values[0] : undefined;
};

const attemptOf = (url: URL): number => {
  const text = only(url, 'name') ?? '';
  return /^[1-9]\d?$/.test(text) ? Math.min(Number(text), MOST_ATTEMPTS) : 0;
};

/**
 * No script at all, no outside asset, no frame. The referrer is the bare origin: an empty one would make the form's
 * Origin `null`, which servers that check it refuse.
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

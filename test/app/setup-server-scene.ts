import { type IncomingHttpHeaders, request } from 'node:http';
import { type SetupServer, startSetupServer } from '../../lib/app/setup-server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export const MADE = { name: 'km-made', installUrl: 'https://github.test/apps/km-made/installations/new' };
export const STATE = /state=([\w-]+) redirect=(\S+)/;

export interface ServerScene {
  readonly server: SetupServer<typeof MADE>;
  readonly origin: string;
  /** Path of the address that lets a browser in. */
  readonly entry: string;
  /** Every code that was taken. */
  readonly codes: readonly string[];
  /** What becomes of a code; to be replaced. */
  outcome: () => Promise<typeof MADE>;
  /** Whether whoever asks is another user of the machine; to be replaced. */
  isAnotherUsers: () => boolean;
  ask(path: string, options?: AskOptions): Promise<Answer>;
  /** Asks, and goes away before the answer. Call what it returns to go. */
  askAndLeave(path: string, headers: Readonly<Record<string, string>>): () => void;
  /** Lets a browser in; returns its cookie header. */
  enter(): Promise<Record<string, string>>;
  state(headers: Readonly<Record<string, string>>): Promise<string>;
  /** What a browser that was let in comes back from GitHub with. */
  callback(): Promise<{ headers: Record<string, string>; state: string; path: string }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The set-up's server with a page that shows what it was given, and a GitHub whose code is `code-from-github`. */
export const serverScene = async (): Promise<ServerScene> => {
  const codes: string[] = [];
  let secrets = 0;
  const server = await startSetupServer({
    port: 0,
    // Every secret another one.
    randomBytes: (length) => {
      secrets += 1;
      return new Uint8Array(length).fill(secrets);
    },
    webUrl: 'https://github.test/base',
    page: ({ attempt, state, redirectUrl, nonce }) =>
      `attempt=${attempt} state=${state} redirect=${redirectUrl} nonce=${nonce}`,
    isAnotherUsers: async () => scene.isAnotherUsers(),
    onCode: (code) => {
      codes.push(code);
      return scene.outcome();
    },
  });
  const { origin, port, pathname: entry } = new URL(server.url);
  const send = (path: string, { method = 'GET', headers = {} }: AskOptions = {}) =>
    request({ host: '127.0.0.1', port, path, method, headers });
  const ask = (path: string, options?: AskOptions): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = send(path, options).once('error', reject);
      sent.once('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      });
      sent.end();
    });
  const scene: ServerScene = {
    server,
    origin,
    entry,
    codes,
    outcome: async () => MADE,
    isAnotherUsers: () => false,
    ask,
    askAndLeave: (path, headers) => {
      const sent = send(path, { headers }).on('error', () => undefined);
      sent.end();
      return () => sent.destroy();
    },
    enter: async () => {
      const { headers } = await ask(entry);
      return { cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
    },
    state: async (headers) => STATE.exec((await ask('/', { headers })).body)?.[1] ?? '',
    callback: async () => {
      const headers = await scene.enter();
      const state = await scene.state(headers);
      return { headers, state, path: `/callback?code=code-from-github&state=${state}` };
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
  return scene;
};

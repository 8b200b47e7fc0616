import type { Table } from '../aws/cloud.ts';
import type { LocalClock } from '../clock.ts';
import { addressesBelow } from './addresses.ts';
import type { GitHubFaults } from './faults.ts';
import { HttpBackend } from './git/http-backend.ts';
import type { GitHubHost } from './github-state.ts';
import { type LoopbackServer, listenOnLoopback } from './loopback-server.ts';
import { openState } from './open-state.ts';
import type { OwnerActions } from './owner-actions.ts';
import { answerOwner, type OwnerAnswer, type OwnerRequest } from './owner-routes.ts';
import { requestListeners } from './request-listener.ts';
import type { Seed } from './seed.ts';

export interface LocalGitHubOptions {
  /** The repositories lie in `repos` under it. */
  readonly stateDir: string;
  readonly clock: LocalClock;
  /** Used on the first start only, when the tables are empty; absent: DEFAULT_SEED. */
  readonly seed?: Seed;
  /** Of 127.0.0.1; absent or 0: a free one. */
  readonly port?: number;
  /** Of REST, where it has an origin of its own: the port to use if it is free. */
  readonly apiPort?: number;
  /** The persisted table of that name; all names here start with `github-`. */
  readonly table: <T>(name: string) => Table<T>;
  /**
   * The faults in force, asked for at each request. A rule's count is remembered by its object, so that the same
   * objects are to be returned until faults are set anew.
   */
  readonly faults: () => GitHubFaults;
  /** One event; never a secret. */
  readonly log: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
}

export interface LocalGitHub {
  /** `http://127.0.0.1:PORT`: the base of pages and of git remotes. */
  readonly url: string;
  /** The base of REST: `url` + `/api/v3`, or another origin where the seed's host has one. */
  readonly apiUrl: string;
  readonly port: number;
  /** Of REST, where it has an origin of its own. */
  readonly apiPort: number | undefined;
  /** The oldest App; undefined when there is none. */
  readonly app:
    | {
        readonly id: number;
        readonly clientId: string;
        readonly slug: string;
        /** PKCS#1 PEM. Only from the start that made it: GitHub does not keep it either. */
        readonly privateKeyPem?: string;
      }
    | undefined;
  /** As they are now. */
  readonly installations: readonly { readonly id: number; readonly account: string }[];
  /** What account owners and the App's owner do on GitHub's pages. */
  readonly owner: OwnerActions;
  /** Answers a `/_km/github` request. Throws InvalidInputError for a body that is not understood. */
  answerOwner(request: OwnerRequest): Promise<OwnerAnswer>;
  /** Ends every connection and every git process, and waits for them. */
  close(): Promise<void>;
}

const PORT_TAKEN = 'EADDRINUSE';

/** An origin for REST alone, on the port that it had before if that is free. */
const listenForApi = (port: number): Promise<LoopbackServer> =>
  listenOnLoopback(port).catch((error: NodeJS.ErrnoException) => {
    if (error.code === PORT_TAKEN) return listenOnLoopback(0);
    throw error;
  });

/** github.com and `*.ghe.com` serve REST at an origin of its own. */
const hasOwnApi = (host: GitHubHost): boolean => host === 'github.com' || host === 'ghe.com';

/**
 * A GitHub on the loopback interface: REST for Apps, the pages to set them up, and git over smart HTTP on real
 * repositories. Rejects with the listening error when the port is taken, before anything is made; and when git is not
 * installed.
 */
export const startLocalGitHub = async (options: LocalGitHubOptions): Promise<LocalGitHub> => {
  const { clock, log } = options;
  const web = await listenOnLoopback(options.port ?? 0);
  const servers = [web];
  try {
    const { state, fresh } = await openState(options);
    const api = hasOwnApi(state.host) ? await listenForApi(options.apiPort ?? 0) : undefined;
    if (api) servers.push(api);
    const apiUrl = api?.url ?? `${web.url}/api/v3`;
    const backend = new HttpBackend(state.git, log);
    const listenerOf = requestListeners({
      state,
      backend,
      clock,
      addresses: addressesBelow(web.url, apiUrl),
      log,
    });
    web.answerWith(listenerOf(api ? 'web' : 'everything'));
    api?.answerWith(listenerOf('api'));
    return {
      url: web.url,
      apiUrl,
      port: web.port,
      apiPort: api?.port,
      get app() {
        const app = state.apps.all()[0];
        if (!app) return undefined;
        const { id, clientId, slug } = app;
        return { id, clientId, slug, ...(fresh?.id === id ? { privateKeyPem: fresh.privateKeyPem } : {}) };
      },
      get installations() {
        return state.directory.allInstallations().map((entry) => ({ id: entry.id, account: entry.account }));
      },
      owner: state.owner,
      answerOwner: (request) => answerOwner(state, clock.now() + (state.faults().clockSkewMs ?? 0), request),
      close: async () => {
        await Promise.all([...servers.map((server) => server.close()), backend.stop()]);
      },
    };
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  }
};

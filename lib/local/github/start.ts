import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Table } from '../aws/cloud.ts';
import type { LocalClock } from '../clock.ts';
import { generateAppKey } from './app.ts';
import { AppRegistrations } from './app-registration.ts';
import { AppStore } from './app-store.ts';
import { Directory } from './directory.ts';
import type { GitHubFaults } from './faults.ts';
import { makeBareRepository, repositoryPath } from './git/bare-repository.ts';
import { Git } from './git/git.ts';
import { HttpBackend } from './git/http-backend.ts';
import { writeWorkflowGuard } from './git/workflow-guard.ts';
import type { GitHubState } from './github-state.ts';
import { InstallationTokens } from './installation-tokens.ts';
import { type OwnerActions, ownerActions } from './owner-actions.ts';
import { answerOwner, type OwnerAnswer, type OwnerRequest } from './owner-routes.ts';
import { requestListener } from './request-listener.ts';
import { DEFAULT_SEED, type Seed, type SeedApp } from './seed.ts';

export interface LocalGitHubOptions {
  /** The repositories lie in `repos` under it. */
  readonly stateDir: string;
  readonly clock: LocalClock;
  /** Used on the first start only, when the tables are empty; absent: DEFAULT_SEED. */
  readonly seed?: Seed;
  /** Of 127.0.0.1; absent or 0: a free one. */
  readonly port?: number;
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
  /** `http://127.0.0.1:PORT`: the base of git remotes. */
  readonly url: string;
  /** `url` + `/api/v3`: the base of REST. */
  readonly apiUrl: string;
  readonly port: number;
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

/** The App of a seed, and its installations. */
const plantApp = (apps: AppStore, directory: Directory, seed: SeedApp, publicKey: string, now: number) => {
  const { slug, installations } = seed;
  const app = apps.register(
    {
      slug,
      name: slug,
      description: 'The App of the local GitHub',
      url: 'https://km.example',
      public: true,
      permissions: { metadata: 'read', ...seed.permissions },
      events: [],
      publicKeys: [publicKey],
    },
    now,
  );
  for (const entry of installations) directory.install(entry, app, now);
  apps.markSeeded();
  return app;
};

/** Everything of the state directory and the tables, made or found. The App comes last: its key is handed out once. */
const openState = async (options: LocalGitHubOptions) => {
  const { table, faults } = options;
  const reposDir = join(options.stateDir, 'repos');
  const seed = options.seed ?? DEFAULT_SEED;
  const directory = new Directory(table);
  const apps = new AppStore(table);
  // Without its directory, whatever lies there is of a state that was reset.
  if (directory.isEmpty) rmSync(reposDir, { recursive: true, force: true });
  mkdirSync(reposDir, { recursive: true, mode: 0o700 });
  const [git, key] = await Promise.all([
    Git.find(reposDir, writeWorkflowGuard(options.stateDir)),
    seed.app === 'none' || apps.isSeeded ? undefined : generateAppKey(),
  ]);
  const now = options.clock.now();
  if (directory.isEmpty) directory.plant(seed, now);
  const settings = table<GitHubState['host']>('github-settings');
  const host = settings.get('host') ?? seed.host ?? 'github.com';
  settings.set('host', host);
  for (const { id, owner, name } of directory.repositories.values())
    makeBareRepository(repositoryPath(reposDir, id), `${owner}/${name}`);
  const seeded = key && seed.app !== 'none' && plantApp(apps, directory, seed.app, key.publicKey, now);

  const tokens = new InstallationTokens(table, faults);
  const state: GitHubState = {
    host,
    appsPath: host === 'ghes' ? '/github-apps' : '/apps',
    apps,
    registrations: new AppRegistrations(apps, directory, table),
    owner: ownerActions({ apps, directory, tokens, clock: options.clock }),
    directory,
    tokens,
    git,
    faults,
  };
  return { state, apps, fresh: key && seeded ? { id: seeded.id, privateKeyPem: key.privateKey } : undefined };
};

/**
 * A GitHub on the loopback interface: REST for Apps, and git over smart HTTP on real repositories.
 * Rejects with the listening error when the port is taken, before anything is made; and when git is not installed.
 */
export const startLocalGitHub = async (options: LocalGitHubOptions): Promise<LocalGitHub> => {
  const { clock, log } = options;
  const server = createServer({ requestTimeout: 0 });
  const ready = Promise.withResolvers<RequestListener>();
  ready.promise.catch(() => undefined);
  server.on('request', (request, response) => {
    ready.promise.then(
      (listener) => listener(request, response),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const { state, apps, fresh } = await openState(options).catch((error: unknown) => {
    ready.reject(error);
    server.close();
    throw error;
  });
  const backend = new HttpBackend(state.git, log);
  ready.resolve(requestListener({ state, backend, clock, url, log }));

  return {
    url,
    apiUrl: `${url}/api/v3`,
    port,
    get app() {
      const app = apps.all()[0];
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
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, backend.stop()]);
    },
  };
};

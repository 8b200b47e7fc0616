import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from '../aws/cloud.ts';
import type { LocalClock } from '../clock.ts';
import { type App, generateAppKey } from './app.ts';
import { AppRegistrations } from './app-registration.ts';
import { AppStore } from './app-store.ts';
import { Directory } from './directory.ts';
import type { GitHubFaults } from './faults.ts';
import { makeBareRepository, repositoryPath } from './git/bare-repository.ts';
import { Git } from './git/git.ts';
import { writeWorkflowGuard } from './git/workflow-guard.ts';
import type { GitHubHost, GitHubState } from './github-state.ts';
import { InstallationTokens } from './installation-tokens.ts';
import { IssueStore } from './issue-store.ts';
import type { LfsLock } from './lfs/locks.ts';
import { ObjectStore } from './object-store.ts';
import { ownerActions } from './owner-actions.ts';
import { ReleaseStore } from './release-store.ts';
import type { Dispatch } from './rest/dispatch-routes.ts';
import { DEFAULT_SEED, type Seed, type SeedApp } from './seed.ts';
import { SignedUrls } from './signed-urls.ts';

export interface OpenStateOptions {
  readonly stateDir: string;
  readonly clock: LocalClock;
  readonly seed?: Seed;
  readonly table: <T>(name: string) => Table<T>;
  readonly faults: () => GitHubFaults;
}

export interface OpenState {
  readonly state: GitHubState;
  /** The seed's App and the private half of its key, when it was made just now. */
  readonly fresh: { readonly id: number; readonly privateKeyPem: string } | undefined;
}

/** The account that a seeded App belongs to: the first user's, else the first there is. */
const ownerOf = ({ accounts }: Seed, directory: Directory): number | undefined => {
  const login = (accounts.find(({ type }) => type === 'User') ?? accounts[0])?.login;
  return login === undefined ? undefined : directory.account(login)?.id;
};

/** The App of a seed, and its installations. */
const plantApp = (
  apps: AppStore,
  directory: Directory,
  seed: SeedApp,
  ownerId: number | undefined,
  publicKey: string,
  now: number,
): App => {
  const { slug, installations } = seed;
  const app = apps.register(
    {
      slug,
      name: slug,
      description: 'The App of the local GitHub',
      url: 'https://km.example',
      ...(ownerId === undefined ? {} : { ownerId }),
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
export const openState = async (options: OpenStateOptions): Promise<OpenState> => {
  const { table, faults, clock } = options;
  const reposDir = join(options.stateDir, 'repos');
  const lfsDir = join(options.stateDir, 'lfs');
  const assetsDir = join(options.stateDir, 'release-assets');
  const seed = options.seed ?? DEFAULT_SEED;
  const directory = new Directory(table);
  const apps = new AppStore(table);
  const hosts = table<GitHubHost>('github-host');
  // Without its directory, whatever lies there is of a state that was reset.
  if (directory.isEmpty)
    for (const folder of [reposDir, lfsDir, assetsDir]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(reposDir, { recursive: true, mode: 0o700 });
  const [git, key] = await Promise.all([
    Git.find(reposDir, writeWorkflowGuard(options.stateDir)),
    seed.app === 'none' || apps.isSeeded ? undefined : generateAppKey(),
  ]);
  const now = clock.now();
  if (directory.isEmpty) directory.plant(seed, now);
  if (!hosts.has('host')) hosts.set('host', seed.host ?? 'local');
  for (const { id, owner, name } of directory.repositories.values())
    makeBareRepository(repositoryPath(reposDir, id), `${owner}/${name}`);
  const seeded =
    key && seed.app !== 'none'
      ? plantApp(apps, directory, seed.app, ownerOf(seed, directory), key.publicKey, now)
      : undefined;

  const host = hosts.get('host') ?? 'local';
  const tokens = new InstallationTokens(table, faults);
  const state: GitHubState = {
    host,
    appsPath: host === 'ghes' ? '/github-apps' : '/apps',
    apps,
    registrations: new AppRegistrations(apps, directory, table),
    owner: ownerActions({ apps, directory, tokens, clock }),
    directory,
    tokens,
    git,
    lfsObjects: new ObjectStore(lfsDir),
    lfsLocks: table<LfsLock>('github-lfs-locks'),
    signedUrls: new SignedUrls(),
    issues: new IssueStore(table),
    releases: new ReleaseStore(table),
    assets: new ObjectStore(assetsDir),
    dispatches: table<Dispatch>('github-dispatches'),
    faults,
  };
  return { state, fresh: key && seeded ? { id: seeded.id, privateKeyPem: key.privateKey } : undefined };
};

import type { Table } from '../aws/cloud.ts';
import type { Permissions } from './permissions.ts';
import type { Seed } from './seed.ts';

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Organization';
}

export interface Repository {
  readonly id: number;
  readonly ownerId: number;
  /** The owner's login, as it is spelt. */
  readonly owner: string;
  readonly name: string;
  readonly createdAt: number;
}

export interface Installation {
  readonly id: number;
  readonly accountId: number;
  readonly account: string;
  /** `all`, or the ids of the selected repositories. */
  readonly repositories: 'all' | readonly number[];
  readonly permissions: Permissions;
  readonly createdAt: number;
  readonly suspendedAt?: number;
}

type InstallationSeed = Seed['app']['installations'][number];

const FIRST_ACCOUNT_ID = 10_000_001;
const FIRST_REPOSITORY_ID = 100_000_001;
const FIRST_INSTALLATION_ID = 50_000_001;

/** Accounts, repositories and installations, found by id or by name in any case. */
export class Directory {
  readonly accounts: Table<Account>;
  readonly repositories: Table<Repository>;
  readonly installations: Table<Installation>;

  readonly #counters: Table<number>;

  constructor(table: <T>(name: string) => Table<T>) {
    this.accounts = table<Account>('github-accounts');
    this.repositories = table<Repository>('github-repositories');
    this.installations = table<Installation>('github-installations');
    this.#counters = table<number>('github-counters');
  }

  get isEmpty(): boolean {
    return this.accounts.keys().length === 0;
  }

  /** Fills an empty directory. Ids follow from the order in the seed, so that one seed always gives the same ids. */
  plant(seed: Seed, now: number): void {
    let repositoryId = FIRST_REPOSITORY_ID;
    seed.accounts.forEach(({ login, type, repos }, index) => {
      const id = FIRST_ACCOUNT_ID + index;
      this.accounts.set(login.toLowerCase(), { id, login, type });
      for (const name of repos)
        this.repositories.set(`${login}/${name}`.toLowerCase(), {
          id: repositoryId++,
          ownerId: id,
          owner: login,
          name,
          createdAt: now,
        });
    });
    for (const entry of seed.app.installations) this.install(entry, seed.app.permissions, now);
  }

  /** Installs the App on an account, under an id that none had before. Undefined when there is no such account. */
  install(entry: InstallationSeed, appPermissions: Permissions, now: number): Installation | undefined {
    const account = this.account(entry.account);
    if (!account) return undefined;
    const id = this.#counters.get('installation') ?? FIRST_INSTALLATION_ID;
    this.#counters.set('installation', id + 1);
    const selected = entry.repositories;
    const installation: Installation = {
      id,
      accountId: account.id,
      account: account.login,
      repositories:
        selected === 'all'
          ? 'all'
          : selected.flatMap((name) => this.repository(account.login, name)?.id ?? []),
      permissions: { metadata: 'read', ...(entry.permissions ?? appPermissions) },
      createdAt: now,
      ...(entry.suspended ? { suspendedAt: now } : {}),
    };
    this.installations.set(String(id), installation);
    return installation;
  }

  account(login: string): Account | undefined {
    return this.accounts.get(login.toLowerCase());
  }

  repository(owner: string, name: string): Repository | undefined {
    return this.repositories.get(`${owner}/${name}`.toLowerCase());
  }

  installation(id: number | string): Installation | undefined {
    return this.installations.get(String(id));
  }

  installationOf(login: string): Installation | undefined {
    const wanted = login.toLowerCase();
    return this.installations.values().find((entry) => entry.account.toLowerCase() === wanted);
  }

  /** All installations, by id. */
  allInstallations(): Installation[] {
    return this.installations.values().sort((a, b) => a.id - b.id);
  }

  /** The repositories that an installation reaches, by id. */
  repositoriesOf(installation: Installation): Repository[] {
    const { repositories } = installation;
    return this.repositories
      .values()
      .filter(
        (entry) =>
          entry.ownerId === installation.accountId &&
          (repositories === 'all' || repositories.includes(entry.id)),
      )
      .sort((a, b) => a.id - b.id);
  }
}

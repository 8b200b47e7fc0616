import type { Table } from '../aws/cloud.ts';
import type { App } from './app.ts';
import type { Permissions } from './permissions.ts';
import type { Seed, SeedApp } from './seed.ts';

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
  readonly appId: number;
  readonly accountId: number;
  readonly account: string;
  /** `all`, or the ids of the selected repositories. */
  readonly repositories: 'all' | readonly number[];
  readonly permissions: Permissions;
  readonly createdAt: number;
  readonly suspendedAt?: number;
}

type InstallationSeed = SeedApp['installations'][number];

const FIRST_ACCOUNT_ID = 10_000_001;
const FIRST_REPOSITORY_ID = 100_000_001;
const FIRST_INSTALLATION_ID = 50_000_001;

/** Accounts, repositories and installations, found by id or by name in any case. */
export class Directory {
  readonly accounts: Table<Account>;
  readonly repositories: Table<Repository>;
  readonly installations: Table<Installation>;

  readonly #counters: Table<number>;
  /** The ids of repositories by the names that they had before their owner was renamed. */
  readonly #formerNames: Table<number>;

  constructor(table: <T>(name: string) => Table<T>) {
    this.accounts = table<Account>('github-accounts');
    this.repositories = table<Repository>('github-repositories');
    this.installations = table<Installation>('github-installations');
    this.#counters = table<number>('github-counters');
    this.#formerNames = table<number>('github-former-names');
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
  }

  /** Installs an App on an account, under an id that none had before. Undefined when there is no such account. */
  install(
    entry: InstallationSeed,
    app: Pick<App, 'id' | 'permissions'>,
    now: number,
  ): Installation | undefined {
    const account = this.account(entry.account);
    if (!account) return undefined;
    const id = this.#counters.get('installation') ?? FIRST_INSTALLATION_ID;
    this.#counters.set('installation', id + 1);
    const installation: Installation = {
      id,
      appId: app.id,
      accountId: account.id,
      account: account.login,
      repositories: this.selection(account.login, entry.repositories),
      permissions: { metadata: 'read', ...(entry.permissions ?? app.permissions) },
      createdAt: now,
      ...(entry.suspended ? { suspendedAt: now } : {}),
    };
    this.installations.set(String(id), installation);
    return installation;
  }

  /** The ids of an account's repositories by their names, of which those that are not there are left out. */
  selection(login: string, names: 'all' | readonly string[]): 'all' | readonly number[] {
    return names === 'all' ? 'all' : names.flatMap((name) => this.repository(login, name)?.id ?? []);
  }

  /** Gives an account another login; its id, repositories and installations stay. Undefined when that is taken. */
  rename(login: string, to: string): Account | undefined {
    const account = this.account(login);
    const taken = this.account(to);
    if (!account || (taken && taken.id !== account.id)) return undefined;
    const renamed = { ...account, login: to };
    this.accounts.delete(login.toLowerCase());
    this.accounts.set(to.toLowerCase(), renamed);
    for (const [key, repository] of this.repositories.entries()) {
      if (repository.ownerId !== account.id) continue;
      this.repositories.delete(key);
      this.#formerNames.set(key, repository.id);
      this.repositories.set(`${to}/${repository.name}`.toLowerCase(), { ...repository, owner: to });
    }
    for (const installation of this.installations.values())
      if (installation.accountId === account.id)
        this.installations.set(String(installation.id), { ...installation, account: to });
    return renamed;
  }

  account(login: string): Account | undefined {
    return this.accounts.get(login.toLowerCase());
  }

  repository(owner: string, name: string): Repository | undefined {
    return this.repositories.get(`${owner}/${name}`.toLowerCase());
  }

  repositoryById(id: number): Repository | undefined {
    return this.repositories.values().find((repository) => repository.id === id);
  }

  /** The repository that once had a name which none has now. */
  movedRepository(owner: string, name: string): Repository | undefined {
    if (this.repository(owner, name)) return undefined;
    const id = this.#formerNames.get(`${owner}/${name}`.toLowerCase());
    return id === undefined ? undefined : this.repositoryById(id);
  }

  installation(id: number | string): Installation | undefined {
    return this.installations.get(String(id));
  }

  /** The installation of an App on an account. */
  installationOf(login: string, appId: number): Installation | undefined {
    const wanted = login.toLowerCase();
    return this.installations
      .values()
      .find((entry) => entry.appId === appId && entry.account.toLowerCase() === wanted);
  }

  /** All installations, or those of one App, by id. */
  allInstallations(appId?: number): Installation[] {
    return this.installations
      .values()
      .filter((entry) => appId === undefined || entry.appId === appId)
      .sort((a, b) => a.id - b.id);
  }

  /** All accounts, by id: in the order of the seed. */
  allAccounts(): Account[] {
    return this.accounts.values().sort((a, b) => a.id - b.id);
  }

  accountById(id: number | undefined): Account | undefined {
    return this.accounts.values().find((account) => account.id === id);
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

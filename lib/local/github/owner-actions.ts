import type { LocalClock } from '../clock.ts';
import { type App, generateAppKey } from './app.ts';
import type { AppStore } from './app-store.ts';
import type { Account, Directory, Installation } from './directory.ts';
import type { InstallationTokens } from './installation-tokens.ts';
import { exceeding, type Permissions } from './permissions.ts';

export interface InstallOptions {
  /** The account's login. */
  readonly account: string;
  readonly repositories: 'all' | readonly string[];
  /** Absent: the App's. */
  readonly permissions?: Permissions;
}

export interface InstallationChange {
  readonly suspended?: boolean;
  readonly repositories?: 'all' | readonly string[];
  readonly permissions?: Permissions;
}

/**
 * What people do on GitHub's pages, and no API does: accept or change an installation, uninstall, change an App, issue
 * App keys, rename an account. Where an App is not named by its slug, it is the oldest.
 */
export interface OwnerActions {
  /** Installs the App, in place of an installation that the account has; the new one has a new id. */
  install(options: InstallOptions, slug?: string): Installation | undefined;
  /** Removes the account's installation and revokes its tokens. */
  uninstall(account: string, slug?: string): boolean;
  changeInstallation(account: string, change: InstallationChange, slug?: string): Installation | undefined;
  /** Takes over the permissions that the App asks for. */
  acceptPermissions(account: string, slug?: string): Installation | undefined;
  /** What an App asks for from now on. Less holds at once; more waits until each installation accepts it. */
  changePermissions(permissions: Permissions, slug?: string): App | undefined;
  /** Issues one more App key: PKCS#1 PEM. Older keys stay valid until they are dropped. */
  addAppKey(slug?: string): Promise<string>;
  /** Deletes all App keys but the newest. */
  dropOldAppKeys(slug?: string): void;
  /** Deletes an App with its installations. */
  deleteApp(slug: string): boolean;
  /** Gives an account another login. Undefined when there is none, or when the login is taken. */
  rename(login: string, to: string): Account | undefined;
}

/** What the App asks for and the installation has not granted. */
export const pendingPermissions = (app: App, installation: Installation): Permissions =>
  Object.fromEntries(
    exceeding(app.permissions, installation.permissions).flatMap((name) => {
      const level = app.permissions[name];
      return level ? [[name, level]] : [];
    }),
  );

/** The permissions held that the App still asks for, at the App's level where that is lower. */
const within = (held: Permissions, asked: Permissions): Permissions =>
  Object.fromEntries(
    Object.entries(held).flatMap(([name, level]) => {
      const limit = asked[name];
      if (limit === undefined) return [];
      return [[name, exceeding({ [name]: level }, asked).length > 0 ? limit : level]];
    }),
  );

export const ownerActions = (of: {
  readonly apps: AppStore;
  readonly directory: Directory;
  readonly tokens: InstallationTokens;
  readonly clock: LocalClock;
}): OwnerActions => {
  const { apps, directory, tokens, clock } = of;
  const appOf = (slug?: string): App | undefined => (slug === undefined ? apps.all()[0] : apps.bySlug(slug));
  const installationOf = (account: string, slug?: string): Installation | undefined => {
    const app = appOf(slug);
    return app && directory.installationOf(account, app.id);
  };
  const store = (installation: Installation): Installation => {
    directory.installations.set(String(installation.id), installation);
    return installation;
  };
  const remove = ({ id }: Installation): boolean => {
    tokens.revokeAll(id);
    return directory.installations.delete(String(id));
  };
  const uninstall = (account: string, slug?: string): boolean => {
    const installation = installationOf(account, slug);
    return installation !== undefined && remove(installation);
  };

  return {
    uninstall,
    install: ({ account, repositories, permissions }, slug) => {
      const app = appOf(slug);
      if (!app || !directory.account(account)) return undefined;
      uninstall(account, slug);
      const selected = repositories === 'all' ? 'all' : [...repositories];
      const entry = { account, repositories: selected, ...(permissions ? { permissions } : {}) };
      return directory.install(entry as Parameters<Directory['install']>[0], app, clock.now());
    },
    changeInstallation: (account, { suspended, repositories, permissions }, slug) => {
      const installation = installationOf(account, slug);
      if (!installation) return undefined;
      const { suspendedAt, ...rest } = installation;
      const isSuspended = suspended ?? suspendedAt !== undefined;
      return store({
        ...rest,
        ...(repositories ? { repositories: directory.selection(installation.account, repositories) } : {}),
        ...(permissions ? { permissions: { metadata: 'read', ...permissions } } : {}),
        ...(isSuspended ? { suspendedAt: suspendedAt ?? clock.now() } : {}),
      });
    },
    acceptPermissions: (account, slug) => {
      const app = appOf(slug);
      const installation = installationOf(account, slug);
      return app && installation && store({ ...installation, permissions: app.permissions });
    },
    changePermissions: (asked, slug) => {
      const app = appOf(slug);
      if (!app) return undefined;
      const permissions: Permissions = { metadata: 'read', ...asked };
      for (const entry of directory.allInstallations(app.id))
        store({ ...entry, permissions: within(entry.permissions, permissions) });
      return apps.change(app.id, { permissions }, clock.now());
    },
    addAppKey: async (slug) => {
      const { publicKey, privateKey } = await generateAppKey();
      const app = appOf(slug);
      if (app) apps.addKey(app.id, publicKey, clock.now());
      return privateKey;
    },
    dropOldAppKeys: (slug) => {
      const app = appOf(slug);
      if (app) apps.dropOldKeys(app.id, clock.now());
    },
    deleteApp: (slug) => {
      const app = apps.bySlug(slug);
      if (!app) return false;
      for (const installation of directory.allInstallations(app.id)) remove(installation);
      return apps.delete(app.id);
    },
    rename: (login, to) => directory.rename(login, to),
  };
};

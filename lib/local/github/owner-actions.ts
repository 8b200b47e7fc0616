import type { LocalClock } from '../clock.ts';
import type { AppStore } from './app.ts';
import type { Directory } from './directory.ts';
import type { InstallationTokens } from './installation-tokens.ts';
import type { Permissions } from './permissions.ts';

export interface InstallOptions {
  /** The account's login. */
  readonly account: string;
  readonly repositories: 'all' | readonly string[];
  /** Absent: the App's. */
  readonly permissions?: Permissions;
}

/**
 * What people do on GitHub's pages, and no API does: accept or change an installation, uninstall, and issue App keys.
 * Only the process that runs the local cloud can call them.
 */
export interface OwnerActions {
  /** Installs the App, in place of an installation that the account has; the new one has a new id. */
  install(options: InstallOptions): { readonly id: number } | undefined;
  /** Removes the account's installation and revokes its tokens. */
  uninstall(account: string): boolean;
  /** Issues one more App key: PKCS#1 PEM. Older keys stay valid until they are dropped. */
  addAppKey(): Promise<string>;
  /** Deletes all App keys but the newest. */
  dropOldAppKeys(): void;
}

export const ownerActions = (of: {
  readonly apps: AppStore;
  readonly directory: Directory;
  readonly tokens: InstallationTokens;
  readonly clock: LocalClock;
}): OwnerActions => {
  const uninstall = (account: string): boolean => {
    const installation = of.directory.installationOf(account);
    if (!installation) return false;
    of.tokens.revokeAll(installation.id);
    return of.directory.installations.delete(String(installation.id));
  };
  return {
    uninstall,
    install: ({ account, repositories, permissions }) => {
      if (!of.directory.account(account)) return undefined;
      uninstall(account);
      const selected = repositories === 'all' ? 'all' : [...repositories];
      const entry = { account, repositories: selected, ...(permissions ? { permissions } : {}) };
      return of.directory.install(
        entry as Parameters<Directory['install']>[0],
        of.apps.require().permissions,
        of.clock.now(),
      );
    },
    addAppKey: () => of.apps.addKey(),
    dropOldAppKeys: () => of.apps.dropOldKeys(),
  };
};

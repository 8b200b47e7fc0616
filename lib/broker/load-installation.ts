import type { GitHubApp } from '../github/app.ts';
import type { Installation } from '../github/installation.ts';
import type { AppSource } from './app-source.ts';
import { resolveInstallation } from './resolve-installation.ts';

/**
 * The App, and its installation on one account, found as a refresh for that one account finds it.
 *
 * @param owner Lower case.
 * @throws {KmError} what `AppSource.load` and `resolveInstallation` throw.
 */
export const loadInstallation = async (
  source: AppSource,
  owner: string,
  { deadline }: { readonly deadline: number },
): Promise<{ readonly app: GitHubApp; readonly installation: Installation }> => {
  const { app, installations, legacyInstallation } = await source.load([owner]);
  const installation = await resolveInstallation(app, {
    owner,
    stored: installations.get(owner),
    guesses: legacyInstallation === undefined ? [] : [legacyInstallation],
    deadline,
  });
  return { app, installation };
};

import type { GitHubApp } from '../github/app.ts';
import { installationAmbiguous, installationMismatch, installationMissing } from '../github/errors.ts';
import { findInstallation } from '../github/find-installation.ts';
import { getInstallation } from '../github/get-installation.ts';
import { type Installation, sameName } from '../github/installation.ts';
import { listInstallations } from '../github/list-installations.ts';

export interface ResolveInstallationOptions {
  readonly owner: string;
  /** The id stored for this owner. That it is another account's is an error, not a reason to look elsewhere. */
  readonly stored: number | undefined;
  /** Ids that may be this owner's: the event's, the legacy one. Used only if GitHub says that they are. */
  readonly guesses: readonly number[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * The App's installation on an owner's account, confirmed by GitHub on every call. An id that is gone (the App was
 * installed again) gives way to GitHub's own look-up by owner.
 *
 * @throws {KmError} `ErrGitHubInstallationMismatch`, `ErrGitHubInstallationMissing`, or what sending throws.
 */
export const resolveInstallation = async (
  app: GitHubApp,
  options: ResolveInstallationOptions,
): Promise<Installation> => {
  const { owner, stored, guesses, deadline } = options;
  if (stored !== undefined) {
    const installation = await getInstallation(app, { id: stored, deadline });
    if (installation && !sameName(installation.account, owner))
      throw installationMismatch(owner, installation);
    if (installation) return installation;
  }
  for (const id of new Set(guesses)) {
    if (id === stored) continue;
    const installation = await getInstallation(app, { id, deadline });
    if (installation && sameName(installation.account, owner)) return installation;
  }
  return findInstallation(app, { owner, deadline });
};

export interface ResolveOnlyInstallationOptions {
  /** Accounts whose installation is stored. When there are any, no other account counts. */
  readonly knownOwners: readonly string[];
  /** Accounts that the one installation must be of, when `*` stands beside other entries. */
  readonly mustBe: readonly string[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * The one installation that `*` means.
 *
 * @throws {KmError} `ErrGitHubInstallationAmbiguous` with the candidates when there is not exactly one,
 * `ErrGitHubInstallationMissing` when it is not of an account that must be reached too, or what sending throws.
 */
export const resolveOnlyInstallation = async (
  app: GitHubApp,
  options: ResolveOnlyInstallationOptions,
): Promise<Installation> => {
  const { knownOwners, mustBe, deadline } = options;
  const installed = await listInstallations(app, { deadline });
  const candidates = installed.filter(
    ({ account }) => knownOwners.length === 0 || knownOwners.some((owner) => sameName(owner, account)),
  );
  const [only, another] = candidates;
  if (!only || another) throw installationAmbiguous(candidates.map(({ account }) => account));
  const missing = mustBe.find((owner) => !sameName(owner, only.account));
  if (missing !== undefined) throw installationMissing(missing);
  return only;
};

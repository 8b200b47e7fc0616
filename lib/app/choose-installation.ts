import { KmError } from '../errors.ts';
import { installationMismatch, installationMissing, installationSuspended } from '../github/errors.ts';
import { type Installation, sameName } from '../github/installation.ts';

export interface InstallationChoice {
  readonly account?: string | undefined;
  readonly installationId?: number | undefined;
}

/**
 * The installation that an account, an id, or both name; both must mean the same one.
 *
 * @param stored Ids as stored, by lower-case account: they tell under which name a renamed account goes on.
 * @throws {KmError} `ErrGitHubInstallationMissing`, `ErrGitHubInstallationMismatch`, `ErrGitHubInstallationSuspended`.
 */
export function chooseInstallation(
  installations: readonly Installation[],
  { account, installationId }: InstallationChoice,
  stored: ReadonlyMap<string, string>,
): Installation {
  const found =
    installationId === undefined
      ? ofAccount(installations, account ?? '', stored)
      : installations.find(({ id }) => id === installationId);
  if (found === undefined) {
    throw new KmError(
      'ErrGitHubInstallationMissing',
      `The GitHub App has no installation ${installationId}; it has ${listed(installations)}`,
      { remedy: 'km configure github --discover   (stores what GitHub lists)' },
    );
  }
  if (account !== undefined && !sameName(found.account, account)) throw installationMismatch(account, found);
  if (found.suspended) throw installationSuspended(found.account, found.settingsUrl);
  return found;
}

function ofAccount(
  installations: readonly Installation[],
  account: string,
  stored: ReadonlyMap<string, string>,
): Installation {
  const found = installations.find((installation) => sameName(installation.account, account));
  if (found) return found;
  const renamed = installations.find(({ id }) => String(id) === stored.get(account.toLowerCase()));
  if (renamed === undefined) throw installationMissing(account);
  throw new KmError(
    'ErrGitHubInstallationMismatch',
    `The account '${account}' is now '${renamed.account}': installation ${renamed.id}, stored for ${account}, belongs to it`,
    {
      remedy: `--account ${renamed.account}, and ${renamed.account} in the profiles; km configure github --discover --prune removes the old entry`,
    },
  );
}

const MOST_LISTED = 5;

const listed = (installations: readonly Installation[]): string => {
  if (installations.length === 0) return 'none';
  const some = installations.slice(0, MOST_LISTED).map(({ id, account }) => `${id} (${account})`);
  const rest = installations.length - some.length;
  return rest > 0 ? `${some.join(', ')} and ${rest} more` : some.join(', ');
};

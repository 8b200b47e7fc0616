import type { Installation } from '../github/installation.ts';

/** An installation that GitHub lists, beside what is stored under its account. */
export interface FoundInstallation extends Installation {
  /** `new`: nothing stored; `same`; `changed`: another id is stored. */
  readonly state: 'new' | 'same' | 'changed';
  /** What is stored, where that is something else. */
  readonly stored?: string;
}

/** What is stored of an installation that GitHub does not list under that account any more. */
export interface GoneInstallation {
  /** Lower case, as in the parameter's name; absent for the one stored without an account. */
  readonly account?: string;
  readonly stored: string;
  /** The account that has that installation now: the account was renamed. */
  readonly renamedTo?: string;
}

export interface InstallationComparison {
  /** By account. */
  readonly found: readonly FoundInstallation[];
  readonly gone: readonly GoneInstallation[];
}

export interface StoredInstallations {
  /** Ids as stored, by lower-case account. */
  readonly installations: ReadonlyMap<string, string>;
  readonly legacyInstallationId?: string;
}

const byAccount = (one: { account: string }, other: { account: string }): number =>
  one.account.localeCompare(other.account, 'en', { sensitivity: 'base' });

/** Holds all installations that GitHub lists against those stored. */
export function compareInstallations(
  listed: readonly Installation[],
  stored: StoredInstallations,
): InstallationComparison {
  const found = listed.map((installation): FoundInstallation => {
    const kept = stored.installations.get(installation.account.toLowerCase());
    if (kept === undefined) return { ...installation, state: 'new' };
    return kept === String(installation.id)
      ? { ...installation, state: 'same' }
      : { ...installation, state: 'changed', stored: kept };
  });
  const accounts = new Set(listed.map(({ account }) => account.toLowerCase()));
  const ownerOf = new Map(listed.map(({ id, account }) => [String(id), account]));
  const gone: GoneInstallation[] = [...stored.installations]
    .filter(([account]) => !accounts.has(account))
    .map(([account, id]) => {
      const renamedTo = ownerOf.get(id);
      return { account, stored: id, ...(renamedTo === undefined ? {} : { renamedTo }) };
    });
  const { legacyInstallationId } = stored;
  if (legacyInstallationId !== undefined && !ownerOf.has(legacyInstallationId))
    gone.push({ stored: legacyInstallationId });
  return { found: found.toSorted(byAccount), gone };
}

import type { ResourceNames } from './names.ts';

/** What one token is to reach. */
export interface OwnerScope {
  /** Lower case; `*` for the one account that the App is installed on. */
  readonly owner: string;
  /** Names without owner, in lower case; `all` for every repository that the installation reaches. */
  readonly repositories: readonly string[] | 'all';
  /** Accounts that `*` was written beside: it must turn out to be each of them. */
  readonly mustBe?: readonly string[];
}

/**
 * The tokens that a list of allowed repositories needs: one an owner, in the order in which the owners come first,
 * and never with another owner's repository. `owner/*` widens that owner only. `*` is one account, so that whatever
 * stands beside it must be that account's, and is within its one token.
 */
export const ownerScopes = (allowedRepos: readonly string[]): readonly OwnerScope[] => {
  const byOwner = new Map<string, Set<string> | 'all'>();
  for (const entry of allowedRepos) {
    const [owner = '', name = '*'] = entry.toLowerCase().split('/');
    const names = byOwner.get(owner) ?? new Set<string>();
    if (name === '*' || names === 'all') byOwner.set(owner, 'all');
    else byOwner.set(owner, names.add(name));
  }
  if (byOwner.has('*')) {
    return [
      { owner: '*', repositories: 'all', mustBe: [...byOwner.keys()].filter((owner) => owner !== '*') },
    ];
  }
  return [...byOwner].map(([owner, names]) => ({
    owner,
    repositories: names === 'all' ? names : [...names],
  }));
};

/**
 * The parameter of each owner's token, by the lower-case owner (`*` for the one account that the App is installed on).
 * The first owner has the sandbox's main parameter.
 */
export const tokenParameters = (
  names: ResourceNames,
  event: { readonly sandbox_id: string; readonly allowed_repos: readonly string[] },
): ReadonlyMap<string, string> =>
  new Map(
    ownerScopes(event.allowed_repos).map(({ owner }, index) => [
      owner,
      index === 0
        ? names.tokenParameter(event.sandbox_id)
        : names.ownerTokenParameter(event.sandbox_id, owner),
    ]),
  );

import type { Finding } from '../guard/check-ref-pattern.ts';
import { readRepoEntry } from './repo-entry.ts';

/** GitHub names at most this many repositories in a request for a token. */
export const MOST_REPOS_PER_OWNER = 500;

/** What one owner's token is for. */
export interface OwnerScope {
  readonly owner: string;
  /** Names without the owner, or everything that the App is installed on. */
  readonly repositories: readonly string[] | 'all';
}

/** The repositories of each owner, owners and repositories in the order of their first mention; `*` belongs to none. */
export const scopesByOwner = (entries: readonly string[]): readonly OwnerScope[] => {
  const scopes = new Map<string, Set<string>>();
  for (const entry of entries) {
    const [owner = '', repo] = entry.split('/');
    if (repo === undefined) continue;
    scopes.set(owner, (scopes.get(owner) ?? new Set()).add(repo));
  }
  return [...scopes].map(([owner, repos]) => ({ owner, repositories: repos.has('*') ? 'all' : [...repos] }));
};

/** The entries of `allowedRepos` in their one form, each once. Entries that cannot be read are left out. */
export const normalisedRepos = (allowedRepos: readonly string[]): readonly string[] => [
  ...new Set(allowedRepos.map(readRepoEntry).flatMap((read) => ('entry' in read ? [read.entry] : []))),
];

/** What is wrong with the list as a whole, or nothing. */
export const checkRepoList = (allowedRepos: readonly string[]): Finding | undefined => {
  if (allowedRepos.length === 0) {
    return {
      message: 'this list is empty, which GitHub would read as every repository',
      fix: 'Name a repository, or write mode: none for a sandbox without GitHub.',
    };
  }
  const large = scopesByOwner(normalisedRepos(allowedRepos)).filter(
    ({ repositories }) => repositories !== 'all' && repositories.length > MOST_REPOS_PER_OWNER,
  );
  const [first] = large;
  if (first === undefined) return undefined;
  return {
    message: large
      .map(({ owner, repositories }) => `${repositories.length} repositories of ${owner}`)
      .concat(`GitHub names at most ${MOST_REPOS_PER_OWNER} in one token`)
      .join(', '),
    fix: `Write "${first.owner}/*", or split the profile.`,
  };
};

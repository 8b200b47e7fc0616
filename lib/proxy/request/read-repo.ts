import type { Refusal } from '../decision.ts';
import { allowsRepo, type ProxyPolicy } from '../proxy-policy.ts';
import { refuse, shown } from './refuse.ts';
import type { Segment } from './strict-target.ts';

const OWNER = /^(?=.{1,39}$)[a-z0-9][a-z0-9-]*(?:_[a-z0-9]+)?$/;
const REPO = /^(?!\.{1,2}$)[a-z0-9._-]{1,100}$/;

export interface ReadRepoOptions {
  readonly owner: Segment | undefined;
  readonly repo: Segment | undefined;
  /** Whether one `.git` behind the name belongs to the address and not to the name. */
  readonly isGitAddress?: boolean;
  /** First segments that look like an owner here and are none, in lower case: what lies behind them is named otherwise. */
  readonly notOwners?: ReadonlySet<string>;
}

const malformed = (name: string, what: string): Refusal =>
  refuse({
    rule: 'path',
    status: 400,
    reason: `The repository ${shown(name)} ${what}`,
    remedy: 'Write owner/repo as GitHub shows it: letters, digits and . _ - without any percent-encoding.',
  });

/**
 * The repository that a path names, as `owner/name` in lower case, if the policy has it. A wiki is a repository of its
 * own, with refs of its own, and counts only when it is named itself.
 */
export const readRepo = (
  policy: Pick<ProxyPolicy, 'allowedRepos'>,
  { owner, repo, isGitAddress = false, notOwners }: ReadRepoOptions,
): string | Refusal => {
  const written = `${owner?.raw ?? ''}/${repo?.raw ?? ''}`;
  if (owner?.raw !== owner?.text || repo?.raw !== repo?.text) return malformed(written, 'is percent-encoded');
  const ownerName = (owner?.text ?? '').toLowerCase();
  const bare = isGitAddress ? (repo?.text ?? '').replace(/\.git$/, '') : (repo?.text ?? '');
  const repoName = bare.toLowerCase();
  if (!OWNER.test(ownerName) || notOwners?.has(ownerName))
    return malformed(written, 'has no name of an owner');
  if (!REPO.test(repoName)) return malformed(written, 'has no name of a repository');
  if (repoName.endsWith('.')) return malformed(written, 'ends with a dot');
  if (repoName.endsWith('.git'))
    return malformed(written, 'ends with .git where that is no part of the address');
  const name = `${ownerName}/${repoName}`;
  if (repoName.endsWith('.wiki') && !policy.allowedRepos.includes(name)) {
    return refuse({
      rule: 'repo',
      reason: `${name} is a wiki, a repository of its own that allowedRepos does not name`,
      remedy: 'Keep what the sandbox is to write in a repository of allowedRepos.',
      repo: name,
    });
  }
  if (allowsRepo(policy, name)) return name;
  return refuse({
    rule: 'repo',
    reason: `${name} is not in allowedRepos`,
    remedy: `Add ${name} to sourceAccess.github.allowedRepos of the profile, or ask whoever keeps it.`,
    repo: name,
  });
};

import type { Finding } from '../guard/check-ref-pattern.ts';

/** An entry of `allowedRepos` in the one form that everything behind the profile sees, or what is wrong with it. */
export type RepoEntry = { readonly entry: string } | { readonly finding: Finding };

/** An account: letters, digits and hyphens; a managed user's login ends with `_` and the enterprise's short code. */
const OWNER = /^(?=.{1,39}$)[a-z0-9][a-z0-9-]*(?:_[a-z0-9]+)?$/;
const REPO = /^[a-z0-9._-]{1,100}$/;

const GITHUB_IN_FRONT = /^(?:https:\/\/)?github\.com\/(.*?)\/?$/;

const wrong = (message: string, fix: string): RepoEntry => ({ finding: { message, fix } });

const OWN_FORM = 'Write owner/repo, "owner/*" or "*".';

/** An address of another form or host; what follows it tells most often which repository is meant. */
const readAddress = (text: string): RepoEntry | undefined => {
  if (!/[@:]|^[^/]*\.[^/]*\//.test(text)) return undefined;
  const [owner = '', repo = ''] = text.split(/[/:]/).slice(-2);
  return wrong(
    'this is an address, and km goes to one GitHub host over https',
    OWNER.test(owner) && REPO.test(repo)
      ? `Write ${owner}/${repo}; the host is set with km configure github.`
      : OWN_FORM,
  );
};

const checkRepo = (owner: string, repo: string): RepoEntry => {
  if (repo === '*') return { entry: `${owner}/*` };
  if (repo.includes('*')) {
    return wrong(
      '* stands for all repositories of an owner, not for a part of a name',
      `Write "${owner}/*" or whole names.`,
    );
  }
  if (!REPO.test(repo) || /^\.{1,2}$/.test(repo)) {
    return wrong('GitHub knows no such repository name', 'Use at most 100 letters, digits and . _ -');
  }
  if (repo.endsWith('.wiki')) {
    return wrong('a wiki is no repository of its own', `Write ${owner}/${repo.slice(0, -'.wiki'.length)}.`);
  }
  return { entry: `${owner}/${repo}` };
};

/**
 * Reads an entry of `allowedRepos`: `owner/repo`, `owner/*` or `*`, also as `github.com/owner/repo` and
 * `https://github.com/owner/repo.git`. The entry comes back in lower case, since GitHub compares without case.
 *
 * {@link https://docs.github.com/en/rest/repos/repos#create-a-repository-for-the-authenticated-user}
 */
export const readRepoEntry = (text: string): RepoEntry => {
  const lower = text.toLowerCase();
  if (lower === '*') return { entry: '*' };
  if (/[^\x21-\x7e]/.test(text))
    return wrong('a repository name holds no whitespace and ASCII only', OWN_FORM);
  const bare = lower.replace(GITHUB_IN_FRONT, '$1').replace(/\.git$/, '');
  if (bare === '*')
    return wrong('an owner is missing in front of *', 'Write "owner/*", or "*" for every repository.');
  const address = readAddress(bare);
  if (address) return address;
  const [owner = '', repo, ...deeper] = bare.split('/');
  if (repo === undefined) {
    return wrong('the owner is missing', REPO.test(bare) ? `Write owner/${bare}, or "owner/*".` : OWN_FORM);
  }
  if (deeper.length > 0) return wrong('a repository is owner/repo and no deeper', OWN_FORM);
  if (owner === '*') return wrong('* cannot stand for an owner', 'Name each owner, or write "*" alone.');
  if (!OWNER.test(owner)) {
    return wrong(
      'GitHub knows no such owner name',
      'Use at most 39 letters, digits and hyphens, a letter or digit first.',
    );
  }
  return checkRepo(owner, repo);
};

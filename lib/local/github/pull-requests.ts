import type { Repository } from './directory.ts';
import { isAncestor, mergeBase } from './git/history.ts';
import { branchCommit } from './git/repository-content.ts';
import { GitHubError } from './github-error.ts';
import type { GitHubState } from './github-state.ts';
import type { Issue, PullRequest } from './issue-store.ts';

export const PULLS = 'https://docs.github.com/rest/pulls/pulls';

/** An issue that is a pull request. */
export type Pull = Issue & { readonly pull: PullRequest };

export interface OpenPull {
  readonly title: string;
  readonly body: string;
  readonly base: string;
  /** `branch`, or `owner:branch` of the same owner. */
  readonly head: string;
  readonly draft: boolean;
  readonly author: string;
  readonly now: number;
}

const invalid = (field: string, message?: string) =>
  new GitHubError(422, 'Validation Failed', {
    documentation: `${PULLS}#create-a-pull-request`,
    errors: [
      { resource: 'PullRequest', ...(message ? { code: 'custom', message } : { field, code: 'invalid' }) },
    ],
  });

/** The commits that the branches of a pull request are at now; of a branch that is gone, what was last seen. */
export const currentPull = async (state: GitHubState, issue: Pull): Promise<Pull> => {
  const { pull, repositoryId } = issue;
  if (pull.mergedAt !== undefined) return issue;
  const [headSha = pull.headSha, baseSha = pull.baseSha] = await Promise.all(
    [pull.head, pull.base].map((branch) => branchCommit(state.git, repositoryId, branch)),
  );
  return { ...issue, pull: { ...pull, headSha, baseSha } };
};

/** Opens a pull request between two branches of a repository. Throws 422 as GitHub does. */
export const openPull = async (
  state: GitHubState,
  repository: Repository,
  options: OpenPull,
): Promise<Pull> => {
  const { base, draft, title, body, author, now } = options;
  const [, owner = repository.owner, head = ''] = /^(?:([^:]*):)?([^:]*)$/.exec(options.head) ?? [];
  if (owner.toLowerCase() !== repository.owner.toLowerCase()) throw invalid('head');
  const [headSha, baseSha] = await Promise.all(
    [head, base].map((branch) => branchCommit(state.git, repository.id, branch)),
  );
  if (headSha === undefined) throw invalid('head');
  if (baseSha === undefined) throw invalid('base');
  if (await isAncestor(state.git, repository.id, headSha, baseSha))
    throw invalid('base', `No commits between ${base} and ${head}`);
  if ((await mergeBase(state.git, repository.id, baseSha, headSha)) === undefined)
    throw invalid('base', `The ${head} branch has no history in common with ${base}`);
  const twin = state.issues
    .list(repository.id)
    .some((issue) => issue.state === 'open' && issue.pull?.head === head && issue.pull.base === base);
  if (twin) throw invalid('head', `A pull request already exists for ${repository.owner}:${head}.`);
  const pull = { base, head, headSha, baseSha, draft };
  const issue = state.issues.create({
    repositoryId: repository.id,
    title,
    body,
    author,
    createdAt: now,
    pull,
  });
  await state.git.run(repository.id, ['update-ref', '--', `refs/pull/${issue.number}/head`, headSha]);
  return { ...issue, pull };
};

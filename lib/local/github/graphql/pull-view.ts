import type { Repository } from '../directory.ts';
import type { Pull } from '../pull-requests.ts';
import { timestamp } from '../rest/app-json.ts';
import { pullContent } from '../rest/pull-json.ts';
import { exactRef } from '../rest/ref-json.ts';
import type { RestContext } from '../rest/route.ts';
import { actorView, ownerView } from './account-views.ts';
import { connection, none, type PageArguments } from './connection.ts';
import { commitView, refView } from './git-views.ts';
import { commonView } from './issue-view.ts';
import { repositoryView } from './repository-view.ts';

/** A pull request at its current commits. */
export const pullView = (context: RestContext, repository: Repository, issue: Pull) => {
  const { pull } = issue;
  const merged = pull.mergedAt !== undefined;
  let read: ReturnType<typeof pullContent> | undefined;
  const content = () => {
    read ??= pullContent(context, repository, issue);
    return read;
  };
  const sum = async (of: 'additions' | 'deletions') =>
    (await content()).files.reduce((total, file) => total + file[of], 0);
  const ref = async (branch: string) => {
    const found = await exactRef(context, repository, `refs/heads/${branch}`);
    return found ? refView(context, repository, found) : null;
  };
  const owner = () => {
    const account = context.state.directory.accountById(repository.ownerId);
    return account ? ownerView(context, account) : null;
  };
  return {
    __typename: 'PullRequest',
    ...commonView(context, repository, issue),
    state: merged ? 'MERGED' : issue.state.toUpperCase(),
    isDraft: pull.draft,
    merged,
    mergedAt: pull.mergedAt === undefined ? null : timestamp(pull.mergedAt),
    mergedBy: merged ? actorView(context, issue.author) : null,
    mergeCommit: () => (pull.mergeCommit ? commitView(context, repository, pull.mergeCommit) : null),
    mergeable: async () => ((await content()).mergeable ? 'MERGEABLE' : 'CONFLICTING'),
    mergeStateStatus: async () => {
      if (!(await content()).mergeable) return 'DIRTY';
      return pull.draft ? 'DRAFT' : 'CLEAN';
    },
    maintainerCanModify: false,
    additions: () => sum('additions'),
    deletions: () => sum('deletions'),
    changedFiles: async () => (await content()).files.length,
    baseRefName: pull.base,
    baseRefOid: pull.baseSha,
    baseRef: () => ref(pull.base),
    baseRepository: () => repositoryView(context, repository),
    headRefName: pull.head,
    headRefOid: pull.headSha,
    headRef: () => ref(pull.head),
    headRepository: () => repositoryView(context, repository),
    headRepositoryOwner: owner,
    isCrossRepository: false,
    potentialMergeCommit: null,
    autoMergeRequest: null,
    reviewDecision: null,
    reviewRequests: none('reviewRequests'),
    reviews: none('reviews'),
    latestReviews: none('latestReviews'),
    commits: async (args: PageArguments) =>
      connection('commits', args, (await content()).commits, (commit) => ({
        __typename: 'PullRequestCommit',
        id: `PRC_${commit.sha}`,
        commit: () => commitView(context, repository, commit.sha),
      })),
    files: async (args: PageArguments) => connection('files', args, (await content()).files, (file) => file),
  };
};

import type { Repository } from '../directory.ts';
import { changedFiles, listCommits, mergeBase } from '../git/history.ts';
import type { Pull } from '../pull-requests.ts';
import { repositoryJson, timestamp } from './app-json.ts';
import { botJson } from './bot.ts';
import { commonJson } from './issue-json.ts';
import type { RestContext } from './route.ts';

/** A pull request as in lists, of its current commits. @see https://docs.github.com/en/rest/pulls/pulls */
export const pullJson = (context: RestContext, repository: Repository, issue: Pull) => {
  const { owner, name } = repository;
  const { pull, number } = issue;
  const url = `${context.apiUrl}/repos/${owner}/${name}/pulls/${number}`;
  const page = `${context.url}/${owner}/${name}/pull/${number}`;
  const side = (ref: string, sha: string) => ({
    label: `${owner}:${ref}`,
    ref,
    sha,
    user: repositoryJson(context, repository).owner,
    repo: repositoryJson(context, repository),
  });
  return {
    ...commonJson(context, repository, issue),
    node_id: `PR_${issue.id}`,
    url,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    commits_url: `${url}/commits`,
    issue_url: `${context.apiUrl}/repos/${owner}/${name}/issues/${number}`,
    draft: pull.draft,
    head: side(pull.head, pull.headSha),
    base: side(pull.base, pull.baseSha),
    merge_commit_sha: pull.mergeCommit ?? null,
    merged_at: pull.mergedAt === undefined ? null : timestamp(pull.mergedAt),
    requested_reviewers: [],
    requested_teams: [],
    auto_merge: null,
  };
};

/** The commits and files of a pull request. */
export const pullContent = async (context: RestContext, repository: Repository, { pull }: Pull) => {
  const { git } = context.state;
  const { headSha, baseSha } = pull;
  const common = await mergeBase(git, repository.id, baseSha, headSha);
  const [commits, files, conflict] = await Promise.all([
    listCommits(git, repository.id, { from: [headSha, `^${baseSha}`], oldestFirst: true }),
    changedFiles(git, repository.id, common, headSha),
    git.run(repository.id, ['merge-tree', '--write-tree', '--no-messages', baseSha, headSha]),
  ]);
  return { commits, files, common, mergeable: conflict.code === 0 };
};

/** A pull request by itself: with what it holds, and whether it can be merged. */
export const fullPullJson = async (context: RestContext, repository: Repository, issue: Pull) => {
  const { commits, files, mergeable } = await pullContent(context, repository, issue);
  const merged = issue.pull.mergedAt !== undefined;
  return {
    ...pullJson(context, repository, issue),
    merged,
    mergeable: merged ? null : mergeable,
    mergeable_state: mergeable ? 'clean' : 'dirty',
    merged_by: merged ? botJson(context, issue.author) : null,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: commits.length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  };
};

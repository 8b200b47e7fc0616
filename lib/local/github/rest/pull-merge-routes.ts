import type { Repository } from '../directory.ts';
import { isAncestor } from '../git/history.ts';
import { type MergeOptions, mergeInto } from '../git/move-refs.ts';
import { GitHubError } from '../github-error.ts';
import { PULLS, type Pull } from '../pull-requests.ts';
import { botOf } from './bot.ts';
import { namedPull } from './pull-routes.ts';
import { exactRef } from './ref-json.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

const MERGE = `${PULLS}#merge-a-pull-request`;
const UPDATE = `${PULLS}#update-a-pull-request-branch`;
const METHODS: readonly unknown[] = ['merge', 'squash', 'rebase'];

const refused = (status: number, message: string, documentation = MERGE) =>
  new GitHubError(status, message, { documentation });

const mergeMessage = ({ owner }: Repository, issue: Pull, method: MergeOptions['method']): string =>
  method === 'squash'
    ? `${issue.title} (#${issue.number})\n\n${issue.body}`
    : `Merge pull request #${issue.number} from ${owner}/${issue.pull.head}\n\n${issue.title}`;

const merge = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'contents', 'write', MERGE);
  const body = await context.body();
  const issue = await namedPull(context, repository, MERGE);
  const { pull } = issue;
  const { sha, merge_method: asked = 'merge', commit_title: title, commit_message: text } = body;
  if (!METHODS.includes(asked)) throw refused(422, 'Validation Failed');
  const method = asked as MergeOptions['method'];
  if (issue.state !== 'open' || pull.draft) throw refused(405, 'Pull Request is not mergeable');
  if (sha !== undefined && sha !== pull.headSha)
    throw refused(409, 'Head branch was modified. Review and try the merge again.');
  if (!(await exactRef(context, repository, `refs/heads/${pull.base}`)))
    throw refused(405, 'Pull Request is not mergeable');
  const ordinary = mergeMessage(repository, issue, method);
  const done = await mergeInto(context.state.git, repository.id, {
    branch: pull.base,
    base: pull.baseSha,
    head: pull.headSha,
    message: typeof title === 'string' ? `${title}\n\n${typeof text === 'string' ? text : ''}` : ordinary,
    author: botOf(context).identity,
    time: Math.floor(context.now / 1000),
    method,
  });
  if (done === 'conflict') throw refused(405, 'Pull Request is not mergeable');
  if (done === 'moved') throw refused(409, 'Base branch was modified. Review and try the merge again.');
  const { now } = context;
  const merged = { ...pull, mergedAt: now, mergeCommit: done.sha };
  context.state.issues.save({ ...issue, state: 'closed', closedAt: now, updatedAt: now, pull: merged });
  return {
    status: 200,
    body: { sha: done.sha, merged: true, message: 'Pull Request successfully merged' },
  };
};

const isMerged = async (context: RestContext): Promise<Reply> => {
  const documentation = `${PULLS}#check-if-a-pull-request-has-been-merged`;
  const repository = accessRepository(context, 'pull_requests', 'read', documentation);
  const { pull } = await namedPull(context, repository, documentation);
  if (pull.mergedAt === undefined) throw refused(404, 'Not Found', documentation);
  return { status: 204 };
};

const updateBranch = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'pull_requests', 'write', UPDATE);
  accessRepository(context, 'contents', 'write', UPDATE);
  const { expected_head_sha: expected } = await context.body();
  const { pull, number } = await namedPull(context, repository, UPDATE);
  const { git } = context.state;
  if (expected !== undefined && expected !== pull.headSha)
    throw refused(422, `expected head sha didn’t match current head ref.`, UPDATE);
  if (await isAncestor(git, repository.id, pull.baseSha, pull.headSha))
    throw refused(422, 'There are no new commits on the base branch.', UPDATE);
  const done = await mergeInto(git, repository.id, {
    branch: pull.head,
    base: pull.headSha,
    head: pull.baseSha,
    message: `Merge branch '${pull.base}' into ${pull.head}`,
    author: botOf(context).identity,
    time: Math.floor(context.now / 1000),
    method: 'merge',
  });
  if (typeof done === 'string') throw refused(422, 'merge conflict between base and head', UPDATE);
  const { owner, name } = repository;
  return {
    status: 202,
    body: {
      message: 'Updating pull request branch.',
      url: `${context.apiUrl}/repos/${owner}/${name}/pulls/${number}`,
    },
  };
};

const ROOT = '/repos/{owner}/{repo}/pulls/{number}';

/** What a pull request moves: its base when it is merged, its head when it is brought up to date. */
export const pullMergeRoutes: readonly Route[] = [
  { method: 'PUT', pattern: `${ROOT}/merge`, auth: 'anyone', handle: merge },
  { method: 'GET', pattern: `${ROOT}/merge`, auth: 'anyone', handle: isMerged },
  { method: 'PUT', pattern: `${ROOT}/update-branch`, auth: 'anyone', handle: updateBranch },
];

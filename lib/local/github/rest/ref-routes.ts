import type { Repository } from '../directory.ts';
import { isAncestor, readCommit } from '../git/history.ts';
import { defaultBranch, deleteRef, mergeInto, moveRef, renameBranch } from '../git/move-refs.ts';
import { isRefName, listRefs, objectExists, type Ref, resolveCommit } from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import { botOf } from './bot.ts';
import { commitJson } from './commit-json.ts';
import { commitOf } from './commit-routes.ts';
import { paginate } from './paging.ts';
import { branchJson, exactRef, refJson } from './ref-json.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

const REFS = 'https://docs.github.com/rest/git/refs';
const RENAME = 'https://docs.github.com/rest/branches/branches#rename-a-branch';
const MERGE = 'https://docs.github.com/rest/branches/branches#merge-a-branch';

const refused = (message: string, documentation: string, status = 422) =>
  new GitHubError(status, message, { documentation });

const namedRef = async (
  context: RestContext,
  repository: Repository,
  documentation: string,
): Promise<Ref> => {
  const ref = await exactRef(context, repository, `refs/${context.params.ref}`);
  if (!ref) throw refused('Reference does not exist', documentation);
  return ref;
};

const matching = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'contents', 'read', `${REFS}#list-matching-references`);
  const wanted = `refs/${context.params.ref}`;
  const all = await listRefs(context.state.git, repository.id, 'refs/');
  const found = all.filter(({ ref }) => ref.startsWith(wanted));
  const { items, headers } = paginate(context, found);
  return { status: 200, headers, body: items.map((ref) => refJson(context, repository, ref)) };
};

const update = async (context: RestContext): Promise<Reply> => {
  const documentation = `${REFS}#update-a-reference`;
  const repository = accessRepository(context, 'contents', 'write', documentation);
  const { git } = context.state;
  const { sha, force = false } = await context.body();
  if (typeof sha !== 'string' || !/^[\da-f]{40}$/.test(sha) || !(await objectExists(git, repository.id, sha)))
    throw refused('Object does not exist', documentation);
  const found = await namedRef(context, repository, documentation);
  if (force !== true && !(await isAncestor(git, repository.id, found.sha, sha)))
    throw refused('Update is not a fast forward', documentation);
  if (!(await moveRef(git, repository.id, found.ref, sha, found.sha)))
    throw refused('Reference cannot be updated', documentation);
  return { status: 200, body: refJson(context, repository, { ...found, sha }) };
};

const remove = async (context: RestContext): Promise<Reply> => {
  const documentation = `${REFS}#delete-a-reference`;
  const repository = accessRepository(context, 'contents', 'write', documentation);
  const { git } = context.state;
  const found = await namedRef(context, repository, documentation);
  if (found.ref === `refs/heads/${defaultBranch(git, repository.id)}`)
    throw refused('Cannot delete the default branch', documentation);
  if (!(await deleteRef(git, repository.id, found.ref, found.sha)))
    throw refused('Reference cannot be updated', documentation);
  return { status: 204 };
};

const rename = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'contents', 'write', RENAME);
  const { git } = context.state;
  const { new_name: to } = await context.body();
  const from = context.params.branch ?? '';
  const found = await exactRef(context, repository, `refs/heads/${from}`);
  if (!found) throw refused('Branch not found', RENAME, 404);
  if (typeof to !== 'string' || !isRefName(to)) throw refused('Validation Failed', RENAME);
  if (!(await renameBranch(git, repository.id, { from, to, sha: found.sha })))
    throw refused(`A branch named '${to}' already exists`, RENAME);
  return { status: 201, body: branchJson(context, repository, { ...found, ref: `refs/heads/${to}` }) };
};

const merge = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'contents', 'write', MERGE);
  const { git } = context.state;
  const { base, head, commit_message: given } = await context.body();
  if (typeof base !== 'string' || typeof head !== 'string') throw refused('Invalid request.', MERGE);
  const branch = base.replace(/^refs\/heads\//, '');
  const at = await exactRef(context, repository, `refs/heads/${branch}`);
  if (!at) throw refused('Base does not exist', MERGE, 404);
  const merged =
    (await resolveCommit(git, repository.id, head)) ?? (await commitOf(context, repository, head));
  if (merged === undefined) throw refused('Head does not exist', MERGE, 404);
  if (await isAncestor(git, repository.id, merged, at.sha)) return { status: 204 };
  const done = await mergeInto(git, repository.id, {
    branch,
    base: at.sha,
    head: merged,
    message: typeof given === 'string' ? given : `Merge ${head} into ${branch}`,
    author: botOf(context).identity,
    time: Math.floor(context.now / 1000),
    method: 'merge',
  });
  if (done === 'conflict') throw refused('Merge conflict', MERGE, 409);
  const commit = done === 'moved' ? undefined : await readCommit(git, repository.id, done.sha);
  if (!commit) throw refused('Base branch was modified. Review and try the merge again.', MERGE, 409);
  return { status: 201, body: commitJson(context, repository, commit) };
};

/** What moves refs without a push: set, deleted, renamed, merged into. */
export const refRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/repos/{owner}/{repo}/git/matching-refs/{ref*}',
    auth: 'anyone',
    handle: matching,
  },
  { method: 'PATCH', pattern: '/repos/{owner}/{repo}/git/refs/{ref*}', auth: 'anyone', handle: update },
  { method: 'DELETE', pattern: '/repos/{owner}/{repo}/git/refs/{ref*}', auth: 'anyone', handle: remove },
  {
    method: 'POST',
    pattern: '/repos/{owner}/{repo}/branches/{branch*}/rename',
    auth: 'anyone',
    handle: rename,
  },
  { method: 'POST', pattern: '/repos/{owner}/{repo}/merges', auth: 'anyone', handle: merge },
];

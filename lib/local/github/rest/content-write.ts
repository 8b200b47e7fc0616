import type { Repository } from '../directory.ts';
import { defaultBranch } from '../git/move-refs.ts';
import { branchCommit, commitFile, isTreePath, listPath, type TreeEntry } from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import { reaches } from '../permissions.ts';
import { timestamp } from './app-json.ts';
import { botOf } from './bot.ts';
import { entryJson } from './content-routes.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

const WRITE = 'https://docs.github.com/rest/repos/contents#create-or-update-file-contents';
const DELETE = 'https://docs.github.com/rest/repos/contents#delete-a-file';

type Body = Readonly<Record<string, unknown>>;

const refused = (status: number, message: string, documentation: string) =>
  new GitHubError(status, message, { documentation });

const requiredText = (body: Body, key: string, documentation: string): string => {
  const value = body[key];
  if (typeof value === 'string') return value;
  throw refused(422, `Invalid request.\n\n"${key}" wasn't supplied.`, documentation);
};

/** The file that a change is for, on the branch that it is for. */
interface Target {
  readonly repository: Repository;
  readonly path: string;
  readonly branch: string;
  readonly parent: string;
  readonly existing: TreeEntry | undefined;
}

const targetOf = async (context: RestContext, body: Body, documentation: string): Promise<Target> => {
  const repository = accessRepository(context, 'contents', 'write', documentation);
  const { git } = context.state;
  const path = context.params.path ?? '';
  if (!isTreePath(path)) throw refused(422, 'path contains a malformed path component', documentation);
  const { principal } = context;
  const workflows =
    principal.kind === 'installation' && reaches(principal.token.permissions, 'workflows', 'write');
  if (/^\.github\/workflows\//i.test(path) && !workflows)
    throw refused(403, 'Resource not accessible by integration', documentation);
  const branch = typeof body.branch === 'string' ? body.branch : defaultBranch(git, repository.id);
  const parent = await branchCommit(git, repository.id, branch);
  if (parent === undefined) throw refused(404, `Branch ${branch} not found`, documentation);
  const found = await listPath(git, repository.id, parent, path);
  if (found?.kind === 'folder') throw refused(422, 'path is a directory', documentation);
  const existing = found?.entry;
  if (existing && body.sha === undefined)
    throw refused(422, `Invalid request.\n\n"sha" wasn't supplied.`, documentation);
  if (existing && body.sha !== existing.sha)
    throw refused(409, `${path} does not match ${body.sha}`, documentation);
  return { repository, path, branch, parent, existing };
};

/** Commits onto the branch: the commit, as the answer shows it. */
const commit = async (context: RestContext, target: Target, message: string, content?: Buffer) => {
  const { repository, path, branch, parent } = target;
  const bot = botOf(context);
  const sha = await commitFile(context.state.git, repository.id, {
    branch,
    path,
    message,
    author: bot.identity,
    time: Math.floor(context.now / 1000),
    parent,
    ...(content ? { content } : {}),
  });
  if (sha === undefined) throw refused(409, `${branch} has moved`, WRITE);
  return { sha, message, committer: { name: bot.login, date: timestamp(context.now) } };
};

const write = async (context: RestContext): Promise<Reply> => {
  accessRepository(context, 'contents', 'write', WRITE);
  const body = await context.body();
  const message = requiredText(body, 'message', WRITE);
  const encoded = requiredText(body, 'content', WRITE).replaceAll(/\s/g, '');
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(encoded))
    throw refused(422, 'content is not valid Base64', WRITE);
  const target = await targetOf(context, body, WRITE);
  const made = await commit(context, target, message, Buffer.from(encoded, 'base64'));
  const { repository, path, branch } = target;
  const found = await listPath(context.state.git, repository.id, made.sha, path);
  return {
    status: target.existing ? 200 : 201,
    body: {
      content: found?.kind === 'file' ? entryJson(context, repository, branch, found.entry) : null,
      commit: made,
    },
  };
};

const remove = async (context: RestContext): Promise<Reply> => {
  accessRepository(context, 'contents', 'write', DELETE);
  const body = await context.body();
  const message = requiredText(body, 'message', DELETE);
  requiredText(body, 'sha', DELETE);
  const target = await targetOf(context, body, DELETE);
  if (!target.existing) throw refused(404, 'Not Found', DELETE);
  return { status: 200, body: { content: null, commit: await commit(context, target, message) } };
};

/** Files over REST: committed, and deleted, one at a time. */
export const contentWriteRoutes: readonly Route[] = [
  { method: 'PUT', pattern: '/repos/{owner}/{repo}/contents/{path*}', auth: 'anyone', handle: write },
  { method: 'DELETE', pattern: '/repos/{owner}/{repo}/contents/{path*}', auth: 'anyone', handle: remove },
];

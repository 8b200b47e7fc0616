import { basename } from 'node:path/posix';
import type { Repository } from '../directory.ts';
import {
  commitFile,
  isTreePath,
  listPath,
  readBlob,
  resolveCommit,
  type TreeEntry,
} from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import { reaches } from '../permissions.ts';
import { timestamp } from './app-json.ts';
import { accessRepository } from './repository-access.ts';
import type { RestContext, Route } from './route.ts';

const READ = 'https://docs.github.com/rest/repos/contents#get-repository-content';
const WRITE = 'https://docs.github.com/rest/repos/contents#create-or-update-file-contents';

const refused = (status: number, message: string, documentation: string) =>
  new GitHubError(status, message, { documentation });

const KINDS = { blob: 'file', tree: 'dir', commit: 'submodule' } as const;

const entryJson = (context: RestContext, repository: Repository, ref: string, entry: TreeEntry) => {
  const fullName = `${repository.owner}/${repository.name}`;
  const path = entry.path.split('/').map(encodeURIComponent).join('/');
  return {
    type: entry.mode === '120000' ? 'symlink' : KINDS[entry.type],
    name: basename(entry.path),
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url: `${context.apiUrl}/repos/${fullName}/contents/${path}?ref=${encodeURIComponent(ref)}`,
    html_url: `${context.url}/${fullName}/blob/${encodeURIComponent(ref)}/${path}`,
  };
};

/** Base64 in lines of 60, as GitHub sends it. */
const base64 = (content: Buffer): string => content.toString('base64').replaceAll(/.{1,60}/g, '$&\n');

const read = async (context: RestContext) => {
  const repository = accessRepository(context, 'contents', 'read', READ);
  const { git } = context.state;
  const ref = context.query.get('ref') ?? 'main';
  const commit = await resolveCommit(git, repository.id, ref);
  if (commit === undefined) throw refused(404, `No commit found for the ref ${ref}`, READ);
  const path = (context.params.path ?? '').replace(/^\/|\/$/g, '');
  const found =
    path === '' || isTreePath(path) ? await listPath(git, repository.id, commit, path) : undefined;
  if (!found) throw refused(404, 'Not Found', READ);
  if (found.kind === 'folder')
    return {
      status: 200,
      body: found.entries.map((entry) => entryJson(context, repository, ref, entry)),
    };
  const content = await readBlob(git, repository.id, found.entry.sha);
  return {
    status: 200,
    body: {
      ...entryJson(context, repository, ref, found.entry),
      encoding: 'base64',
      content: base64(content),
    },
  };
};

const requiredText = (body: Readonly<Record<string, unknown>>, key: string): string => {
  const value = body[key];
  if (typeof value === 'string') return value;
  throw refused(422, `Invalid request.\n\n"${key}" wasn't supplied.`, WRITE);
};

const write = async (context: RestContext) => {
  const repository = accessRepository(context, 'contents', 'write', WRITE);
  const { git, apps } = context.state;
  const path = context.params.path ?? '';
  const body = await context.body();
  const message = requiredText(body, 'message');
  const encoded = requiredText(body, 'content').replaceAll(/\s/g, '');
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(encoded))
    throw refused(422, 'content is not valid Base64', WRITE);
  if (!isTreePath(path)) throw refused(422, 'path contains a malformed path component', WRITE);
  const { principal } = context;
  if (principal.kind !== 'installation') throw refused(403, 'Resource not accessible by integration', WRITE);
  if (/^\.github\/workflows\//i.test(path) && !reaches(principal.token.permissions, 'workflows', 'write'))
    throw refused(403, 'Resource not accessible by integration', WRITE);

  const app = apps.get(principal.installation.appId);
  const bot = `${app?.slug}[bot]`;
  const branch = typeof body.branch === 'string' ? body.branch : 'main';
  const parent = await resolveCommit(git, repository.id, branch);
  if (parent === undefined) throw refused(404, `Branch ${branch} not found`, WRITE);
  const existing = await listPath(git, repository.id, parent, path);
  if (existing?.kind === 'folder') throw refused(422, 'path is a directory', WRITE);
  if (existing && body.sha === undefined)
    throw refused(422, `Invalid request.\n\n"sha" wasn't supplied.`, WRITE);
  if (existing && body.sha !== existing.entry.sha)
    throw refused(409, `${path} does not match ${body.sha}`, WRITE);

  const sha = await commitFile(git, repository.id, {
    branch,
    path,
    content: Buffer.from(encoded, 'base64'),
    message,
    author: `${bot} <${app?.id}+${bot}@users.noreply.github.localhost>`,
    time: Math.floor(context.now / 1000),
    parent,
  });
  if (sha === undefined) throw refused(409, `${branch} has moved`, WRITE);
  const made = await listPath(git, repository.id, sha, path);
  return {
    status: existing ? 200 : 201,
    body: {
      content: made?.kind === 'file' ? entryJson(context, repository, branch, made.entry) : null,
      commit: { sha, message, committer: { name: bot, date: timestamp(context.now) } },
    },
  };
};

/** Files over REST: read, and committed one at a time. */
export const contentRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/repos/{owner}/{repo}/contents', auth: 'anyone', handle: read },
  { method: 'GET', pattern: '/repos/{owner}/{repo}/contents/{path*}', auth: 'anyone', handle: read },
  { method: 'PUT', pattern: '/repos/{owner}/{repo}/contents/{path*}', auth: 'anyone', handle: write },
];

import { basename } from 'node:path/posix';
import type { Repository } from '../directory.ts';
import { defaultBranch } from '../git/move-refs.ts';
import { isTreePath, listPath, readBlob, type TreeEntry } from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import { accepts, commitOf } from './commit-routes.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

const READ = 'https://docs.github.com/rest/repos/contents#get-repository-content';

const refused = (status: number, message: string, documentation: string) =>
  new GitHubError(status, message, { documentation });

const KINDS = { blob: 'file', tree: 'dir', commit: 'submodule' } as const;

/** @see https://docs.github.com/en/rest/repos/contents#get-repository-content */
export const entryJson = (context: RestContext, repository: Repository, ref: string, entry: TreeEntry) => {
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

const read = async (context: RestContext, named = context.params.path ?? ''): Promise<Reply> => {
  const repository = accessRepository(context, 'contents', 'read', READ);
  const { git } = context.state;
  const ref = context.query.get('ref') ?? defaultBranch(git, repository.id);
  const commit = await commitOf(context, repository, ref);
  if (commit === undefined) throw refused(404, `No commit found for the ref ${ref}`, READ);
  const path = named.replace(/^\/|\/$/g, '');
  const found =
    path === '' || isTreePath(path) ? await listPath(git, repository.id, commit, path) : undefined;
  if (!found) throw refused(404, 'Not Found', READ);
  if (found.kind === 'folder')
    return {
      status: 200,
      body: found.entries.map((entry) => entryJson(context, repository, ref, entry)),
    };
  const content = await readBlob(git, repository.id, found.entry.sha);
  if (accepts(context, 'raw'))
    return { status: 200, content: { type: 'application/vnd.github.raw; charset=utf-8', bytes: content } };
  return {
    status: 200,
    body: {
      ...entryJson(context, repository, ref, found.entry),
      encoding: 'base64',
      content: base64(content),
    },
  };
};

const readme = (context: RestContext) => read(context, 'README.md');

/** Files over REST: read. */
export const contentRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/repos/{owner}/{repo}/contents',
    auth: 'anyone',
    handle: (context) => read(context),
  },
  {
    method: 'GET',
    pattern: '/repos/{owner}/{repo}/contents/{path*}',
    auth: 'anyone',
    handle: (context) => read(context),
  },
  { method: 'GET', pattern: '/repos/{owner}/{repo}/readme', auth: 'anyone', handle: readme },
];

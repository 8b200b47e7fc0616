import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GitHubAddresses } from '../addresses.ts';
import { authenticate, reachesRepository } from '../authenticate.ts';
import type { Repository } from '../directory.ts';
import { resolveCommit } from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import type { GitHubState } from '../github-state.ts';
import { reaches } from '../permissions.ts';

/** A request for a file, on the pages' host or on one that serves nothing but files. */
export interface DownloadRequest {
  readonly state: GitHubState;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As it came, undecoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly now: number;
  readonly addresses: GitHubAddresses;
}

/** How long the URL that a redirect leads to works, in seconds. */
export const LIFE_SECONDS = 300;

const notFound = () => new GitHubError(404, 'Not Found');

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw notFound();
  }
};

/** The parts of a path, decoded after they were split. Throws 404 for one that is not UTF-8. */
export const segmentsOf = (path: string): string[] => path.split('/').slice(1).map(decoded);

/**
 * The repository of a request whose token reads it, or whose URL was signed. Throws 404 otherwise: nobody is told that
 * it exists.
 */
export const readableRepository = (options: DownloadRequest, owner: string, name: string): Repository => {
  const { state, request, path, query, now } = options;
  if (!/^(?:GET|HEAD)$/.test(request.method ?? '')) throw new GitHubError(405, 'Method Not Allowed');
  const repository = state.directory.repository(owner, name);
  if (!repository) throw notFound();
  if (query.has('token') && state.signedUrls.isSigned({ method: 'GET', path, query, now })) return repository;
  const principal = authenticate(request.headers.authorization, { ...state, now });
  const reached =
    principal.kind === 'installation' &&
    reachesRepository(principal, repository) &&
    reaches(principal.token.permissions, 'contents', 'read');
  if (!reached) throw notFound();
  return repository;
};

/** Leads to a file's own host, by an URL that works for a while. */
export const redirect = (options: DownloadRequest, base: string, path: string): void => {
  const { state, response, now } = options;
  const { href } = state.signedUrls.sign({
    base,
    path,
    method: 'GET',
    now,
    seconds: LIFE_SECONDS,
    asToken: true,
  });
  response.writeHead(302, { location: href, 'content-length': 0 }).end();
};

/** A ref that begins a path, and what follows it: `main/a/b`, `release/1/a`, `refs/heads/main/a`. */
export const splitRef = async (
  state: GitHubState,
  repository: Repository,
  segments: readonly string[],
): Promise<{ readonly commit: string; readonly rest: string } | undefined> => {
  for (let length = 1; length < segments.length; length++) {
    const ref = segments
      .slice(0, length)
      .join('/')
      .replace(/^refs\/(?:heads|tags)\//, '');
    const commit = await resolveCommit(state.git, repository.id, ref);
    if (commit !== undefined) return { commit, rest: segments.slice(length).join('/') };
  }
  return undefined;
};

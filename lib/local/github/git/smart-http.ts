import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GitHubAddresses } from '../addresses.ts';
import { authenticate, type Principal, reachesRepository } from '../authenticate.ts';
import { GitHubError } from '../github-error.ts';
import type { GitHubState } from '../github-state.ts';
import { reaches } from '../permissions.ts';
import type { HttpBackend } from './http-backend.ts';

const PATH =
  /^\/([A-Za-z\d-]{1,39})\/([\w.-]{1,100}?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;

const BAD_CREDENTIALS =
  'Invalid username or token. Password authentication is not supported for Git operations.';
const DUMB =
  'Please upgrade your git client.\nGitHub.com no longer supports git over dumb-http: https://github.com/blog/809-git-dumb-http-transport-to-be-turned-off-in-90-days';

export interface GitRequest {
  readonly state: GitHubState;
  readonly backend: HttpBackend;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The path as it came, undecoded, and its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly now: number;
  readonly addresses: GitHubAddresses;
}

type Service = 'git-upload-pack' | 'git-receive-pack';

const isService = (name: string | null): name is Service =>
  name === 'git-upload-pack' || name === 'git-receive-pack';

/** Answers as git shows it: every line of a plain text body becomes a `remote:` line. */
export const refuseGit = (response: ServerResponse, status: number, message: string): void => {
  if (status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="GitHub"');
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${message}\n`);
};

const principalOf = ({ state, request, now }: GitRequest): Principal => {
  try {
    return authenticate(request.headers.authorization, { ...state, now });
  } catch (error) {
    if (error instanceof GitHubError && error.status === 403) throw error;
    throw new GitHubError(401, BAD_CREDENTIALS);
  }
};

/**
 * Git over smart HTTP at `/{owner}/{repo}.git` and `/{owner}/{repo}`: the token decides, and then `git http-backend`
 * works. Names select a repository in the directory; no part of the URL becomes a path.
 * @see https://git-scm.com/docs/http-protocol
 */
export const serveGit = async (options: GitRequest): Promise<void> => {
  const { state, request, response } = options;
  const [, owner = '', name = '', endpoint = ''] = PATH.exec(options.path) ?? [];
  if (endpoint === '') return refuseGit(response, 404, 'Not Found');
  const principal = principalOf(options);
  if (principal.kind === 'anonymous') throw new GitHubError(401, 'Authentication required.');
  if (principal.kind === 'app') throw new GitHubError(401, BAD_CREDENTIALS);

  const advertises = endpoint === 'info/refs';
  const service = advertises ? options.query.get('service') : endpoint;
  if (request.method !== (advertises ? 'GET' : 'POST')) throw new GitHubError(405, 'Method Not Allowed');
  if (!isService(service)) throw new GitHubError(403, DUMB);

  const moved = state.directory.movedRepository(owner, name);
  if (moved && advertises && reachesRepository(principal, moved)) {
    const location = `${options.addresses.web}/${moved.owner}/${moved.name}.git/info/refs?${options.query}`;
    response.writeHead(301, { location }).end();
    return;
  }
  const repository = state.directory.repository(owner, name);
  if (!repository || !reachesRepository(principal, repository))
    throw new GitHubError(404, 'Repository not found.');
  const { permissions } = principal.token;
  if (!reaches(permissions, 'contents', 'read'))
    throw new GitHubError(403, 'Write access to repository not granted.');
  const bot = `${state.apps.get(principal.installation.appId)?.slug}[bot]`;
  if (service === 'git-receive-pack' && !reaches(permissions, 'contents', 'write'))
    throw new GitHubError(403, `Permission to ${repository.owner}/${repository.name}.git denied to ${bot}.`);

  await options.backend.serve({
    request,
    response,
    repositoryId: repository.id,
    endpoint: advertises ? 'info/refs' : service,
    service,
    workflows: reaches(permissions, 'workflows', 'write'),
    remoteUser: bot,
  });
};

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GitHubAddresses } from '../addresses.ts';
import { authenticate, reachesRepository } from '../authenticate.ts';
import { GitHubError } from '../github-error.ts';
import type { GitHubState } from '../github-state.ts';
import { reaches } from '../permissions.ts';
import { readJsonBody } from '../rest/json-body.ts';
import { router } from '../rest/route.ts';
import { batchRoutes } from './batch.ts';
import { LFS_JSON, type LfsReply } from './lfs-request.ts';
import { lockRoutes } from './locks.ts';

const PATH = /^\/([A-Za-z\d-]{1,39})\/([\w.-]{1,100}?)(?:\.git)?\/info\/lfs(\/.*)$/;
const DOCUMENTATION = 'https://docs.github.com/repositories/working-with-files/managing-large-files';

const route = router([...batchRoutes, ...lockRoutes]);

export interface LfsRequest {
  readonly state: GitHubState;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly now: number;
  readonly addresses: GitHubAddresses;
}

const answer = async (options: LfsRequest, owner: string, name: string, rest: string): Promise<LfsReply> => {
  const { state, request, now } = options;
  const match = route(request.method ?? 'GET', rest);
  const principal = authenticate(request.headers.authorization, { ...state, now });
  if (principal.kind !== 'installation') throw new GitHubError(401, 'Credentials needed');
  const repository = state.directory.repository(owner, name);
  if (!repository || !reachesRepository(principal, repository) || !match.route)
    throw new GitHubError(404, 'Not Found');
  if (!reaches(principal.token.permissions, 'contents', match.route.level))
    throw new GitHubError(403, 'Resource not accessible by integration');
  const body = () => readJsonBody(request);
  return match.route.handle({ ...options, principal, repository, params: match.params, body });
};

/**
 * Git LFS below a repository's remote: the batch and locking APIs. Answers false for a path that is none of theirs.
 * @see https://github.com/git-lfs/git-lfs/tree/main/docs/api
 */
export const serveLfs = async (options: LfsRequest): Promise<boolean> => {
  const { response } = options;
  const [, owner = '', name = '', rest = ''] = PATH.exec(options.path) ?? [];
  if (rest === '') return false;
  let reply: LfsReply;
  try {
    reply = await answer(options, owner, name, rest);
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    if (error.status === 401) response.setHeader('lfs-authenticate', 'Basic realm="GitHub"');
    reply = {
      status: error.status,
      body: {
        message: error.message,
        documentation_url: DOCUMENTATION,
        request_id: String(response.getHeader('x-github-request-id')),
      },
    };
  }
  const body = Buffer.from(JSON.stringify(reply.body));
  response.writeHead(reply.status, { 'content-type': LFS_JSON, 'content-length': body.length });
  response.end(body);
  return true;
};

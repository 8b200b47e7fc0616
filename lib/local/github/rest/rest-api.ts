import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GitHubAddresses } from '../addresses.ts';
import { authenticate, type Principal } from '../authenticate.ts';
import type { GitHubFaultRule } from '../faults.ts';
import { GitHubError } from '../github-error.ts';
import type { GitHubState } from '../github-state.ts';
import { graphqlRoutes } from '../graphql/graphql-routes.ts';
import { type RateLimits, rateLimitHeaders, type Usage } from '../rate-limit.ts';
import { appRoutes } from './app-routes.ts';
import { archiveRoutes } from './archive-routes.ts';
import { assetRoutes, uploadRoutes } from './asset-routes.ts';
import { commitRoutes } from './commit-routes.ts';
import { contentRoutes } from './content-routes.ts';
import { contentWriteRoutes } from './content-write.ts';
import { dispatchRoutes } from './dispatch-routes.ts';
import { issueRoutes } from './issue-routes.ts';
import { readJsonBody } from './json-body.ts';
import { manifestRoutes } from './manifest-routes.ts';
import { ENTERPRISE_VERSION, metaRoutes } from './meta-routes.ts';
import { currentPath, refuseMoved } from './moved-repository.ts';
import { pullMergeRoutes } from './pull-merge-routes.ts';
import { pullRoutes } from './pull-routes.ts';
import { refRoutes } from './ref-routes.ts';
import { releaseRoutes } from './release-routes.ts';
import { repositoryRoutes } from './repository-routes.ts';
import { type Reply, type Route, router } from './route.ts';
import { tokenRoutes } from './token-routes.ts';

const LIMIT_AN_HOUR = 5000;
const LIMIT_AN_HOUR_ANONYMOUS = 60;
const RATE_LIMITS = 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api';

const findRoute = router([
  ...appRoutes,
  ...tokenRoutes,
  ...repositoryRoutes,
  ...contentRoutes,
  ...contentWriteRoutes,
  ...commitRoutes,
  ...archiveRoutes,
  ...refRoutes,
  ...pullRoutes,
  ...pullMergeRoutes,
  ...issueRoutes,
  ...releaseRoutes,
  ...assetRoutes,
  ...dispatchRoutes,
  ...manifestRoutes,
  ...metaRoutes,
  ...graphqlRoutes,
]);

const findUploadRoute = router(uploadRoutes);

export interface RestRequest {
  /** Whether the host of uploads was asked. */
  readonly isUpload?: boolean;
  readonly state: GitHubState;
  readonly limits: RateLimits;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The path within REST, as it came. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly now: number;
  readonly addresses: GitHubAddresses;
  /** A rule that throttles or fails this request. */
  readonly rule?: GitHubFaultRule | undefined;
}

/** Whose limit a request counts against: what the App does with one installation counts as that installation's. */
const subjectOf = (principal: Principal, named: string | undefined): string => {
  if (principal.kind === 'installation') return `installation ID ${principal.installation.id}`;
  return principal.kind === 'app' && named !== undefined ? `installation ID ${named}` : principal.kind;
};

const primaryLimit = (subject: string, requestId: string) =>
  new GitHubError(
    403,
    `API rate limit exceeded for ${subject}. If you reach out to GitHub Support for help, please include the request ID ${requestId}.`,
    { documentation: RATE_LIMITS },
  );

const secondaryLimit = (status: number, seconds: number) =>
  new GitHubError(
    status,
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    {
      documentation: `${RATE_LIMITS}#about-secondary-rate-limits`,
      headers: { 'retry-after': String(seconds) },
    },
  );

const checkAuth = (matched: Route, principal: Principal): void => {
  if (matched.auth === 'app' && principal.kind !== 'app')
    throw new GitHubError(401, 'A JSON web token could not be decoded');
  if (matched.auth === 'installation' && principal.kind === 'anonymous')
    throw new GitHubError(401, 'Requires authentication');
  if (matched.auth === 'installation' && principal.kind === 'app')
    throw new GitHubError(
      403,
      'You must authenticate with an installation access token in order to list repositories for an installation.',
    );
};

/** One REST request: authenticate, count, find the route, answer in JSON. Throws nothing that is GitHub's to say. */
export const serveRest = async (options: RestRequest): Promise<void> => {
  const { state, limits, request, response, path, now, rule, addresses } = options;
  const method = request.method ?? 'GET';
  const faults = state.faults();
  let usage: Usage = limits.take(`address ${request.socket.remoteAddress}`, LIMIT_AN_HOUR_ANONYMOUS, now, 0);
  let reply: Reply;
  try {
    if (rule?.status !== undefined) throw new GitHubError(rule.status, 'Server Error');
    const principal = authenticate(request.headers.authorization, { ...state, now });
    const route = options.isUpload ? findUploadRoute : findRoute;
    const match = route(method === 'HEAD' ? 'GET' : method, currentPath(state, path));
    const subject = subjectOf(principal, match.route && match.params.id);
    if (principal.kind !== 'anonymous')
      usage = limits.take(
        subject,
        faults.rateLimit ?? LIMIT_AN_HOUR,
        now,
        match.route?.counted === false ? 0 : 1,
      );
    if (rule?.throttle) {
      const wait = rule.retryAfterSeconds ?? 60;
      if (rule.throttle !== 'primary') throw secondaryLimit(rule.throttle === 'secondary' ? 403 : 429, wait);
      usage = {
        ...usage,
        used: usage.limit,
        remaining: 0,
        reset: Math.ceil(now / 1000) + wait,
        exceeded: true,
      };
    }
    if (usage.exceeded) throw primaryLimit(subject, String(response.getHeader('x-github-request-id')));
    if (!match.route) {
      if (match.knownPath || options.isUpload) throw new GitHubError(404, 'Not Found');
      throw new GitHubError(501, `The local GitHub does not know ${method} ${path}`);
    }
    if (faults.pointsPerMinute !== undefined) {
      const points = method === 'GET' || method === 'HEAD' ? 1 : 5;
      const wait = limits.takePoints(
        `${subject} ${match.route.pattern}`,
        points,
        faults.pointsPerMinute,
        now,
      );
      if (wait > 0) throw secondaryLimit(403, wait);
    }
    checkAuth(match.route, principal);
    refuseMoved({ state, path, apiUrl: addresses.api }, principal);
    reply = await match.route.handle({
      state,
      now,
      apiUrl: addresses.api,
      url: addresses.web,
      addresses,
      principal,
      params: match.params,
      path,
      query: options.query,
      headers: request.headers,
      body: () => readJsonBody(request),
      content: request,
      usage,
    });
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    reply = {
      status: error.status,
      headers: error.headers,
      body: {
        message: error.message,
        ...(error.errors ? { errors: error.errors } : {}),
        documentation_url: error.documentation,
        status: String(error.status),
      },
    };
  }
  if (state.host === 'ghes') response.setHeader('x-github-enterprise-version', ENTERPRISE_VERSION);
  send(response, reply, usage, method === 'HEAD');
};

const send = (response: ServerResponse, reply: Reply, usage: Usage, headOnly: boolean): void => {
  const headers = {
    'x-github-media-type': 'github.v3; format=json',
    ...rateLimitHeaders(usage),
    ...reply.headers,
  };
  if (reply.body === undefined && !reply.content) {
    response.writeHead(reply.status, headers).end();
    return;
  }
  const { type, bytes } = reply.content ?? {
    type: 'application/json; charset=utf-8',
    bytes: Buffer.from(JSON.stringify(reply.body)),
  };
  response.writeHead(reply.status, { ...headers, 'content-type': type, 'content-length': bytes.length });
  response.end(headOnly ? undefined : bytes);
};

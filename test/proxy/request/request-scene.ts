import type { Decision, RequestFacts } from '../../../lib/proxy/decision.ts';
import { gitHubSurfaces } from '../../../lib/proxy/hosts/github-surfaces.ts';
import type { ProxyPolicy } from '../../../lib/proxy/proxy-policy.ts';
import { decideRequest } from '../../../lib/proxy/request/decide-request.ts';

/** github.com, and a GitHub Enterprise Server that keeps everything on one host. */
export const surfaces = gitHubSurfaces({
  endpoints: [
    { git: 'https://github.com', api: 'https://api.github.com' },
    { git: 'https://ghe.example.com', api: 'https://ghe.example.com/api/v3' },
  ],
});

/** Everything that a profile can give, over two repositories of one owner and all of another. */
export const WIDE: ProxyPolicy = {
  sandbox: 'sb-00000001',
  allowedRepos: ['acme/app', 'acme/.github', 'tools/*'],
  permissions: {
    contents: 'write',
    metadata: 'read',
    issues: 'write',
    pull_requests: 'write',
    checks: 'write',
    actions: 'write',
  },
  guard: { allowForcePushes: false, allowDeletions: false },
  graphql: 'read',
  allowedHosts: [],
};

/** Clone and fetch of the same. */
export const READER: ProxyPolicy = {
  ...WIDE,
  permissions: { contents: 'read', metadata: 'read' },
  graphql: 'none',
};

/** The host that a surface of github.com is on. */
export const HOSTS = {
  web: 'github.com',
  api: 'api.github.com',
  uploads: 'uploads.github.com',
  codeload: 'codeload.github.com',
  raw: 'raw.githubusercontent.com',
  media: 'media.githubusercontent.com',
  storage: 'objects.githubusercontent.com',
} as const;

/** Decides `GET host/path?query`, or `GET /path` of github.com. */
export const decide = (line: string, policy: ProxyPolicy = WIDE): Decision => {
  const [method = '', address = ''] = line.split(/ (.*)/s);
  const [, host = '', target = ''] = /^([^/]*)(.*)$/s.exec(address) ?? [];
  const facts: RequestFacts = { method, host: host === '' ? 'github.com' : host, target };
  return decideRequest(policy, surfaces, facts);
};

/** Decides a GET of github.com by its raw target. */
export const decideTarget = (target: string): Decision =>
  decideRequest(WIDE, surfaces, { method: 'GET', host: 'github.com', target });

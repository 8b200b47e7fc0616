import type { Decision, RequestFacts } from '../decision.ts';
import type { GitHubSurfaces } from '../hosts/github-surfaces.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import { admit } from './admit.ts';
import { checkCredentials } from './check-credentials.ts';
import { decideApi } from './decide-api.ts';
import { decideFileHost } from './decide-download.ts';
import { decideUploads } from './decide-uploads.ts';
import { decideWeb } from './decide-web.ts';
import { isRefusal, refuse, shown } from './refuse.ts';
import { noRoute, type SurfaceRequest } from './route.ts';
import { strictTarget } from './strict-target.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** What a signed URL is used with. */
const STORAGE_METHODS = new Set(['GET', 'HEAD', 'PUT', 'POST']);

const isGitHub = (surfaces: GitHubSurfaces, host: string): boolean =>
  surfaces.hosts.includes(host) || surfaces.localOrigins.includes(`http://${host}`);

/**
 * Decides a request to GitHub by its method, host, path and query: refused, unless a rule lets it through. Never
 * throws, asks nobody, and reads each path in one way only; whatever can be read in two ways is refused.
 *
 * An admission may still ask for an inspection, of the body or by a look-up, before the request is forwarded.
 */
export const decideRequest = (
  policy: ProxyPolicy,
  surfaces: GitHubSurfaces,
  { method, host, target }: RequestFacts,
): Decision => {
  if (!isGitHub(surfaces, host)) {
    return refuse({
      rule: 'host',
      reason: `${shown(host)} is no host of the configured GitHub`,
      remedy: 'Add the host to network.egress.allowedHosts of the profile, if the sandbox is to reach it.',
    });
  }
  if (policy.allowedRepos.length === 0) {
    return refuse({
      rule: 'repo',
      reason: 'This sandbox has no access to GitHub: its profile allows no repository',
      remedy: 'Name repositories in sourceAccess.github.allowedRepos of the profile.',
    });
  }
  const whole = strictTarget(target);
  if (isRefusal(whole)) return whole;
  const matched = surfaces.match(host, whole.path);
  if (!matched || !METHODS.has(method)) return noRoute({ method, host }, whole.path);
  const { surface } = matched;
  if (surface === 'storage') {
    if (!STORAGE_METHODS.has(method)) return noRoute({ method, host }, whole.path);
    return admit({ rule: 'signed-url', surface, inspect: { kind: 'signed-url' } });
  }
  const mayBeSigned = surface === 'raw' || surface === 'codeload' || surface === 'media';
  const refused = checkCredentials(whole.parameters, { mayBeSigned });
  if (refused) return refused;
  const own = strictTarget(whole.query === undefined ? matched.path : `${matched.path}?${whole.query}`);
  if (isRefusal(own)) return own;
  const request: SurfaceRequest = { method, host, target: own };
  switch (surface) {
    case 'web':
      return decideWeb(policy, request);
    case 'api':
      return decideApi(policy, request);
    case 'uploads':
      return decideUploads(policy, request);
    case 'codeload':
    case 'raw':
    case 'media':
      return decideFileHost(policy, request, surface);
  }
};

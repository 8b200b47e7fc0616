import type { Decision } from '../decision.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import { admit } from './admit.ts';
import { matchRoute } from './match-route.ts';
import { needsPermission } from './needs-permission.ts';
import { readRepo } from './read-repo.ts';
import { isFreeRead, straying } from './read-routes.ts';
import { refuse, shown } from './refuse.ts';
import { isRead, isWord, noRoute, type SurfaceRequest } from './route.ts';
import { WRITE_ROUTES } from './write-routes.ts';

/** What carries no repository and is read all the same; docs/proxy.md lists it. */
const WITHOUT_REPO: ReadonlySet<string> = new Set(['/', '/meta', '/rate_limit', '/user']);

const surface = 'api';

const decideGraphql = (policy: ProxyPolicy, request: SurfaceRequest): Decision => {
  const { method, target } = request;
  if (policy.graphql === 'none') {
    return refuse({
      rule: 'graphql',
      reason: 'GraphQL is not let through: one query can name any repository',
      remedy: 'Use the REST API, or set sourceAccess.github.graphql: read in the profile.',
    });
  }
  if (method !== 'POST' || target.query !== undefined) return noRoute(request, target.path);
  return admit({ rule: 'graphql-read', surface, inspect: { kind: 'graphql' } });
};

const decideById = (request: SurfaceRequest): Decision => {
  const { target } = request;
  const [, id, ...rest] = target.segments;
  if (!id || !/^[1-9][0-9]{0,18}$/.test(id.raw)) return noRoute(request, target.path);
  const query = target.query === undefined ? '' : `?${target.query}`;
  const path = rest.map(({ raw }) => `/${raw}`).join('');
  return admit({
    rule: isRead(request.method) ? 'rest-read' : 'rest-write',
    surface,
    inspect: {
      kind: 'repository-id',
      id: id.raw,
      rest: `${path}${target.endsWithSlash ? '/' : ''}${query}`,
    },
  });
};

const decideRead = (request: SurfaceRequest, repo: string): Decision => {
  const { target } = request;
  if (!isFreeRead(target.segments.slice(3), target.endsWithSlash)) {
    return noRoute(request, target.path, { repo });
  }
  const parameter = straying(target);
  if (parameter !== undefined) {
    return refuse({
      rule: 'route',
      reason: `The parameter ${shown(parameter)} can name another repository than ${repo}`,
      remedy: 'Name the repository in the path only, and a ref without owner: in front.',
      repo,
    });
  }
  return admit({ rule: 'rest-read', surface, repo });
};

const decideWrite = (policy: ProxyPolicy, request: SurfaceRequest, repo: string): Decision => {
  const { method, target } = request;
  const rest = target.segments.slice(3);
  for (const route of WRITE_ROUTES) {
    const values = route.method === method ? matchRoute(route.pattern, rest) : undefined;
    if (!values || target.endsWithSlash) continue;
    if (target.query !== undefined) {
      return noRoute(request, target.path, {
        repo,
        remedy: 'Send the values in the JSON body, not in a query.',
      });
    }
    const refused = needsPermission(policy, {
      what: `${method} ${shown(target.path)}`,
      repo,
      permissions: route.permissions,
      level: 'write',
    });
    if (refused) return refused;
    if (!route.refWrite) return admit({ rule: 'rest-write', surface, repo });
    const write = route.refWrite(values);
    if (!write) {
      return noRoute(request, target.path, {
        repo,
        remedy: 'Name one ref, as git knows it: heads/main, tags/v1.',
      });
    }
    return admit({ rule: 'ref-write', surface, repo, inspect: { kind: 'ref-write', write } });
  }
  return noRoute(request, target.path, { repo });
};

/** The REST API and GraphQL: reads of an allowed repository, the writes of a table, and a short list without one. */
export const decideApi = (policy: ProxyPolicy, request: SurfaceRequest): Decision => {
  const { method, target } = request;
  const [first, owner, name] = target.segments;
  if (target.path === '/graphql') return decideGraphql(policy, request);
  if (isWord(first, 'repositories')) return decideById(request);
  if (isWord(first, 'repos')) {
    if (!owner || !name) return noRoute(request, target.path);
    const repo = readRepo(policy, { owner, repo: name });
    if (typeof repo !== 'string') return repo;
    return isRead(method) ? decideRead(request, repo) : decideWrite(policy, request, repo);
  }
  if (isRead(method) && target.path === '/installation/repositories') {
    return straying(target) === undefined
      ? admit({ rule: 'no-repo', surface, answer: 'repository-list' })
      : noRoute(request, target.path);
  }
  if (isRead(method) && WITHOUT_REPO.has(target.path) && target.query === undefined) {
    return admit({ rule: 'no-repo', surface });
  }
  return noRoute(request, target.path);
};

import type { Decision } from '../decision.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import { admit } from './admit.ts';
import { matchRoute } from './match-route.ts';
import { needsPermission } from './needs-permission.ts';
import { readRepo } from './read-repo.ts';
import { isWord, noRoute, type SurfaceRequest } from './route.ts';

const PARAMETERS = new Set(['name', 'label']);

const hasOwnParameters = ({ target }: SurfaceRequest): boolean => {
  const names = target.parameters.map(({ name }) => name);
  return (
    names.includes('name') &&
    names.every((name) => PARAMETERS.has(name)) &&
    new Set(names).size === names.length
  );
};

/** `uploads.github.com`: one asset of a release of an allowed repository, and nothing else. */
export const decideUploads = (policy: ProxyPolicy, request: SurfaceRequest): Decision => {
  const { method, target } = request;
  const [first, owner, name, ...rest] = target.segments;
  if (!isWord(first, 'repos') || !owner || !name) return noRoute(request, target.path);
  const repo = readRepo(policy, { owner, repo: name });
  if (typeof repo !== 'string') return repo;
  if (method !== 'POST' || target.endsWithSlash || !matchRoute('releases/{id}/assets', rest)) {
    return noRoute(request, target.path, { repo });
  }
  if (!hasOwnParameters(request)) {
    return noRoute(request, target.path, {
      repo,
      remedy: 'Give the parameter name, and label if wanted, once each.',
    });
  }
  const refused = needsPermission(policy, {
    what: `A release asset of ${repo}`,
    repo,
    permissions: ['contents'],
    level: 'write',
  });
  return refused ?? admit({ rule: 'rest-write', surface: 'uploads', repo });
};

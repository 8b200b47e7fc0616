import type { Decision } from '../decision.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import { admit } from './admit.ts';
import { decideDownload } from './decide-download.ts';
import { needsPermission } from './needs-permission.ts';
import { readRepo } from './read-repo.ts';
import { isRefusal } from './refuse.ts';
import { isRead, noRoute, type SurfaceRequest, textOf } from './route.ts';

interface GitRoute {
  readonly method: 'GET' | 'POST';
  /** What stands behind the repository. */
  readonly path: string;
  /** The whole query; `undefined`: none. `any` is for parameters that only filter. */
  readonly query: string | undefined | 'any';
  readonly level: 'read' | 'write';
  readonly what: string;
  readonly does: 'git-read' | 'receive-pack' | 'lfs-batch' | 'lfs-lock';
}

const SERVICE = 'service=git-';

/**
 * Smart HTTP of git, and the part of LFS that GitHub serves itself. A receive-pack is asked for before its commands are
 * known, so that the advertisement needs the permission already.
 *
 * {@link https://git-scm.com/docs/http-protocol}, {@link https://github.com/git-lfs/git-lfs/tree/main/docs/api}
 */
const GIT_ROUTES: readonly GitRoute[] = [
  {
    method: 'GET',
    path: 'info/refs',
    query: `${SERVICE}upload-pack`,
    level: 'read',
    what: 'A fetch',
    does: 'git-read',
  },
  {
    method: 'GET',
    path: 'info/refs',
    query: `${SERVICE}receive-pack`,
    level: 'write',
    what: 'A push',
    does: 'git-read',
  },
  {
    method: 'POST',
    path: 'git-upload-pack',
    query: undefined,
    level: 'read',
    what: 'A fetch',
    does: 'git-read',
  },
  {
    method: 'POST',
    path: 'git-receive-pack',
    query: undefined,
    level: 'write',
    what: 'A push',
    does: 'receive-pack',
  },
  {
    method: 'POST',
    path: 'info/lfs/objects/batch',
    query: undefined,
    level: 'read',
    what: 'LFS',
    does: 'lfs-batch',
  },
  {
    method: 'GET',
    path: 'info/lfs/locks',
    query: 'any',
    level: 'read',
    what: 'Listing LFS locks',
    does: 'lfs-lock',
  },
  {
    method: 'POST',
    path: 'info/lfs/locks',
    query: undefined,
    level: 'write',
    what: 'An LFS lock',
    does: 'lfs-lock',
  },
  {
    method: 'POST',
    path: 'info/lfs/locks/verify',
    query: undefined,
    level: 'write',
    what: 'Verifying LFS locks',
    does: 'lfs-lock',
  },
];

const UNLOCK: GitRoute = {
  method: 'POST',
  path: 'info/lfs/locks/{id}/unlock',
  query: undefined,
  level: 'write',
  what: 'An LFS unlock',
  does: 'lfs-lock',
};

const UNLOCK_PATH = /^info\/lfs\/locks\/[A-Za-z0-9_-]{1,64}\/unlock$/;

/** First words behind a repository that are git's or LFS's, and nothing else's. */
const GIT_WORDS = new Set(['info', 'git-upload-pack', 'git-receive-pack', 'git-upload-archive']);

const findGitRoute = (method: string, path: string, query: string | undefined): GitRoute | undefined => {
  const routes = UNLOCK_PATH.test(path) ? [UNLOCK] : GIT_ROUTES.filter((route) => route.path === path);
  return routes.find((route) => route.method === method && (route.query === 'any' || route.query === query));
};

const decideGit = (policy: ProxyPolicy, request: SurfaceRequest, repo: string): Decision => {
  const { method, target } = request;
  const rest = target.segments.slice(2);
  const path = rest.map(({ raw }) => raw).join('/');
  const route = target.endsWithSlash ? undefined : findGitRoute(method, path, target.query);
  if (!route) {
    return noRoute(request, target.path, {
      repo,
      remedy:
        'Use git over smart HTTP: info/refs with service=git-upload-pack or service=git-receive-pack and nothing more.',
    });
  }
  const refused = needsPermission(policy, {
    what: `${route.what} of ${repo}`,
    repo,
    permissions: ['contents'],
    level: route.level,
  });
  if (refused) return refused;
  const surface = 'web';
  switch (route.does) {
    case 'git-read':
      return admit({ rule: route.level === 'write' ? 'git-push' : 'git-read', surface, repo });
    case 'receive-pack':
      return admit({ rule: 'git-push', surface, repo, inspect: { kind: 'receive-pack' } });
    case 'lfs-batch':
      return admit({ rule: 'lfs', surface, repo, inspect: { kind: 'lfs-batch' }, answer: 'lfs-batch' });
    case 'lfs-lock':
      return admit({ rule: 'lfs', surface, repo });
  }
};

/** What a GitHub Enterprise Server without subdomain isolation, or an enterprise of its own, has beside accounts. */
const ENTERPRISE_PATHS: ReadonlySet<string> = new Set([
  ...[
    '_registry',
    'api',
    'assets',
    'avatars',
    'codeload',
    'gist',
    'media',
    'notebooks',
    'pages',
    'raw',
    'render',
  ],
  ...['reply', 'storage', 'uploads', 'viewscreen'],
]);

const DOWNLOADS: readonly RegExp[] = [
  /^(?:archive|tarball|zipball)\/[^:]+$/,
  /^raw\/[^:/]+\/.+$/,
  /^releases\/(?:latest\/download|download\/[^/]+)\/[^/]+$/,
];

/** `github.com`: git, LFS and downloads of an allowed repository; no page of it. */
export const decideWeb = (policy: ProxyPolicy, request: SurfaceRequest): Decision => {
  const { method, target } = request;
  const [owner, name, word, ...rest] = target.segments;
  if (!owner || !name || !word) return noRoute(request, target.path);
  const isGitAddress = GIT_WORDS.has(word.raw);
  const notOwners = request.host === 'github.com' ? undefined : ENTERPRISE_PATHS;
  const repo = readRepo(policy, {
    owner,
    repo: name,
    isGitAddress,
    ...(notOwners === undefined ? {} : { notOwners }),
  });
  if (typeof repo !== 'string') return repo;
  if (isGitAddress) return decideGit(policy, request, repo);
  const path = `${word.raw}/${textOf(rest)}`;
  if (!isRead(method) || !DOWNLOADS.some((pattern) => pattern.test(path))) {
    return noRoute(request, target.path, { repo });
  }
  const decision = decideDownload(policy, request, { surface: 'web', repo });
  return isRefusal(decision) ? decision : admit({ rule: 'download', surface: 'web', repo });
};

import type { Decision, Surface } from '../decision.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import { admit } from './admit.ts';
import { needsPermission } from './needs-permission.ts';
import { readRepo } from './read-repo.ts';
import { isRead, noRoute, type SurfaceRequest, textOf } from './route.ts';

type FileHost = Extract<Surface, 'codeload' | 'raw' | 'media'>;

/** What stands behind `/{owner}/{repo}/`. A ref holds no colon: with one it names a branch of another repository. */
const PATHS: Readonly<Record<FileHost, RegExp>> = {
  codeload: /^(?:legacy\.)?(?:zip|tar\.gz)\/[^:]+$/,
  raw: /^[^:/]+\/.+$/,
  media: /^[^:/]+\/.+$/,
};

/** `/wiki/{owner}/{repo}/…` is a page of a wiki. */
const NOT_OWNERS: ReadonlySet<string> = new Set(['wiki']);

/**
 * A download of an allowed repository, whose path has been found to be one: no query, but for the `token` that GitHub
 * puts on the address of a private repository's file or archive, and that is good for this path only.
 */
export const decideDownload = (
  policy: ProxyPolicy,
  request: SurfaceRequest,
  { surface, repo }: { readonly surface: Surface; readonly repo: string },
): Decision => {
  const { target } = request;
  const isSigned =
    surface !== 'web' && target.parameters.length === 1 && target.parameters[0]?.name === 'token';
  if (target.endsWithSlash || (target.query !== undefined && !isSigned)) {
    return noRoute(request, target.path, { repo, remedy: 'Ask for the file or archive without a query.' });
  }
  const refused = needsPermission(policy, {
    what: `A download from ${repo}`,
    repo,
    permissions: ['contents'],
    level: 'read',
  });
  return refused ?? admit({ rule: 'download', surface, repo });
};

/** `codeload.github.com`, `raw.githubusercontent.com` and `media.githubusercontent.com`: files and archives, only read. */
export const decideFileHost = (policy: ProxyPolicy, request: SurfaceRequest, surface: FileHost): Decision => {
  const { method, target } = request;
  const [owner, name, ...rest] = target.segments;
  if (rest.length === 0) return noRoute(request, target.path);
  const repo = readRepo(policy, { owner, repo: name, notOwners: NOT_OWNERS });
  if (typeof repo !== 'string') return repo;
  const isFixedWord = surface !== 'codeload' || rest[0]?.raw === rest[0]?.text;
  if (!isRead(method) || !isFixedWord || !PATHS[surface].test(textOf(rest))) {
    return noRoute(request, target.path, { repo });
  }
  return decideDownload(policy, request, { surface, repo });
};

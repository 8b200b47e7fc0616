import { type Principal, reachesRepository } from '../authenticate.ts';
import { GitHubError } from '../github-error.ts';
import type { GitHubState } from '../github-state.ts';

const REDIRECTS =
  'https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects';

/** `/repositories/{id}/…` as `/repos/{owner}/{repo}/…`, which is where redirects lead. */
export const currentPath = (state: GitHubState, path: string): string => {
  const [, id = '', rest = ''] = /^\/repositories\/(\d{1,15})(\/.*)?$/.exec(path) ?? [];
  const repository = state.directory.repositoryById(Number(id));
  return repository ? `/repos/${repository.owner}/${repository.name}${rest}` : path;
};

/** Redirects a request for a repository by a name that it had before its owner was renamed, if it may be seen at all. */
export const refuseMoved = (
  { state, path, apiUrl }: { state: GitHubState; path: string; apiUrl: string },
  principal: Principal,
): void => {
  const [, owner = '', name = '', rest = ''] = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  const moved = state.directory.movedRepository(owner, name);
  if (!moved || principal.kind === 'anonymous') return;
  if (principal.kind === 'installation' && !reachesRepository(principal, moved)) return;
  const location = `${apiUrl}/repositories/${moved.id}${rest}`;
  throw new GitHubError(301, 'Moved Permanently', { documentation: REDIRECTS, headers: { location } });
};

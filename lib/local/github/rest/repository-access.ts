import { reachesRepository } from '../authenticate.ts';
import type { Repository } from '../directory.ts';
import { GitHubError } from '../github-error.ts';
import { type PermissionLevel, reaches } from '../permissions.ts';
import type { RestContext } from './route.ts';

/**
 * The repository that the path names, once the token reaches it (else 404, as if it did not exist) and holds the
 * permission (else 403).
 */
export const accessRepository = (
  context: RestContext,
  permission: string,
  level: PermissionLevel,
  documentation: string,
): Repository => {
  const { principal, params, state } = context;
  if (principal.kind === 'app') throw new GitHubError(401, 'Bad credentials');
  const repository = state.directory.repository(params.owner ?? '', params.repo ?? '');
  if (principal.kind === 'anonymous' || !repository || !reachesRepository(principal, repository))
    throw new GitHubError(404, 'Not Found', { documentation });
  if (!reaches(principal.token.permissions, permission, level))
    throw new GitHubError(403, 'Resource not accessible by integration', { documentation });
  return repository;
};

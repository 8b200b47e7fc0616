import type { KmError } from '../errors.ts';
import type { GitHubApp } from './app.ts';
import { permissionNotGranted, repoNotInInstallation, unexpectedAnswer } from './errors.ts';
import { readInstallation } from './installation.ts';
import type { MintTokenOptions } from './mint-token.ts';
import { permissionDifferences } from './permissions.ts';

export interface RefusedMint extends MintTokenOptions {
  /** GitHub's message with the 422. */
  readonly message: string;
}

/** Repositories asked about when a mint is refused, so that a long list does not eat the rate limit. */
const MOST_ASKED = 100;
const AT_ONCE = 5;

const missingPermissions = ({ permissions, installation }: RefusedMint): string[] =>
  permissionDifferences(installation.permissions, permissions).missing.map(
    ({ name, wanted }) => `${name}: ${wanted}`,
  );

const isReached = async (app: GitHubApp, refused: RefusedMint, name: string): Promise<boolean> => {
  const { account, id } = refused.installation;
  const path = `/repos/${encodeURIComponent(account)}/${encodeURIComponent(name)}/installation`;
  const response = await app.send({ method: 'GET', path, deadline: refused.deadline });
  return response.status === 200 && readInstallation(response.body)?.id === id;
};

const missingRepositories = async (app: GitHubApp, refused: RefusedMint): Promise<string[]> => {
  if (refused.repositories === 'all') return [];
  const names = refused.repositories.slice(0, MOST_ASKED);
  const missing: string[] = [];
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const some = names.slice(start, start + AT_ONCE);
    const reached = await Promise.all(some.map((name) => isReached(app, refused, name)));
    missing.push(...some.filter((_name, index) => !reached[index]));
  }
  return missing;
};

/**
 * Finds out why GitHub refused a mint with 422, which it does not say: which permissions the installation was not
 * granted, or else which repositories it does not reach (the first 100 named are asked about).
 *
 * @returns the error to throw: `ErrGitHubPermissionNotGranted`, `ErrGitHubRepoNotInInstallation`, or
 * `ErrGitHubUnexpectedAnswer` with GitHub's message when neither explains it.
 * @see https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app
 */
export const explainRefusedMint = async (app: GitHubApp, refused: RefusedMint): Promise<KmError> => {
  const { account, settingsUrl } = refused.installation;
  const permissions = missingPermissions(refused);
  if (permissions.length > 0) return permissionNotGranted(account, permissions, settingsUrl);
  const repositories = await missingRepositories(app, refused);
  if (repositories.length > 0) return repoNotInInstallation(account, repositories, settingsUrl);
  return unexpectedAnswer(`it refused a token for '${account}': ${refused.message}`);
};

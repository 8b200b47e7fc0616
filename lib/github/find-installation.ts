import type { GitHubApp } from './app.ts';
import { installationMismatch, installationMissing, unexpectedAnswer } from './errors.ts';
import { type Installation, readInstallation, sameName } from './installation.ts';

export interface FindInstallationOptions {
  /** Login of a user or an organization. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** GitHub keeps users and organizations apart here, and an owner's name does not tell which it is. */
const PLACES = ['users', 'orgs'] as const;

/**
 * Asks GitHub for the App's installation on an account. The answer counts only if it is that account's.
 *
 * @throws {KmError} `ErrGitHubInstallationMissing`; `ErrGitHubInstallationMismatch` when GitHub answers with another
 * account's; what sending throws, or `ErrGitHubUnexpectedAnswer`.
 * @see https://docs.github.com/en/rest/apps/apps#get-a-user-installation-for-the-authenticated-app
 * @see https://docs.github.com/en/rest/apps/apps#get-an-organization-installation-for-the-authenticated-app
 */
export const findInstallation = async (
  app: GitHubApp,
  options: FindInstallationOptions,
): Promise<Installation> => {
  const { owner, deadline } = options;
  for (const place of PLACES) {
    const path = `/${place}/${encodeURIComponent(owner)}/installation`;
    const response = await app.send({ method: 'GET', path, deadline });
    if (response.status === 404) continue;
    if (response.status !== 200) throw unexpectedAnswer(`${response.message} for GET ${path}`);
    const installation = readInstallation(response.body);
    if (installation === undefined)
      throw unexpectedAnswer(`an installation without an account for GET ${path}`);
    if (!sameName(installation.account, owner)) throw installationMismatch(owner, installation);
    return installation;
  }
  throw installationMissing(owner);
};

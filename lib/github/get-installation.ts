import type { GitHubApp } from './app.ts';
import { unexpectedAnswer } from './errors.ts';
import { type Installation, readInstallation } from './installation.ts';

export interface GetInstallationOptions {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * Asks GitHub for an installation of the App by its id.
 *
 * @returns `undefined` when there is none by that id (any more).
 * @throws {KmError} what sending throws, or `ErrGitHubUnexpectedAnswer`.
 * @see https://docs.github.com/en/rest/apps/apps#get-an-installation-for-the-authenticated-app
 */
export const getInstallation = async (
  app: GitHubApp,
  options: GetInstallationOptions,
): Promise<Installation | undefined> => {
  const path = `/app/installations/${options.id}`;
  const response = await app.send({ method: 'GET', path, deadline: options.deadline });
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw unexpectedAnswer(`${response.message} for GET ${path}`);
  const installation = readInstallation(response.body);
  if (installation !== undefined && installation.id !== options.id) {
    throw unexpectedAnswer(`installation ${installation.id} for GET ${path}`);
  }
  return installation;
};

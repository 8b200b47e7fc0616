import type { GitHubApp } from './app.ts';
import { unexpectedAnswer } from './errors.ts';
import { type Installation, readInstallation } from './installation.ts';

export interface ListInstallationsOptions {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

const PAGE_SIZE = 100;
const MOST_PAGES = 100;

const hasNext = (link: string | null): boolean => link !== null && /;\s*rel="?next"?/i.test(link);

/**
 * Every installation of the App on a user or an organization, page by page.
 *
 * Pages are counted, and the addresses in `Link` are not followed: they could lead the app JWT elsewhere.
 *
 * @throws {KmError} what sending throws, or `ErrGitHubUnexpectedAnswer`.
 * @see https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app
 */
export const listInstallations = async (
  app: GitHubApp,
  options: ListInstallationsOptions,
): Promise<readonly Installation[]> => {
  const found: Installation[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const path = `/app/installations?per_page=${PAGE_SIZE}&page=${page}`;
    const response = await app.send({ method: 'GET', path, deadline: options.deadline });
    if (response.status !== 200 || !Array.isArray(response.body)) {
      throw unexpectedAnswer(`${response.message} for GET ${path}`);
    }
    for (const body of response.body) {
      const installation = readInstallation(body);
      if (installation !== undefined) found.push(installation);
    }
    if (!hasNext(response.headers.get('link'))) return found;
  }
  throw unexpectedAnswer(`more than ${MOST_PAGES * PAGE_SIZE} installations`);
};

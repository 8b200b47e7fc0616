import { isRecord, pageUrlOf, permissionsOf } from './answer-fields.ts';
import { unexpectedAnswer } from './errors.ts';

/** What km uses of an installation of the App. */
export interface Installation {
  readonly id: number;
  /** The account's login, as GitHub spells it. */
  readonly account: string;
  /** As `User` or `Organization`; empty when GitHub does not say. */
  readonly accountType: string;
  readonly repositorySelection: 'all' | 'selected';
  readonly suspended: boolean;
  /** What the account has granted: permission name to `read`, `write` or `admin`. */
  readonly permissions: Readonly<Record<string, string>>;
  /** The installation's settings page. */
  readonly settingsUrl?: string;
}

/** Whether two account or repository names mean the same on GitHub. */
export const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** What GitHub's logins are made of; nothing that could be more than a name in a message or a path. */
const LOGIN = /^[A-Za-z0-9_-]{1,100}$/;

/**
 * Reads an installation from GitHub's answer.
 *
 * @returns `undefined` for one without an account login, as an enterprise's installation, which holds no repositories.
 * @throws {KmError} `ErrGitHubUnexpectedAnswer`.
 * @see https://docs.github.com/en/rest/apps/apps#get-an-installation-for-the-authenticated-app
 */
export const readInstallation = (body: unknown): Installation | undefined => {
  if (!isRecord(body) || !Number.isSafeInteger(body.id) || (body.id as number) <= 0) {
    throw unexpectedAnswer('an installation without an id');
  }
  const { login: account, type } = isRecord(body.account) ? body.account : {};
  if (account === undefined || account === null) return undefined;
  if (typeof account !== 'string' || !LOGIN.test(account))
    throw unexpectedAnswer('an installation of an account without a login');
  const settingsUrl = pageUrlOf(body.html_url);
  return {
    id: body.id as number,
    account,
    accountType: typeof type === 'string' && LOGIN.test(type) ? type : '',
    // What is not said to be all of them counts as some.
    repositorySelection: body.repository_selection === 'all' ? 'all' : 'selected',
    suspended: body.suspended_at !== null && body.suspended_at !== undefined,
    permissions: permissionsOf(body.permissions),
    ...(settingsUrl === undefined ? {} : { settingsUrl }),
  };
};

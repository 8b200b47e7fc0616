import { unexpectedAnswer } from './errors.ts';

/** What km uses of an installation of the App. */
export interface Installation {
  readonly id: number;
  /** The account's login, as GitHub spells it. */
  readonly account: string;
  readonly suspended: boolean;
  /** What the account has granted: permission name to `read`, `write` or `admin`. */
  readonly permissions: Readonly<Record<string, string>>;
  /** The installation's settings page. */
  readonly settingsUrl?: string;
}

/** Whether two account or repository names mean the same on GitHub. */
export const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What GitHub's logins are made of; nothing that could be more than a name in a message or a path. */
const LOGIN = /^[A-Za-z0-9_-]{1,100}$/;

const SETTINGS_URL = /^https?:\/\/[A-Za-z0-9.:/_-]{1,200}$/;

const permissionsOf = (value: unknown): Record<string, string> =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : {};

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
  const account = isRecord(body.account) ? body.account.login : undefined;
  if (account === undefined || account === null) return undefined;
  if (typeof account !== 'string' || !LOGIN.test(account))
    throw unexpectedAnswer('an installation of an account without a login');
  const url = body.html_url;
  return {
    id: body.id as number,
    account,
    suspended: body.suspended_at !== null && body.suspended_at !== undefined,
    permissions: permissionsOf(body.permissions),
    ...(typeof url === 'string' && SETTINGS_URL.test(url) ? { settingsUrl: url } : {}),
  };
};

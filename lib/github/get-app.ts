import { isRecord, pageUrlOf, permissionsOf } from './answer-fields.ts';
import type { GitHubApp } from './app.ts';
import { unexpectedAnswer } from './errors.ts';

/** What GitHub says about an App. */
export interface AppDetails {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly clientId?: string;
  /** Login of the owning account, or the slug of the owning enterprise; empty when GitHub does not say. */
  readonly owner: string;
  /** As `User` or `Organization`. */
  readonly ownerType?: string;
  /** What the App asks for: permission name to `read`, `write` or `admin`. */
  readonly permissions: Readonly<Record<string, string>>;
  /** The App's public page. */
  readonly htmlUrl: string;
}

export interface GetAppOptions {
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

const SLUG = /^[a-z0-9][a-z0-9_-]{0,99}$/i;
const CLIENT_ID = /^[A-Za-z0-9._-]{1,100}$/;
const ACCOUNT = /^[A-Za-z0-9_-]{1,100}$/;
const MOST_CHARACTERS = 200;

const matching = (value: unknown, pattern: RegExp): string | undefined =>
  typeof value === 'string' && pattern.test(value) ? value : undefined;

/**
 * Reads an App from GitHub's answer.
 *
 * @throws {KmError} `ErrGitHubUnexpectedAnswer`.
 */
export const readAppDetails = (body: unknown): AppDetails => {
  if (!isRecord(body) || !Number.isSafeInteger(body.id)) throw unexpectedAnswer('an App without an id');
  const slug = matching(body.slug, SLUG);
  const htmlUrl = pageUrlOf(body.html_url);
  if (slug === undefined || htmlUrl === undefined) throw unexpectedAnswer('an App without a slug or a page');
  const owner = isRecord(body.owner) ? body.owner : {};
  const clientId = matching(body.client_id, CLIENT_ID);
  const ownerType = matching(owner.type, ACCOUNT);
  return {
    id: body.id as number,
    slug,
    name:
      typeof body.name === 'string' ? body.name.replace(/\p{Cc}+/gu, ' ').slice(0, MOST_CHARACTERS) : slug,
    ...(clientId === undefined ? {} : { clientId }),
    owner: matching(owner.login, ACCOUNT) ?? matching(owner.slug, ACCOUNT) ?? '',
    ...(ownerType === undefined ? {} : { ownerType }),
    permissions: permissionsOf(body.permissions),
    htmlUrl,
  };
};

/**
 * Asks GitHub which App the JWT is of.
 *
 * @throws {KmError} what sending throws, or `ErrGitHubUnexpectedAnswer`.
 * @see https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app
 */
export const getApp = async (app: GitHubApp, { deadline }: GetAppOptions): Promise<AppDetails> => {
  const response = await app.send({ method: 'GET', path: '/app', deadline });
  if (response.status !== 200) throw unexpectedAnswer(`${response.message} for GET /app`);
  return readAppDetails(response.body);
};

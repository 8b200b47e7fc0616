import {
  PERMISSION_LEVELS,
  type PermissionLevel,
  type PermissionName,
  type Permissions,
} from '../github/permissions.ts';
import { SANDBOX_ID } from './names.ts';
import { type EventFields, exactly, isObject, type Reader, readEvent, shown } from './read-event.ts';

/** What one refresh is about: the schedule's input, and what the stack and the retry queue carry. */
export interface RefreshEvent {
  readonly sandbox_id: string;
  /** `owner/repo`, `owner/*` or `*`; never empty, since GitHub reads an absent field as 'everything'. */
  readonly allowed_repos: readonly string[];
  /** Never empty, for the same reason. */
  readonly permissions: Permissions;
  /** Only a hint: the owner's installation is resolved and confirmed on every refresh. */
  readonly installation_id?: number;
  /** Which key encrypts the tokens: the platform's shared one, or when absent the sandbox's own. */
  readonly encryption?: 'shared';
}

/** Asks the refresher whether a scope could be granted, without making a sandbox. */
export interface CheckEvent {
  readonly action: 'check';
  readonly allowed_repos: readonly string[];
  readonly permissions: Permissions;
}

/** `owner/repo`, `owner/*` or `*`, as GitHub names accounts (also managed users, `login_shortcode`) and repositories. */
export const ALLOWED_REPO =
  /^(?:\*|[A-Za-z0-9][A-Za-z0-9_-]{0,38}\/(?:\*|(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}))$/i;

/** Past this, the event could not come from a profile: no stack carries as many. */
const MOST_REPOS = 4_000;

/** Each owner is a token, minted beside the others: GitHub lets an App mint about 180 a minute. */
const MOST_OWNERS = 50;

/** Reads a sandbox id. */
export const sandboxId: Reader<string> = (value, complain) => {
  if (typeof value === 'string' && SANDBOX_ID.test(value)) return value;
  complain(`must be a sandbox id such as sb-1234abcd, not ${shown(value)}`);
  return undefined;
};

const allowedRepos: Reader<readonly string[]> = (value, complain) => {
  if (!Array.isArray(value)) {
    complain(`must list the allowed repositories, not ${shown(value)}`);
    return undefined;
  }
  if (value.length === 0) complain('must not be empty: GitHub would read that as every repository');
  if (value.length > MOST_REPOS) complain(`must not name more than ${MOST_REPOS} repositories`);
  value.forEach((repo, index) => {
    if (typeof repo === 'string' && ALLOWED_REPO.test(repo)) return;
    complain(`must be owner/repo, owner/* or '*', not ${shown(repo)}`, `[${index}]`);
  });
  const owners = new Set(value.map((repo) => String(repo).toLowerCase().split('/', 1)[0])).size;
  if (owners > MOST_OWNERS) complain(`must not name more than ${MOST_OWNERS} owners, not ${owners}`);
  return [...value];
};

const permissions: Reader<Permissions> = (value, complain) => {
  if (!isObject(value)) {
    complain(`must map permissions to read or write, not ${shown(value)}`);
    return undefined;
  }
  const read: { [name in PermissionName]?: PermissionLevel } = {};
  for (const [name, level] of Object.entries(value)) {
    const levels: readonly string[] | undefined = Object.hasOwn(PERMISSION_LEVELS, name)
      ? PERMISSION_LEVELS[name as PermissionName]
      : undefined;
    if (levels === undefined) complain(`holds unknown ${shown(name)}`);
    else if (!levels.includes(level as string))
      complain(`must be ${levels.join(' or ')}, not ${shown(level)}`, `.${name}`);
    else read[name as PermissionName] = level as PermissionLevel;
  }
  if (Object.keys(value).length === 0)
    complain('must not be empty: GitHub would read that as every permission');
  return read;
};

const installationId: Reader<number> = (value, complain) => {
  const id = typeof value === 'string' && /^[1-9][0-9]{0,14}$/.test(value) ? Number(value) : value;
  if (Number.isSafeInteger(id) && (id as number) > 0) return id as number;
  complain(`must be an installation id, not ${shown(value)}`);
  return undefined;
};

const REMEDY = 'Create the sandbox again with km create, which writes the event itself.';

const REFRESH_EVENT: EventFields<RefreshEvent> = {
  sandbox_id: { read: sandboxId },
  allowed_repos: { read: allowedRepos },
  permissions: { read: permissions },
  installation_id: { read: installationId, optional: true },
  encryption: { read: exactly('shared'), optional: true },
};

const CHECK_EVENT: EventFields<CheckEvent> = {
  action: { read: exactly('check') },
  allowed_repos: { read: allowedRepos },
  permissions: { read: permissions },
};

/**
 * Reads a refresh event, as the schedule, the stack or a direct invocation brings it. Unknown fields are refused.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`, naming every bad field and its value.
 */
export const parseRefreshEvent = (value: unknown): RefreshEvent =>
  readEvent(value, REFRESH_EVENT, { name: 'refresh event', remedy: REMEDY });

/**
 * Reads a check event. Unknown fields are refused.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`, naming every bad field and its value.
 */
export const parseCheckEvent = (value: unknown): CheckEvent =>
  readEvent(value, CHECK_EVENT, { name: 'check event', remedy: REMEDY });

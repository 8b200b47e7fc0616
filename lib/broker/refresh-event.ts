import { KmError } from '../errors.ts';
import {
  PERMISSION_LEVELS,
  type PermissionLevel,
  type PermissionName,
  type Permissions,
} from '../github/permissions.ts';
import { SANDBOX_ID } from './names.ts';

/** What one refresh is about: the schedule's input, and what the stack and the retry queue carry. */
export interface RefreshEvent {
  readonly sandbox_id: string;
  /** `owner/repo`, `owner/*` or `*`; never empty, since GitHub reads an absent field as 'everything'. */
  readonly allowed_repos: readonly string[];
  /** Never empty, for the same reason. */
  readonly permissions: Permissions;
  /** Only a hint: the owner's installation is resolved and confirmed on every refresh. */
  readonly installation_id?: number;
}

/** Asks the refresher whether a scope could be granted, without making a sandbox. */
export interface CheckEvent {
  readonly action: 'check';
  readonly allowed_repos: readonly string[];
  readonly permissions: Permissions;
}

/** `owner/repo`, `owner/*` or `*`, as GitHub names accounts (also managed users, `login_shortcode`) and repositories. */
const ALLOWED_REPO =
  /^(?:\*|[A-Za-z0-9][A-Za-z0-9_-]{0,38}\/(?:\*|(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}))$/i;

/** Past this, the event could not come from a profile: no stack carries as many. */
const MOST_REPOS = 4_000;

/** Each owner is a token, minted beside the others: GitHub lets an App mint about 180 a minute. */
const MOST_OWNERS = 50;

const FIRST_CHARACTERS = 60;
const MOST_COMPLAINTS = 10;

/** The offending value, short and on one line. An event holds no secret, but may hold anything a caller put there. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > FIRST_CHARACTERS ? `${text.slice(0, FIRST_CHARACTERS)}…` : text;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads one field: takes the value down, or complains about it. Absent fields do not come here. */
type Reader<T> = (value: unknown, complain: (message: string, at?: string) => void) => T | undefined;

/** A reader for each field of an event. */
type Fields<T> = {
  readonly [name in keyof T]-?: { readonly read: Reader<T[name]>; readonly optional?: true };
};

const sandboxId: Reader<string> = (value, complain) => {
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

const check: Reader<'check'> = (value, complain) => {
  if (value === 'check') return value;
  complain(`must be "check", not ${shown(value)}`);
  return undefined;
};

const REFRESH_EVENT: Fields<RefreshEvent> = {
  sandbox_id: { read: sandboxId },
  allowed_repos: { read: allowedRepos },
  permissions: { read: permissions },
  installation_id: { read: installationId, optional: true },
};

const CHECK_EVENT: Fields<CheckEvent> = {
  action: { read: check },
  allowed_repos: { read: allowedRepos },
  permissions: { read: permissions },
};

const parse = <T>(value: unknown, fields: Fields<T>, what: string): T => {
  const complaints: string[] = [];
  const read: Partial<Record<keyof T, unknown>> = {};
  if (isObject(value)) {
    for (const name of Object.keys(fields) as (keyof T & string)[]) {
      const field = fields[name];
      const given = Object.hasOwn(value, name) ? value[name] : undefined;
      if (given !== undefined)
        read[name] = field.read(given, (text, at = '') => complaints.push(`${name}${at} ${text}`));
      else if (!field.optional) complaints.push(`${name} is missing`);
    }
    const unknown = Object.keys(value).filter((name) => !Object.hasOwn(fields, name));
    if (unknown.length > 0) complaints.push(`unknown ${unknown.map(shown).join(', ')}`);
  } else {
    complaints.push(`must be an object, not ${shown(value)}`);
  }
  if (complaints.length === 0) return read as T;
  throw new KmError(
    'ErrRefreshEventInvalid',
    `Invalid ${what}: ${complaints.slice(0, MOST_COMPLAINTS).join('; ')}`,
    {
      remedy: 'Create the sandbox again with km create, which writes the event itself.',
    },
  );
};

/**
 * Reads a refresh event, as the schedule, the stack or a direct invocation brings it. Unknown fields are refused.
 *
 * Written out, since a schema library would be a tenth of the refresher's start (docs/benchmarks.md).
 *
 * @throws {KmError} `ErrRefreshEventInvalid`, naming every bad field and its value.
 */
export const parseRefreshEvent = (value: unknown): RefreshEvent =>
  parse(value, REFRESH_EVENT, 'refresh event');

/**
 * Reads a check event. Unknown fields are refused.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`, naming every bad field and its value.
 */
export const parseCheckEvent = (value: unknown): CheckEvent => parse(value, CHECK_EVENT, 'check event');

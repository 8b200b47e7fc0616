import * as z from 'zod/mini';
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

/** Past this, the event could not come from a profile: 500 names an owner is GitHub's limit, 8 owners a generous one. */
const MOST_REPOS = 4_000;

const sandboxId = z
  .string('must be text')
  .check(z.regex(SANDBOX_ID, 'must be a sandbox id such as sb-1234abcd'));

const allowedRepos = z
  .array(
    z.string('must be text').check(z.regex(ALLOWED_REPO, "must be owner/repo, owner/* or '*'")),
    'must list the allowed repositories',
  )
  .check(
    z.minLength(1, 'must not be empty: GitHub would read that as every repository'),
    z.maxLength(MOST_REPOS, `must not name more than ${MOST_REPOS} repositories`),
  );

const levelsOf = (name: PermissionName) => {
  const levels: readonly PermissionLevel[] = PERMISSION_LEVELS[name];
  return z.optional(z.enum(levels, `must be ${levels.join(' or ')}`));
};

const permissions = z
  .strictObject(
    {
      contents: levelsOf('contents'),
      metadata: levelsOf('metadata'),
      issues: levelsOf('issues'),
      pull_requests: levelsOf('pull_requests'),
      checks: levelsOf('checks'),
      workflows: levelsOf('workflows'),
      actions: levelsOf('actions'),
    } satisfies Record<PermissionName, unknown>,
    {
      error: (issue) => (issue.code === 'invalid_type' ? 'must map permissions to read or write' : undefined),
    },
  )
  .check(
    z.refine((value) => Object.values(value).some((level) => level !== undefined), {
      error: 'must not be empty: GitHub would read that as every permission',
      when: (payload) => payload.issues.length === 0,
    }),
  );

const NOT_AN_ID = 'must be an installation id';

const installationId = z.union(
  [
    z.number().check(z.int(NOT_AN_ID), z.positive(NOT_AN_ID)),
    z.pipe(
      z.string().check(z.regex(/^[1-9][0-9]{0,14}$/, NOT_AN_ID)),
      z.transform((text) => Number(text)),
    ),
  ],
  NOT_AN_ID,
);

/** The refresh event's schema; unknown keys are refused. */
export const refreshEventSchema = z.strictObject({
  sandbox_id: sandboxId,
  allowed_repos: allowedRepos,
  permissions,
  installation_id: z.optional(installationId),
});

/** The check event's schema; unknown keys are refused. */
export const checkEventSchema = z.strictObject({
  action: z.literal('check'),
  allowed_repos: allowedRepos,
  permissions,
});

const FIRST_WORDS = 60;

/** The offending value, short and on one line. An event holds no secret, but may hold anything a caller put there. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > FIRST_WORDS ? `${text.slice(0, FIRST_WORDS)}…` : text;
};

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');

const complaint = (issue: z.core.$ZodIssue, value: unknown): string => {
  const where = pathText(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return `${where === '' ? '' : `${where}: `}unknown ${issue.keys.map((key) => shown(key)).join(', ')}`;
  }
  const found = valueAt(value, issue.path);
  if (where === '') return `must be an object, not ${shown(found)}`;
  return found === undefined ? `${where} is missing` : `${where} ${issue.message}, not ${shown(found)}`;
};

const parsed = <T>(schema: z.ZodMiniType<T>, value: unknown, what: string): T => {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const complaints = result.error.issues.slice(0, 10).map((issue) => complaint(issue, value));
  throw new KmError('ErrRefreshEventInvalid', `Invalid ${what}: ${complaints.join('; ')}`, {
    remedy: 'Create the sandbox again with km create, which writes the event itself.',
  });
};

/**
 * Reads a refresh event, as the schedule, the stack or a direct invocation brings it.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`, naming every bad field and its value.
 */
export const parseRefreshEvent = (value: unknown): RefreshEvent => {
  const { installation_id, ...rest } = parsed(refreshEventSchema, value, 'refresh event');
  return { ...rest, ...(installation_id === undefined ? {} : { installation_id }) } as RefreshEvent;
};

/**
 * Reads a check event.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`, naming every bad field and its value.
 */
export const parseCheckEvent = (value: unknown): CheckEvent =>
  parsed(checkEventSchema, value, 'check event') as CheckEvent;

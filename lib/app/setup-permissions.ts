import { PERMISSION_LEVELS, type PermissionName, type Permissions } from '../github/permissions.ts';

/** Why km asks for one permission of the App. */
export interface PermissionPurpose {
  readonly permission: PermissionName;
  /** The widest level that km asks for. */
  readonly level: 'read' | 'write';
  /** Asked of every App of km's, not only with `--permissions`. */
  readonly always: boolean;
  /** The verbs of a profile that need it; none for what GitHub itself asks for. */
  readonly verbs: readonly string[];
  /** What needs it, as a sentence's end: `to clone, fetch and push`. */
  readonly needed: string;
  /** What breaks without it. */
  readonly without: string;
}

const refusedAtCreate = (verb: string): string =>
  `km create refuses a profile that lists \`${verb}\` (ErrGitHubPermissionNotGranted), before anything is made.`;

/** Every permission that km knows, those of every App first. */
export const PERMISSION_PURPOSES: readonly PermissionPurpose[] = [
  {
    permission: 'contents',
    level: 'write',
    always: true,
    verbs: ['clone', 'fetch', 'push'],
    needed: 'so that git can clone and fetch (read) and push (write)',
    without:
      'No sandbox can clone. With read alone, km create refuses a profile that lists `push` (ErrGitHubPermissionNotGranted).',
  },
  {
    permission: 'metadata',
    level: 'read',
    always: true,
    verbs: [],
    needed: 'because GitHub asks it of every App; km tries each fresh token with it',
    without: 'GitHub registers no App without it.',
  },
  {
    permission: 'issues',
    level: 'write',
    always: false,
    verbs: ['comment'],
    needed: 'so that a sandbox can comment on issues and pull requests',
    without: refusedAtCreate('comment'),
  },
  {
    permission: 'pull_requests',
    level: 'write',
    always: false,
    verbs: ['review'],
    needed: 'so that a sandbox can open and review pull requests',
    without: refusedAtCreate('review'),
  },
  {
    permission: 'checks',
    level: 'write',
    always: false,
    verbs: ['checks'],
    needed: 'so that a sandbox can report check runs on a commit',
    without: refusedAtCreate('checks'),
  },
  {
    permission: 'workflows',
    level: 'write',
    always: false,
    verbs: ['workflow'],
    needed: 'so that a push may change files in .github/workflows',
    without: `${refusedAtCreate('workflow')} GitHub refuses a push that touches a workflow file, whatever contents allows.`,
  },
  {
    permission: 'actions',
    level: 'write',
    always: false,
    verbs: ['actions'],
    needed: 'so that a sandbox can start, rerun and cancel workflow runs, and read their logs',
    without: refusedAtCreate('actions'),
  },
];

/** What every App of km's has. */
export const BASE_PERMISSIONS: Permissions = { contents: 'write', metadata: 'read' };

/** The base and what is asked for beyond it; `write` covers `read`. In the order of {@link PERMISSION_PURPOSES}. */
export const appPermissions = (more: Permissions): Permissions =>
  Object.fromEntries(
    PERMISSION_PURPOSES.flatMap(({ permission }) => {
      const level = BASE_PERMISSIONS[permission] ?? more[permission];
      return level === undefined ? [] : [[permission, level]];
    }),
  );

/** Whether a word names a permission that km knows. */
export const isPermissionName = (word: string): word is PermissionName =>
  Object.hasOwn(PERMISSION_LEVELS, word);

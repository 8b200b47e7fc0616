/**
 * The App permissions that a sandbox's token may carry, each with the widest level that km asks for.
 * Closed on purpose: no event, however made, can ask for `administration`, `secrets` or the like.
 *
 * @see https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
 */
export const PERMISSION_LEVELS = {
  contents: ['read', 'write'],
  metadata: ['read'],
  issues: ['read', 'write'],
  pull_requests: ['read', 'write'],
  checks: ['read', 'write'],
  workflows: ['write'],
  actions: ['read', 'write'],
} as const satisfies Record<string, readonly ('read' | 'write')[]>;

export type PermissionName = keyof typeof PERMISSION_LEVELS;
export type PermissionLevel = 'read' | 'write';
export type Permissions = { readonly [name in PermissionName]?: PermissionLevel };

const RANK: Readonly<Record<string, number>> = { read: 1, write: 2, admin: 3 };

/** Whether a granted level (`read`, `write`, `admin`, or nothing) covers the asked one. An unknown level covers nothing. */
export const coversLevel = (granted: string | undefined, asked: string): boolean =>
  (RANK[granted ?? ''] ?? 0) >= (RANK[asked] ?? Number.POSITIVE_INFINITY);

/** One permission whose level is not the one that is wanted. */
export interface PermissionDifference {
  readonly name: string;
  /** Absent when it is not granted at all. */
  readonly granted?: string;
  /** Absent when it is not wanted at all. */
  readonly wanted?: string;
}

export interface PermissionDifferences {
  /** Wanted and not granted, or granted with a lower level. */
  readonly missing: readonly PermissionDifference[];
  /** Granted and not wanted, or wanted with a lower level. */
  readonly surplus: readonly PermissionDifference[];
}

const differenceOf = (name: string, granted?: string, wanted?: string): PermissionDifference => ({
  name,
  ...(granted === undefined ? {} : { granted }),
  ...(wanted === undefined ? {} : { wanted }),
});

/**
 * How what is granted differs from what is wanted, each a permission name to a level: the App's permissions from what
 * profiles need, an installation's from what the App asks for. `metadata: read`, which GitHub always adds, never counts.
 */
export const permissionDifferences = (
  granted: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): PermissionDifferences => {
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(granted)])]
    .filter((name) => name !== 'metadata')
    .sort();
  const missing = names.filter((name) => {
    const level = wanted[name];
    return level !== undefined && !coversLevel(granted[name], level);
  });
  const surplus = names.filter((name) => {
    const level = granted[name];
    return level !== undefined && !coversLevel(wanted[name], level);
  });
  const toDifference = (name: string) => differenceOf(name, granted[name], wanted[name]);
  return { missing: missing.map(toDifference), surplus: surplus.map(toDifference) };
};

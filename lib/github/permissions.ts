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

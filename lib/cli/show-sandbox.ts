import type { Health, ListedSandbox } from '../sandbox/list-sandboxes.ts';

/** Green for what works, yellow for what will not for long, red for what does not. */
export function healthStyle(health: Health): 'green' | 'yellow' | 'red' | 'dim' {
  if (health === 'healthy') return 'green';
  if (health === 'no-github' || health === 'paused') return 'dim';
  return health === 'stale' || health === 'failing' || health === 'creating' || health === 'deleting'
    ? 'yellow'
    : 'red';
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A sandbox as `--json` shows it; docs/json.md documents the fields. `now` in milliseconds since the epoch. */
export function sandboxJson(sandbox: ListedSandbox, now: number): Record<string, unknown> {
  const { event, expiresAt, createdAt, guard, refreshStart: _refreshStart, ...rest } = sandbox;
  return {
    ...rest,
    createdAt: iso(createdAt),
    expiresAt: expiresAt === undefined ? null : iso(expiresAt),
    ttlSecondsLeft: expiresAt === undefined ? null : Math.max(0, Math.round((expiresAt - now) / 1000)),
    allowedRepos: event?.allowed_repos ?? [],
    permissions: event?.permissions ?? {},
    guard,
  };
}

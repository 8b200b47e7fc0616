import { ownerScopes } from '../broker/owner-scopes.ts';
import { REFRESH_MISSED_MS } from '../broker/refresh-period.ts';
import type { SandboxContext } from './context.ts';
import { allSandboxes } from './find-sandbox.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import { type TokenMetadata, tokenMetadata } from './token-metadata.ts';

/**
 * `healthy`: every token works. `stale`: a refresh was missed, tokens still work. `failing`: tokens still work, and one
 * cannot be renewed until something is changed. `expired`: a token has run out. `no-token`: one is missing. `paused`: it
 * is to have none. `no-github`: the profile asks for none. Else what the stack is doing.
 */
export type Health =
  | 'healthy'
  | 'stale'
  | 'failing'
  | 'expired'
  | 'no-token'
  | 'paused'
  | 'no-github'
  | 'creating'
  | 'deleting'
  | 'failed';

export interface ListedSandbox extends SandboxRecord {
  readonly owners: readonly string[];
  readonly tokens: readonly TokenMetadata[];
  readonly health: Health;
}

/** Every sandbox with its tokens' age and health: a page of stacks and a page of parameters at a time, none a sandbox. */
export async function listSandboxes(context: SandboxContext): Promise<readonly ListedSandbox[]> {
  const [sandboxes, tokens, now] = await Promise.all([
    allSandboxes(context),
    tokenMetadata(context),
    context.now(),
  ]);
  return sandboxes.map((sandbox) => withHealth(sandbox, tokens.get(sandbox.id) ?? [], now));
}

/** Joins a sandbox with its tokens and judges them at `now`, in milliseconds since the epoch. */
export function withHealth(
  sandbox: SandboxRecord,
  tokens: readonly TokenMetadata[],
  now: number,
): ListedSandbox {
  const owners = ownersOf(sandbox);
  return { ...sandbox, owners, tokens, health: healthOf(sandbox, owners, tokens, now) };
}

/** The accounts that a sandbox may have tokens for: in lower case, or `*`. */
export const ownersOf = ({ event }: SandboxRecord): readonly string[] =>
  ownerScopes(event?.allowed_repos ?? []).map(({ owner }) => owner);

function healthOf(
  sandbox: SandboxRecord,
  owners: readonly string[],
  tokens: readonly TokenMetadata[],
  now: number,
): Health {
  const { stackStatus } = sandbox;
  if (/^DELETE_IN_PROGRESS/.test(stackStatus)) return 'deleting';
  if (/^(CREATE|REVIEW)_IN_PROGRESS/.test(stackStatus)) return 'creating';
  if (sandbox.unreadable || /FAILED|^ROLLBACK/.test(stackStatus)) return 'failed';
  if (owners.length === 0) return 'no-github';
  if (sandbox.paused) return 'paused';
  if (tokens.length < owners.length) return 'no-token';
  if (tokens.some(({ expiresAt }) => Date.parse(expiresAt) <= now)) return 'expired';
  if (tokens.some(({ failure }) => failure !== undefined)) return 'failing';
  if (tokens.some(({ mintedAt }) => now - Date.parse(mintedAt) > REFRESH_MISSED_MS)) return 'stale';
  return 'healthy';
}

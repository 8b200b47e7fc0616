import { Secret } from '../secret.ts';
import { unexpectedAnswer } from './errors.ts';
import type { MintedToken } from './mint-token.ts';
import { coversLevel, type Permissions } from './permissions.ts';
import type { GitHubResponse } from './request.ts';
import { isCredentialShaped } from './token-shape.ts';

export interface AskedToken {
  readonly owner: string;
  readonly repositories: readonly string[] | 'all';
  readonly permissions: Permissions;
  /** The time to take when the answer has no `Date`, in milliseconds since the epoch. */
  readonly nowMs: number;
}

interface MintBody {
  readonly token?: unknown;
  readonly expires_at?: unknown;
  readonly permissions?: unknown;
  readonly repositories?: unknown;
}

/** A name from an answer that is being refused, fit for a message. */
const shown = (name: string): string => name.replace(/[^\w./-]+/g, '?').slice(0, 150);

const grantedPermissions = (body: MintBody, asked: AskedToken): Record<string, string> => {
  const { permissions } = body;
  if (typeof permissions !== 'object' || permissions === null)
    throw unexpectedAnswer('a token without permissions');
  const granted = permissions as Record<string, string>;
  for (const [name, level] of Object.entries(granted)) {
    // GitHub adds metadata: read to every token.
    const wanted = asked.permissions[name as keyof Permissions] ?? (name === 'metadata' ? 'read' : undefined);
    if (wanted === undefined || !coversLevel(wanted, level)) {
      throw unexpectedAnswer(
        `a token for '${asked.owner}' with ${shown(name)}: ${shown(String(level))}, which was not asked for`,
      );
    }
  }
  for (const [name, level] of Object.entries(asked.permissions)) {
    if (!coversLevel(granted[name], level)) {
      throw unexpectedAnswer(`a token for '${asked.owner}' without ${name}: ${level}`);
    }
  }
  return { ...granted };
};

const fullNameOf = (repository: unknown): string => {
  const name = (repository as { full_name?: unknown } | null)?.full_name;
  return typeof name === 'string' ? name.toLowerCase() : '';
};

const reachedRepositories = (body: MintBody, asked: AskedToken): readonly string[] | 'all' => {
  if (asked.repositories === 'all') return 'all';
  if (!Array.isArray(body.repositories))
    throw unexpectedAnswer(`a token for '${asked.owner}' without its repositories`);
  const reached = new Set(body.repositories.map(fullNameOf));
  const wanted = new Set(asked.repositories.map((name) => `${asked.owner}/${name}`.toLowerCase()));
  const surplus = [...reached].filter((name) => !wanted.has(name));
  if (surplus.length > 0) {
    throw unexpectedAnswer(
      `a token for '${asked.owner}' that reaches '${shown(surplus[0] ?? '')}', which was not asked for`,
    );
  }
  if (reached.size !== wanted.size)
    throw unexpectedAnswer(`a token for '${asked.owner}' that misses a repository`);
  return asked.repositories;
};

/**
 * Reads a 201 answer to a mint, and holds it against what was asked: no other repository, no other permission.
 *
 * @throws {KmError} `ErrGitHubUnexpectedAnswer`, never with the token in it.
 */
export const readMintedToken = (response: GitHubResponse, asked: AskedToken): MintedToken => {
  const body: MintBody = typeof response.body === 'object' && response.body !== null ? response.body : {};
  if (!isCredentialShaped(body.token)) throw unexpectedAnswer(`no usable token for '${asked.owner}'`);
  const mintedAt = response.date ?? asked.nowMs;
  const expiresAt = typeof body.expires_at === 'string' ? Date.parse(body.expires_at) : Number.NaN;
  if (!(expiresAt > mintedAt))
    throw unexpectedAnswer(`a token for '${asked.owner}' without a time of expiry ahead`);
  return {
    token: new Secret(body.token),
    mintedAt,
    expiresAt,
    permissions: grantedPermissions(body, asked),
    repositories: reachedRepositories(body, asked),
  };
};

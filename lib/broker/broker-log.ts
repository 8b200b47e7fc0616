import { createHash } from 'node:crypto';
import { type ErrorCode, isKmError, KmError } from '../errors.ts';
import type { Secret } from '../secret.ts';

/** One line of the refresher's log. It has no field that could hold a token or a key. */
export type BrokerLogEntry =
  | {
      readonly event: 'token_generated';
      /** `null` for a check before there is a sandbox. */
      readonly sandbox_id: string | null;
      readonly owner: string;
      readonly repos: readonly string[] | 'all';
      readonly permissions: Readonly<Record<string, string>>;
      /** ISO 8601. */
      readonly expires_at: string;
      readonly token_sha256: string;
    }
  | {
      readonly event: 'token_generation_failed';
      readonly sandbox_id: string | null;
      readonly owner: string;
      readonly repos: readonly string[] | 'all';
      readonly permissions: Readonly<Record<string, string>>;
      readonly code: ErrorCode;
      readonly message: string;
      readonly remedy?: string;
    }
  | {
      /** A newer token was there, and stands; or this one's scope is no longer the sandbox's, and it was revoked. */
      readonly event: 'refresh_overtaken';
      readonly sandbox_id: string;
      readonly owner: string;
      readonly reason: 'newer' | 'scope';
      readonly token_sha256: string;
      readonly standing_token_sha256: string;
    }
  | {
      /** The sandbox has no such parameter: it is paused, revoked or destroyed. Nothing is left of the refresh. */
      readonly event: 'refresh_refused';
      readonly sandbox_id: string;
      readonly owner: string;
      readonly parameter: string;
    }
  | {
      /** Written once for each new reason: until it changes, this token is not refreshed. */
      readonly event: 'permanent_failure';
      readonly sandbox_id: string;
      readonly owner: string;
      readonly parameter: string;
      readonly code: ErrorCode;
    }
  | {
      readonly event: 'token_revoked';
      readonly sandbox_id: string | null;
      /** Why: `destroyed`, `paused`, `killed` (the action), `dropped` (owner or scope no longer allowed), `unpublished`, `checked`. */
      readonly reason: RevokeReason;
      readonly result: 'revoked' | 'dead' | 'suspended';
      readonly token_sha256: string;
    }
  | {
      readonly event: 'token_revocation_failed';
      readonly sandbox_id: string | null;
      readonly reason: RevokeReason;
      readonly code: ErrorCode;
      readonly message: string;
      readonly token_sha256: string;
    };

export type RevokeReason = 'destroyed' | 'paused' | 'killed' | 'dropped' | 'unpublished' | 'checked';

export type BrokerLog = (entry: BrokerLogEntry) => void;

/** SHA-256 of a token in hex: names it in a log without being it. */
export const tokenSha256 = (token: Secret): string =>
  createHash('sha256').update(token.reveal()).digest('hex');

const placeOf = (error: unknown): string => {
  const frame =
    error instanceof Error ? error.stack?.split('\n').find((line) => /^\s+at /.test(line)) : undefined;
  return frame === undefined ? '' : ` ${frame.trim().slice(0, 200)}`;
};

/** Any error as one of km's. Of what was not foreseen it tells kind and place only, since its message could hold anything. */
export const asKmError = (error: unknown): KmError => {
  if (isKmError(error)) return error;
  const kind = error instanceof Error ? error.name : typeof error;
  return new KmError('ErrInternal', `Unforeseen ${kind}${placeOf(error)}`);
};

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
    }
  | {
      readonly event: 'token_revoked';
      readonly sandbox_id: string | null;
      /** Why: `destroyed`, `dropped` (owner or scope no longer allowed), `unpublished`, `checked`. */
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

export type RevokeReason = 'destroyed' | 'dropped' | 'unpublished' | 'checked';

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

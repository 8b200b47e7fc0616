import { revokeToken } from '../github/revoke-token.ts';
import type { Broker } from './broker.ts';
import { asKmError, type RevokeReason } from './broker-log.ts';
import type { IssuedToken } from './issue-token.ts';

export interface DiscardTokenOptions {
  readonly sandboxId: string | null;
  readonly reason: RevokeReason;
}

/** Time for revoking what must not stay, also when the caller's own is used up. */
const PATIENCE_MS = 2_000;

/** Revokes a token that nobody is to have, and logs how that went. Never throws: the reason to discard it comes first. */
export const discardToken = async (
  broker: Broker,
  issued: IssuedToken,
  { sandboxId, reason }: DiscardTokenOptions,
): Promise<void> => {
  const base = { sandbox_id: sandboxId, reason, token_sha256: issued.sha256 } as const;
  try {
    const result = await revokeToken(issued.app.transport, {
      token: issued.token,
      deadline: broker.now() + PATIENCE_MS,
    });
    broker.log({ event: 'token_revoked', ...base, result });
  } catch (error) {
    const { code, message } = asKmError(error);
    broker.log({ event: 'token_revocation_failed', ...base, code, message });
  }
};

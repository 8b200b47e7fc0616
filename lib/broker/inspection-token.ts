import type { GitHubApp } from '../github/app.ts';
import { type MintedToken, type MintTokenOptions, mintToken } from '../github/mint-token.ts';
import { revokeToken } from '../github/revoke-token.ts';
import type { Secret } from '../secret.ts';
import type { Broker } from './broker.ts';
import { asKmError, tokenSha256 } from './broker-log.ts';

/** Mints a token that nobody is to have, and logs it. Whoever mints it revokes it. Throws what `mintToken` throws. */
export const mintInspectionToken = async (
  broker: Broker,
  app: GitHubApp,
  options: MintTokenOptions,
): Promise<MintedToken> => {
  const minted = await mintToken(app, options);
  broker.log({
    event: 'token_generated',
    sandbox_id: null,
    owner: options.installation.account.toLowerCase(),
    repos: minted.repositories,
    permissions: minted.permissions,
    expires_at: new Date(minted.expiresAt).toISOString(),
    token_sha256: tokenSha256(minted.token),
  });
  return minted;
};

/** Time for revoking, also when the caller's own is used up. */
const PATIENCE_MS = 2_000;

/** Revokes such a token, and logs how that went. Throws what `revokeToken` throws. */
export const revokeInspectionToken = async (
  broker: Broker,
  app: GitHubApp,
  token: Secret,
  { deadline }: { readonly deadline: number },
): Promise<'revoked' | 'dead' | 'suspended'> => {
  const base = { sandbox_id: null, reason: 'checked', token_sha256: tokenSha256(token) } as const;
  try {
    const result = await revokeToken(app.transport, {
      token,
      deadline: Math.max(deadline, broker.now() + PATIENCE_MS),
    });
    broker.log({ event: 'token_revoked', ...base, result });
    return result;
  } catch (thrown) {
    const { code, message } = asKmError(thrown);
    broker.log({ event: 'token_revocation_failed', ...base, code, message });
    throw thrown;
  }
};

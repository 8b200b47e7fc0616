import { KmError } from '../errors.ts';
import { unavailable } from '../github/errors.ts';
import { verifyToken } from '../github/verify-token.ts';
import type { Broker } from './broker.ts';
import { tokenSha256 } from './broker-log.ts';
import { isByStack, isDestroyed, isMark } from './destroyed-mark.ts';
import { discardToken } from './discard-token.ts';
import type { IssuedToken } from './issue-token.ts';
import type { OwnerScope } from './owner-scopes.ts';
import type { TokenToWrite } from './parameter-store.ts';
import type { RefreshEvent } from './refresh-event.ts';
import { revokeParameters } from './revoke.ts';
import { type SettledToken, settleToken } from './settle-token.ts';
import { readTokenDescription, tokenDescription } from './token-description.ts';
import { tokenKeyAlias } from './token-key.ts';
import { tokenScope } from './token-scope.ts';
import { writeToken } from './write-token.ts';

export interface PublishOptions {
  readonly scope: OwnerScope;
  readonly parameter: string;
  /** Milliseconds since the epoch; when it is past, nothing more is begun. */
  readonly deadline: number;
  /** See `RefreshOptions`. */
  readonly onlyExisting: boolean;
}

/** A token that a sandbox can read now. */
export interface PublishedToken {
  readonly owner: string;
  readonly parameter: string;
  readonly repositories: readonly string[] | 'all';
  readonly permissions: Readonly<Record<string, string>>;
  /** ISO 8601, by GitHub's clock. */
  readonly minted_at: string;
  /** ISO 8601. */
  readonly expires_at: string;
  readonly token_sha256: string;
}

const gone = (id: string, parameter: string): KmError =>
  new KmError('ErrSandboxNotFound', `Sandbox ${id} is paused or gone: there is no ${parameter} any more`, {
    remedy: `Run km resume ${id} if it is paused, and else create a new one with km create.`,
  });

const writeAndSettle = async (
  broker: Broker,
  event: RefreshEvent,
  issued: IssuedToken,
  options: PublishOptions,
): Promise<SettledToken> => {
  const { owner, repositories, permissions, token } = issued;
  const { scope, parameter, deadline, onlyExisting } = options;
  const how = { deadline, keyIsOld: onlyExisting };
  let write: TokenToWrite;
  let version: number;
  try {
    await broker.metrics.timed('verify', () => verifyToken(issued.app.transport, { token, owner, deadline }));
    // A stack that was told of a failure must not get a token afterwards, when Lambda thaws the process.
    if (broker.now() >= deadline) throw unavailable('the time for this refresh is used up');
    const description = tokenDescription({
      mintedAt: new Date(issued.mintedAt).toISOString(),
      expiresAt: new Date(issued.expiresAt).toISOString(),
      owner,
      repositories,
      permissions,
      scope: tokenScope(scope, event.permissions),
      ...(onlyExisting ? {} : { byStack: true }),
    });
    const written = { name: parameter, token, keyId: tokenKeyAlias(broker.names, event), description };
    version = await broker.metrics.timed('write', () => writeToken(broker, written, how));
    write = written;
  } catch (error) {
    await discardToken(broker, issued, { sandboxId: event.sandbox_id, reason: 'unpublished' });
    throw error;
  }
  // From here on a sandbox may have read it.
  return settleToken(broker, write, { ...how, version, mustExist: onlyExisting });
};

/**
 * Gives a sandbox a minted token: proves that it works, writes it, and gives way to a newer one. A token that is not
 * published is revoked at once.
 *
 * @throws {KmError} `ErrSandboxNotFound` when the parameter is not, or no longer, there; what proving and writing throw.
 */
export const publishToken = async (
  broker: Broker,
  event: RefreshEvent,
  issued: IssuedToken,
  options: PublishOptions,
): Promise<PublishedToken> => {
  const { owner, repositories, permissions } = issued;
  const { parameter, deadline } = options;
  const sandboxId = event.sandbox_id;
  const { outcome, written, stale } = await writeAndSettle(broker, event, issued, options);
  if (stale || outcome === 'gone') await discardToken(broker, issued, { sandboxId, reason: 'unpublished' });
  if (outcome === 'gone') {
    const versions = await broker.store.history(parameter, { decrypt: false });
    // Paused before this token was written, and resumed after it: what the stack has made meanwhile stays.
    if (isDestroyed(versions) || !versions.some(isByStack)) {
      await revokeParameters(broker, [parameter], { sandboxId, deadline }).catch(async () => {
        // Marked, it was left for what could not be revoked: repeating that must find it. Else there is this token only.
        if (!versions.some(isMark)) await broker.store.remove([parameter]);
      });
    }
    throw gone(sandboxId, parameter);
  }
  const standing = tokenSha256(written.token);
  if (outcome === 'overtaken') {
    broker.log({
      event: 'refresh_overtaken',
      sandbox_id: sandboxId,
      owner,
      reason: stale ? 'scope' : 'newer',
      token_sha256: issued.sha256,
      standing_token_sha256: standing,
    });
  }
  const described = readTokenDescription(written.description);
  return {
    owner,
    parameter,
    repositories,
    permissions,
    minted_at: described?.mintedAt ?? new Date(issued.mintedAt).toISOString(),
    expires_at: described?.expiresAt ?? new Date(issued.expiresAt).toISOString(),
    token_sha256: standing,
  };
};

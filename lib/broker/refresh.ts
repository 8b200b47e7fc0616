import { KmError } from '../errors.ts';
import { unavailable } from '../github/errors.ts';
import { verifyToken } from '../github/verify-token.ts';
import type { Broker } from './broker.ts';
import { asKmError } from './broker-log.ts';
import { isDestroyed } from './destroyed-mark.ts';
import { discardToken } from './discard-token.ts';
import { type IssuedToken, issueToken } from './issue-token.ts';
import { type OwnerScope, ownerScopes, tokenParameters } from './owner-scopes.ts';
import { type OwnerFailure, refreshError } from './refresh-error.ts';
import type { RefreshEvent } from './refresh-event.ts';
import { revokeParameters } from './revoke.ts';
import { tokenDescription } from './token-description.ts';
import { writeToken } from './write-token.ts';

export interface RefreshOptions {
  /** Milliseconds since the epoch; when it is past, nothing more is begun. */
  readonly deadline: number;
  /** Refuse a parameter that is not there: all but a sandbox's first tokens are for a sandbox that has them. */
  readonly onlyExisting?: boolean;
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
  new KmError('ErrSandboxNotFound', `Sandbox ${id} is gone: there is no ${parameter} any more`, {
    remedy: 'Create a new one with km create.',
  });

const publish = async (
  broker: Broker,
  event: RefreshEvent,
  parameter: string,
  issued: IssuedToken,
  { deadline, onlyExisting }: RefreshOptions,
): Promise<PublishedToken> => {
  const { owner, repositories, permissions, token } = issued;
  const mintedAt = new Date(issued.mintedAt).toISOString();
  const expiresAt = new Date(issued.expiresAt).toISOString();
  let version: number;
  try {
    await verifyToken(issued.app.transport, { token, owner, deadline });
    // A stack that was told of a failure must not get a token afterwards, when Lambda thaws the process.
    if (broker.now() >= deadline) throw unavailable('the time for this refresh is used up');
    const keyId = broker.names.keyAlias(event.sandbox_id);
    const description = tokenDescription({ mintedAt, expiresAt, owner, repositories, permissions });
    version = await writeToken(
      broker,
      { name: parameter, token, keyId, description },
      { deadline, keyIsOld: onlyExisting },
    );
  } catch (error) {
    await discardToken(broker, issued, { sandboxId: event.sandbox_id, reason: 'unpublished' });
    throw error;
  }
  if (
    onlyExisting &&
    (version === 1 || isDestroyed(await broker.store.history(parameter, { decrypt: false })))
  ) {
    await discardToken(broker, issued, { sandboxId: event.sandbox_id, reason: 'unpublished' });
    await revokeParameters(broker, [parameter], { sandboxId: event.sandbox_id, deadline }).catch(() =>
      // Its key is gone too, so that nobody reads what else is in it.
      broker.store.remove([parameter]),
    );
    throw gone(event.sandbox_id, parameter);
  }
  return {
    owner,
    parameter,
    repositories,
    permissions,
    minted_at: mintedAt,
    expires_at: expiresAt,
    token_sha256: issued.sha256,
  };
};

/**
 * Gives a sandbox a fresh token for each of its owners: minted with exactly that owner's scope, proved to work, then
 * written under the sandbox's own key. One owner's failure does not stop the others; at the end every failure is
 * reported. A token that was minted but not published is revoked at once, as is one that `onlyExisting` refuses.
 *
 * IAM: `ssm:GetParameters` (and for `*` `ssm:GetParametersByPath`) on the config path and `kms:Decrypt` with the
 * config key; `ssm:PutParameter`, and as `revoke`, on the sandbox's token parameters and `kms:Encrypt` with the sandbox's key.
 *
 * @throws {KmError} the code that all failed owners share, or `ErrRefreshFailed`; the message has each owner's reason.
 */
export const refresh = async (
  broker: Broker,
  event: RefreshEvent,
  options: RefreshOptions,
): Promise<readonly PublishedToken[]> => {
  const { deadline } = options;
  const scopes = ownerScopes(event.allowed_repos);
  const owners = scopes.map(({ owner }) => owner);
  const parameters = tokenParameters(broker.names, event);
  const failures: OwnerFailure[] = [];

  const refreshOwner = async (scope: OwnerScope): Promise<PublishedToken | undefined> => {
    try {
      const issued = await issueToken(broker, {
        sandboxId: event.sandbox_id,
        scope,
        owners,
        permissions: event.permissions,
        ...(event.installation_id === undefined ? {} : { installationId: event.installation_id }),
        deadline,
      });
      return await publish(broker, event, parameters.get(scope.owner) ?? '', issued, options);
    } catch (thrown) {
      const error = asKmError(thrown);
      failures.push({ owner: scope.owner, error });
      broker.log({
        event: 'token_generation_failed',
        sandbox_id: event.sandbox_id,
        owner: scope.owner,
        repos: scope.repositories,
        permissions: event.permissions as Readonly<Record<string, string>>,
        code: error.code,
        message: error.message,
      });
      return undefined;
    }
  };

  const published = await Promise.all(scopes.map(refreshOwner));
  if (failures.length > 0) throw refreshError(failures, scopes.length);
  return published.filter((token) => token !== undefined);
};

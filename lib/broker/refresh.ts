import type { KmError } from '../errors.ts';
import type { Broker } from './broker.ts';
import { asKmError } from './broker-log.ts';
import { issueToken } from './issue-token.ts';
import { markFailure } from './mark-failure.ts';
import { type OwnerScope, ownerScopes, tokenParameters } from './owner-scopes.ts';
import { isPermanent } from './permanent-failure.ts';
import { type PublishedToken, publishToken } from './publish-token.ts';
import { type OwnerFailure, refreshError } from './refresh-error.ts';
import type { RefreshEvent } from './refresh-event.ts';

export type { PublishedToken } from './publish-token.ts';

export interface RefreshOptions {
  /** Milliseconds since the epoch; when it is past, nothing more is begun. */
  readonly deadline: number;
  /** Refuse a parameter that is not there: all but a sandbox's first tokens are for a sandbox that has them. */
  readonly onlyExisting?: boolean;
  /** The owners whose tokens are refreshed, in lower case; all of the event's by default. */
  readonly owners?: ReadonlySet<string>;
}

/**
 * Gives a sandbox a fresh token for each of its owners: minted with exactly that owner's scope, proved to work, then
 * written under the sandbox's key. One owner's failure does not stop the others; at the end every failure is
 * reported, and one that stays is marked on the owner's parameter. A token that was minted but not published is revoked
 * at once, as is one that `onlyExisting` refuses. May overlap with itself, and arrive twice or late: the newest token stands.
 *
 * IAM: `ssm:GetParameters` (and for `*` `ssm:GetParametersByPath`) on the config path and `kms:Decrypt` with the
 * config key; `ssm:PutParameter`, and as `revoke`, on the sandbox's token parameters and `kms:Encrypt` with their key:
 * the sandbox's own, or with `encryption: shared` the platform's.
 *
 * @throws {KmError} the code that all failed owners share, or `ErrRefreshFailed`; the message has each owner's reason.
 */
export const refresh = async (
  broker: Broker,
  event: RefreshEvent,
  options: RefreshOptions,
): Promise<readonly PublishedToken[]> => {
  const { deadline, onlyExisting = false } = options;
  const all = ownerScopes(event.allowed_repos);
  const owners = all.map(({ owner }) => owner);
  const scopes = all.filter(({ owner }) => options.owners?.has(owner) ?? true);
  const parameters = tokenParameters(broker.names, event);
  const failures: OwnerFailure[] = [];

  const report = async (scope: OwnerScope, parameter: string, error: KmError): Promise<void> => {
    const { owner, repositories } = scope;
    const base = { sandbox_id: event.sandbox_id, owner } as const;
    failures.push({ owner, error });
    if (error.code === 'ErrSandboxNotFound') {
      broker.log({ event: 'refresh_refused', ...base, parameter });
      return;
    }
    broker.metrics.failed(event.sandbox_id, owner, error.code);
    broker.log({
      event: 'token_generation_failed',
      ...base,
      repos: repositories,
      permissions: event.permissions as Readonly<Record<string, string>>,
      code: error.code,
      message: error.message,
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    });
    if (onlyExisting && isPermanent(error.code))
      await markFailure(broker, event, { owner, parameter, code: error.code, deadline });
  };

  const refreshOwner = async (scope: OwnerScope): Promise<PublishedToken | undefined> => {
    const parameter = parameters.get(scope.owner) ?? '';
    try {
      const issued = await broker.holds.within(scope.owner, () =>
        issueToken(broker, {
          sandboxId: event.sandbox_id,
          scope,
          owners,
          permissions: event.permissions,
          ...(event.installation_id === undefined ? {} : { installationId: event.installation_id }),
          deadline,
        }),
      );
      const token = await publishToken(broker, event, issued, { scope, parameter, deadline, onlyExisting });
      broker.metrics.refreshed(event.sandbox_id, scope.owner);
      return token;
    } catch (thrown) {
      await report(scope, parameter, asKmError(thrown));
      return undefined;
    }
  };

  const published = await Promise.all(scopes.map(refreshOwner));
  if (failures.length > 0) throw refreshError(failures, all.length);
  return published.filter((token) => token !== undefined);
};

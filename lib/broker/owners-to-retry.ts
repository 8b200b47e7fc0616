import type { Broker } from './broker.ts';
import { isDestroyed } from './destroyed-mark.ts';
import { ownerScopes, tokenParameters } from './owner-scopes.ts';
import type { ParameterVersion } from './parameter-store.ts';
import type { RefreshEvent } from './refresh-event.ts';
import { readTokenDescription } from './token-description.ts';
import { tokenScope } from './token-scope.ts';

export interface OwnersToRetry {
  readonly owners: ReadonlySet<string>;
  /** The others, each with why nothing is to be done. */
  readonly dropped: readonly { readonly owner: string; readonly reason: string }[];
}

/** It has no parameters any more: it was destroyed, revoked or paused. */
export const SANDBOX_GONE = 'the sandbox is gone';

const reasonToDrop = (
  versions: readonly ParameterVersion[],
  since: number,
  scope: string | undefined,
): string | undefined => {
  if (isDestroyed(versions)) return SANDBOX_GONE;
  const ofStack = versions
    .map(({ description }) => readTokenDescription(description))
    .findLast((described) => described?.byStack);
  if (ofStack?.scope !== undefined && ofStack.scope !== scope) return 'the stack has set another scope';
  const written = versions
    .filter(({ lastModified }) => lastModified >= since)
    .map(({ description }) => readTokenDescription(description));
  if (written.some((described) => described !== undefined && described.failure === undefined))
    return 'refreshed since';
  const { failure } = readTokenDescription(versions.at(-1)?.description) ?? {};
  return failure !== undefined && Date.parse(failure.at) >= since ? failure.code : undefined;
};

/**
 * The owners of a refresh that still have to be tried again: not those whose parameter has a token since the failed
 * invocation began, nor those whose failure was found to stay, nor those for whom the stack has set another scope than
 * the event's, however long ago: a message may wait for longer than a schedule's event. GitHub is not asked.
 *
 * IAM: `ssm:GetParameterHistory` on the token parameters.
 *
 * @param since When the failed invocation began, or earlier, in milliseconds since the epoch.
 * @throws {KmError} `ErrAws`.
 */
export const ownersToRetry = async (
  broker: Broker,
  event: RefreshEvent,
  since: number,
): Promise<OwnersToRetry> => {
  const owners = new Set<string>();
  const dropped: { owner: string; reason: string }[] = [];
  const scopes = new Map(
    ownerScopes(event.allowed_repos).map((scope) => [scope.owner, tokenScope(scope, event.permissions)]),
  );
  const look = async ([owner, parameter]: readonly [string, string]): Promise<void> => {
    const versions = await broker.store.history(parameter, { decrypt: false });
    const reason = reasonToDrop(versions, since, scopes.get(owner));
    if (reason === undefined) owners.add(owner);
    else dropped.push({ owner, reason });
  };
  await Promise.all([...tokenParameters(broker.names, event)].map(look));
  return { owners, dropped };
};

import type {
  InspectAnswer,
  InspectEvent,
  InspectionEvent,
  ProbeAnswer,
  ProveAnswer,
  ProveEvent,
} from '../broker/inspection.ts';
import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { invokeRefresher } from '../sandbox/invoke-refresher.ts';

/**
 * Has the refresher, which alone can use the App's key, look at the App: what is stored, whether GitHub takes its JWT,
 * and its installations. `candidate` looks at the key that is to take its place.
 *
 * Throws `ErrPlatformMissing`, also for a platform older than this km, and what the refresher itself fails with.
 */
export const inspectApp = (
  context: SandboxContext,
  options: Omit<InspectEvent, 'action'> = {},
): Promise<InspectAnswer> => ask<InspectAnswer>(context, { action: 'inspect', ...options });

/**
 * Has the refresher mint a token that can only read metadata, use it, revoke it and see that it is dead.
 * For one account, or for the first that is installed. Throws as {@link inspectApp}.
 */
export const proveApp = (
  context: SandboxContext,
  options: Omit<ProveEvent, 'action'> = {},
): Promise<ProveAnswer> => ask<ProveAnswer>(context, { action: 'prove', ...options });

/**
 * Has the refresher mint a token that can only read one repository, read with it, try a write that must be refused,
 * revoke it and see that it is dead. `repo` is `owner/name`. Throws as {@link inspectApp}.
 */
export const probeRepo = (context: SandboxContext, repo: string): Promise<ProbeAnswer> =>
  ask<ProbeAnswer>(context, { action: 'probe', repo });

async function ask<Answer>(context: SandboxContext, event: InspectionEvent): Promise<Answer> {
  try {
    return (await invokeRefresher(context, event)) as Answer;
  } catch (error) {
    if (!(error instanceof KmError && error.code === 'ErrRefreshEventInvalid')) throw error;
    throw new KmError(
      'ErrPlatformMissing',
      `The refresher ${context.names.functionName} in ${context.region} does not take '${event.action}': ${error.message}`,
      { remedy: 'km bootstrap   (the platform is of an older km)', cause: error },
    );
  }
}

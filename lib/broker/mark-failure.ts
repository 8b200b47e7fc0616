import type { ErrorCode } from '../errors.ts';
import type { Broker } from './broker.ts';
import { isDestroyed } from './destroyed-mark.ts';
import type { RefreshEvent } from './refresh-event.ts';
import { revokeParameters } from './revoke.ts';
import { settleToken } from './settle-token.ts';
import { copiedDescription, readTokenDescription } from './token-description.ts';
import { tokenKeyAlias } from './token-key.ts';
import { writeToken } from './write-token.ts';

export interface MarkFailureOptions {
  readonly owner: string;
  readonly parameter: string;
  readonly code: ErrorCode;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** A mark that is older is of another schedule's attempt: written anew, so that a retry of this one finds it. */
const SAME_ATTEMPT_MS = 30 * 60_000;

/**
 * Writes on a token parameter why its token could not be renewed, by a version with the token that is there. What a
 * reader of the token gets does not change. See docs/decisions/permanent-failures.md.
 *
 * Never throws: without the mark the refresh is only tried again for nothing.
 *
 * IAM: `ssm:GetParameterHistory` and `ssm:PutParameter` on the parameter, `kms:Decrypt` and `kms:Encrypt` with its key.
 */
export const markFailure = async (
  broker: Broker,
  event: RefreshEvent,
  options: MarkFailureOptions,
): Promise<void> => {
  const { owner, parameter, code, deadline } = options;
  try {
    const versions = await broker.store.history(parameter, { decrypt: true });
    const current = versions.at(-1);
    const described = readTokenDescription(current?.description);
    if (isDestroyed(versions) || current === undefined || described === undefined) return;
    const { failure } = described;
    const known = failure?.code === code;
    if (known && broker.now() - Date.parse(failure.at) < SAME_ATTEMPT_MS) return;
    const at = new Date(broker.now()).toISOString();
    const marked = {
      name: parameter,
      token: current.value,
      keyId: tokenKeyAlias(broker.names, event),
      description: copiedDescription(described, { code, at }),
    };
    const how = { deadline, keyIsOld: true };
    const version = await writeToken(broker, marked, how);
    const { outcome } = await settleToken(broker, marked, { ...how, version, mustExist: true });
    if (outcome === 'gone')
      await revokeParameters(broker, [parameter], { sandboxId: event.sandbox_id, deadline });
    else if (outcome === 'stands' && !known) {
      broker.log({ event: 'permanent_failure', sandbox_id: event.sandbox_id, owner, parameter, code });
    }
  } catch {
    // The refresh's own failure is what is reported.
  }
};

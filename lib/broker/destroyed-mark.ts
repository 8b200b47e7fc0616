import { Secret } from '../secret.ts';
import type { Broker } from './broker.ts';
import type { ParameterVersion } from './parameter-store.ts';

const DESCRIPTION = JSON.stringify({ destroyed: true });

/**
 * Marks a token parameter that is about to be deleted, by a version of its own in the history.
 *
 * A refresh may be on its way meanwhile. Versions have one order, so that a token before the mark is seen by whoever
 * marks and then reads the history, and a token after it is taken back by whoever wrote it and then reads the history.
 *
 * Never throws: without the sandbox's key there is no mark, but no refresh can write then either.
 */
export const markDestroyed = async (broker: Broker, sandboxId: string, name: string): Promise<void> => {
  const keyId = broker.names.keyAlias(sandboxId);
  const token = new Secret('destroyed');
  await broker.store.write({ name, token, keyId, description: DESCRIPTION }).catch(() => undefined);
};

/** Whether a version is such a mark, and no token. */
export const isMark = ({ description }: ParameterVersion): boolean => description === DESCRIPTION;

/** Whether the sandbox of a token that was just written is gone, by the history of its parameter. */
export const isDestroyed = (versions: readonly ParameterVersion[]): boolean =>
  versions.length === 0 || versions.some(isMark);

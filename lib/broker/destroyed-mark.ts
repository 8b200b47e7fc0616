import { Secret } from '../secret.ts';
import type { Broker } from './broker.ts';
import { asKmError } from './broker-log.ts';
import type { ParameterVersion } from './parameter-store.ts';
import { readTokenDescription } from './token-description.ts';

const DESCRIPTION = JSON.stringify({ destroyed: true });

/**
 * Marks a token parameter that is about to be deleted, by a version of its own in the history.
 *
 * A refresh may be on its way meanwhile. Versions have one order, so that a token before the mark is seen by whoever
 * marks and then reads the history, and a token after it is taken back by whoever wrote it and then reads the history.
 *
 * Never throws: without a key there is no mark, but no refresh can write then either.
 */
export const markDestroyed = async (broker: Broker, sandboxId: string, name: string): Promise<void> => {
  const token = new Secret('destroyed');
  const { keyAlias, sharedKeyAlias } = broker.names;
  // Whose deletion it is knows the id only, and not which of the two keys is the sandbox's.
  for (const keyId of [keyAlias(sandboxId), sharedKeyAlias]) {
    try {
      await broker.store.write({ name, token, keyId, description: DESCRIPTION });
      return;
    } catch (error) {
      if (asKmError(error).code !== 'ErrSandboxKeyUnknown') return;
    }
  }
};

/** Whether a version is such a mark, and no token. */
export const isMark = ({ description }: Pick<ParameterVersion, 'description'>): boolean =>
  description === DESCRIPTION;

/** Whether the stack itself had a version written: as the sandbox is created, updated or resumed. */
export const isByStack = ({ description }: ParameterVersion): boolean =>
  readTokenDescription(description)?.byStack === true;

/**
 * Whether the sandbox of a token that was just written is gone, by the history of its parameter. A mark that was left,
 * since not every token could be revoked, counts until the stack makes tokens again.
 */
export const isDestroyed = (versions: readonly ParameterVersion[]): boolean =>
  versions.length === 0 ||
  (versions.some(isMark) && versions.findLastIndex(isMark) > versions.findLastIndex(isByStack));

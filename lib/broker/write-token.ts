import type { Broker } from './broker.ts';
import { asKmError } from './broker-log.ts';
import type { TokenToWrite } from './parameter-store.ts';

export interface WriteTokenOptions {
  /** Milliseconds since the epoch; no attempt is begun past it. */
  readonly deadline: number;
  /** Give up at once when KMS does not know the key: it is not new, so that it is gone. */
  readonly keyIsOld?: boolean | undefined;
}

/** KMS says that a new key or alias is known everywhere in less than a few seconds, as a rule. */
const PATIENCE_MS = 20_000;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 3_000;

/**
 * Writes a token under its sandbox's key, and waits up to 20 s for KMS to know that key: the first token is written
 * seconds after key and alias were made, and express mode does not wait for them to spread. See
 * docs/decisions/express-mode.md.
 *
 * @returns the number of the version.
 * @throws {KmError} `ErrSandboxKeyUnknown` when that time, or the caller's, is up; what writing throws.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
 */
export const writeToken = async (
  broker: Pick<Broker, 'store' | 'now' | 'sleep'>,
  token: TokenToWrite,
  { deadline, keyIsOld = false }: WriteTokenOptions,
): Promise<number> => {
  const until = keyIsOld ? broker.now() : Math.min(deadline, broker.now() + PATIENCE_MS);
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    try {
      return await broker.store.write(token);
    } catch (error) {
      if (asKmError(error).code !== 'ErrSandboxKeyUnknown' || broker.now() + delay >= until) throw error;
    }
    await broker.sleep(delay);
  }
};

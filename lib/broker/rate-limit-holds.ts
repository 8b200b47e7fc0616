import { rateLimited } from '../github/errors.ts';
import { asKmError } from './broker-log.ts';

export interface RateLimitHolds {
  /**
   * Does an owner's work, unless GitHub has asked for time and it is not over: then nothing is asked.
   *
   * @throws {KmError} `ErrGitHubRateLimited` with the time that is left, or what the work throws.
   */
  readonly within: <T>(owner: string, work: () => Promise<T>) => Promise<T>;
}

/** Whatever an answer says, an owner is tried again after this. */
const LONGEST_MS = 10 * 60_000;

/**
 * Leaves an account alone for as long as its rate limit holds: a fleet of its sandboxes would otherwise go on asking, for
 * which GitHub makes the limit longer. Other accounts do not notice.
 *
 * | cache | key | lifetime | who evicts |
 * |---|---|---|---|
 * | until when an account is held | owner | what GitHub asks for, 10 min at most | age |
 *
 * @param now Milliseconds since the epoch.
 * @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
 */
export const createRateLimitHolds = (now: () => number): RateLimitHolds => {
  const heldUntil = new Map<string, number>();
  return {
    within: async (owner, work) => {
      const left = (heldUntil.get(owner) ?? 0) - now();
      if (left > 0) throw rateLimited(left);
      heldUntil.delete(owner);
      try {
        return await work();
      } catch (thrown) {
        const { code, waitMs = 0 } = asKmError(thrown);
        if (code === 'ErrGitHubRateLimited' && waitMs > 0)
          heldUntil.set(owner, now() + Math.min(LONGEST_MS, waitMs));
        throw thrown;
      }
    },
  };
};

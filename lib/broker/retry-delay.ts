/** What a message of the retry queue waits for at least: all attempts are to fill the overlap of two tokens. */
const SHORTEST_S = 90;
/** How much more it may be, by chance. */
const SPREAD_S = 60;
const LONGEST_S = 600;

/**
 * How long a refresh that failed waits for its next attempt, in seconds: 90 to 150 by chance, so that a fleet whose
 * refreshes failed together does not come back together; and past what GitHub asks for, 10 minutes at most.
 *
 * @param random From 0 up to 1.
 * @param waitMs What GitHub asks for, by `Retry-After` or `x-ratelimit-reset`.
 */
export const retryDelaySeconds = (random: () => number, waitMs = 0): number => {
  const least = Math.max(SHORTEST_S, Math.ceil(waitMs / 1000));
  return Math.min(LONGEST_S, least + Math.floor(random() * (SPREAD_S + 1)));
};

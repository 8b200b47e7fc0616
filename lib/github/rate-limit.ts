import type { GitHubResponse } from './request.ts';

/** GitHub's advice for a secondary limit that names no time. */
const WITHOUT_A_TIME_MS = 60_000;

const secondsOrDate = (value: string, nowMs: number): number | undefined => {
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
};

const isRateLimit = (response: GitHubResponse): boolean =>
  response.status === 429 ||
  (response.status === 403 &&
    (response.headers.has('retry-after') ||
      response.headers.get('x-ratelimit-remaining') === '0' ||
      /rate limit/i.test(response.message)));

/**
 * How long GitHub asks to wait, in milliseconds, or `undefined` when the response is not about a rate limit.
 * A `Retry-After` counts before `x-ratelimit-reset`, which is read against GitHub's own clock.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export const rateLimitDelay = (response: GitHubResponse, nowMs: number): number | undefined => {
  if (!isRateLimit(response)) return undefined;
  const serverNow = response.date ?? nowMs;
  const retryAfter = response.headers.get('retry-after');
  const asked = retryAfter === null ? undefined : secondsOrDate(retryAfter, serverNow);
  if (asked !== undefined) return asked;
  const reset = response.headers.get('x-ratelimit-reset');
  if (response.headers.get('x-ratelimit-remaining') === '0' && reset !== null && /^\d{1,12}$/.test(reset)) {
    return Math.max(0, Number(reset) * 1000 - serverNow);
  }
  return WITHOUT_A_TIME_MS;
};

/** How long a 5xx asks to wait by `Retry-After`, in milliseconds, or `undefined`. */
export const retryAfterDelay = (response: GitHubResponse, nowMs: number): number | undefined => {
  const value = response.headers.get('retry-after');
  return value === null ? undefined : secondsOrDate(value, response.date ?? nowMs);
};

/** What is left of the primary rate limit of whoever asked. */
export interface RateLimitLeft {
  /** Requests an hour. */
  readonly limit: number;
  readonly remaining: number;
  /** When it starts anew, in milliseconds since the epoch, by GitHub's clock. */
  readonly resetMs: number;
}

/**
 * Reads the rate limit that GitHub tells with any answer, or `undefined` where it does not: a GitHub Enterprise Server
 * has none unless its administrators set one.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
 */
export const readRateLimit = (response: GitHubResponse): RateLimitLeft | undefined => {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => {
    const value = response.headers.get(`x-ratelimit-${name}`);
    return value !== null && /^\d{1,12}$/.test(value) ? Number(value) : undefined;
  });
  if (limit === undefined || remaining === undefined || reset === undefined) return undefined;
  return { limit, remaining, resetMs: reset * 1000 };
};

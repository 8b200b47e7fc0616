const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** How much of a primary limit is used; `reset` in seconds since the epoch. */
export interface Usage {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  readonly reset: number;
  /** Whether the request that was counted goes past the limit. */
  readonly exceeded: boolean;
}

interface Window {
  startedAt: number;
  used: number;
}

/**
 * Counts requests in windows of one hour that start with their first request, and points in windows of a minute.
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export class RateLimits {
  readonly #hours = new Map<string, Window>();
  readonly #minutes = new Map<string, Window>();

  /** Counts one request of `who`, or none with `cost` 0. */
  take(who: string, limit: number, now: number, cost = 1): Usage {
    const window = windowOf(this.#hours, who, now, HOUR_MS);
    const exceeded = window.used + cost > limit;
    if (!exceeded) window.used += cost;
    return {
      limit,
      used: Math.min(window.used, limit),
      remaining: Math.max(0, limit - window.used),
      reset: Math.ceil((window.startedAt + HOUR_MS) / 1000),
      exceeded,
    };
  }

  /** Counts points of `who` on one route: the seconds to wait when the minute's limit is passed, else 0. */
  takePoints(who: string, points: number, limit: number, now: number): number {
    const window = windowOf(this.#minutes, who, now, MINUTE_MS);
    if (window.used + points > limit)
      return Math.max(1, Math.ceil((window.startedAt + MINUTE_MS - now) / 1000));
    window.used += points;
    return 0;
  }
}

const windowOf = (windows: Map<string, Window>, who: string, now: number, length: number): Window => {
  const current = windows.get(who);
  // A clock that a fault turned back must not leave a window open for longer than its length.
  if (current && now < current.startedAt + length && now >= current.startedAt - length) return current;
  const fresh = { startedAt: now, used: 0 };
  windows.set(who, fresh);
  return fresh;
};

/** The x-ratelimit headers of every REST answer. */
export const rateLimitHeaders = (usage: Omit<Usage, 'exceeded'>): Record<string, string> => ({
  'x-ratelimit-limit': String(usage.limit),
  'x-ratelimit-remaining': String(usage.remaining),
  'x-ratelimit-reset': String(usage.reset),
  'x-ratelimit-used': String(usage.used),
  'x-ratelimit-resource': 'core',
});

import { z } from 'zod';
import { InvalidInputError } from './invalid-input.ts';

const ruleSchema = z
  .strictObject({
    match: z.string().min(1).max(500).optional(),
    count: z.int().min(1).optional(),
    rate: z.number().gt(0).max(1).optional(),
    latencyMs: z.int().min(0).max(600_000).optional(),
    status: z.int().min(500).max(599).optional(),
    throttle: z.enum(['primary', 'secondary', 'too-many-requests']).optional(),
    retryAfterSeconds: z.int().min(0).max(86_400).optional(),
    reset: z.boolean().optional(),
    lost: z.boolean().optional(),
  })
  .refine(
    (rule) =>
      rule.latencyMs !== undefined || rule.status !== undefined || rule.throttle || rule.reset || rule.lost,
    'a rule does one of latencyMs, status, throttle, reset, lost',
  );

/** Validates `GitHubFaults`; part of the seed's schema. */
export const gitHubFaultsSchema = z.strictObject({
  clockSkewMs: z.int().optional(),
  freshToken: z
    .strictObject({ seconds: z.number().min(0).optional(), requests: z.int().min(0).optional() })
    .optional(),
  rateLimit: z.int().min(1).optional(),
  pointsPerMinute: z.int().min(1).optional(),
  rules: z.array(ruleSchema).optional(),
});

/**
 * One rule: what to do to the requests that it matches.
 *
 * - `match`: `METHOD PATH`, where `*` stands for any run of characters and a method `*` for any method. REST paths
 *   stand without `/api/v3`; a pattern with a `?` is compared with the query as well. Absent: every request.
 * - `count`: only the next so many matching requests; `rate`: that share of them (0–1). Absent: all.
 * - `latencyMs`: wait first; combines with the others. `status`: answer that 5xx. `reset`: cut the connection before
 *   anything is done; `lost`: do it, and cut the connection instead of answering.
 * - `throttle`: `primary` (403, nothing remaining), `secondary` (403) or `too-many-requests` (429), the last two with
 *   `Retry-After: retryAfterSeconds` (60).
 */
export type GitHubFaultRule = z.output<typeof ruleSchema>;

/**
 * Faults on demand.
 *
 * - `clockSkewMs`: how far GitHub's clock runs ahead of the cloud's (behind, if negative): Date, JWT and expiry.
 * - `freshToken`: a token answers 401 for so many seconds, or so many requests, after it was minted.
 * - `rateLimit`: requests an hour of an installation (5,000). `pointsPerMinute`: secondary limit of a route (none),
 *   where a GET costs 1 and anything else 5.
 * - `rules`: the first that matches and is not used up acts; a rule with nothing but `latencyMs` lets others follow.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export type GitHubFaults = z.output<typeof gitHubFaultsSchema>;

/** Validates faults as they come over the wire. Throws InvalidInputError with every problem at once. */
export const parseGitHubFaults = (value: unknown): GitHubFaults => {
  const result = gitHubFaultsSchema.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidInputError('faults', result.error);
};

/** What the faults do to one request. */
export interface FaultOutcome {
  readonly latencyMs: number;
  readonly rule?: GitHubFaultRule;
}

const patternOf = (match: string): RegExp =>
  new RegExp(`^${match.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll(/\*+/g, '.*')}$`, 'i');

/**
 * Picks the faults of each request. A rule's count is remembered by the rule object's identity,
 * so that setting the same rule again arms it anew.
 */
export class FaultPicker {
  readonly #faults: () => GitHubFaults;
  readonly #random: () => number;
  readonly #used = new WeakMap<GitHubFaultRule, number>();

  constructor(faults: () => GitHubFaults, random: () => number = Math.random) {
    this.#faults = faults;
    this.#random = random;
  }

  /** @param path the path without `/api/v3` and without its query; `query` with its `?`, or empty */
  pick(method: string, path: string, query: string): FaultOutcome {
    let latencyMs = 0;
    for (const rule of this.#faults().rules ?? []) {
      if (!this.#applies(rule, method, path, query)) continue;
      this.#used.set(rule, (this.#used.get(rule) ?? 0) + 1);
      latencyMs += rule.latencyMs ?? 0;
      if (rule.status !== undefined || rule.throttle || rule.reset || rule.lost) return { latencyMs, rule };
    }
    return { latencyMs };
  }

  #applies(rule: GitHubFaultRule, method: string, path: string, query: string): boolean {
    if (rule.count !== undefined && (this.#used.get(rule) ?? 0) >= rule.count) return false;
    if (rule.match !== undefined) {
      const subject = `${method} ${path}${rule.match.includes('?') ? query : ''}`;
      if (!patternOf(rule.match).test(subject)) return false;
    }
    return rule.rate === undefined || this.#random() < rule.rate;
  }
}

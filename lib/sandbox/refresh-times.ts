import { REFRESH_EVERY_MS } from '../broker/refresh-period.ts';
import { firstRefreshAfterMs } from '../broker/refresh-start.ts';
import { KmError } from '../errors.ts';

/** What lies ahead when CloudFormation is asked must still lie ahead when it comes to the schedule. Milliseconds. */
const SLACK_MS = 60_000;
/** Seconds. */
const SHORTEST_TTL = 60;

/** Throws `ErrUsage` for a TTL so short that its schedule could lie in the past when it is made. 0: until destroyed. */
export function checkTimeToLive(ttlSeconds: number): void {
  if (ttlSeconds === 0 || ttlSeconds >= SHORTEST_TTL) return;
  throw new KmError('ErrUsage', `A TTL of ${ttlSeconds}s is too short; the shortest is ${SHORTEST_TTL}s.`);
}

/** The end of a life that is counted from `now`, a whole second, in milliseconds since the epoch; nothing for 0, until destroyed. */
export const endOf = (ttlSeconds: number, now: number): { readonly expiresAt?: number } =>
  ttlSeconds === 0 ? {} : { expiresAt: (Math.floor(now / 1000) + ttlSeconds) * 1000 };

interface RefreshTimes {
  readonly id: string;
  /** This and the others in milliseconds since the epoch. */
  readonly now: number;
  readonly expiresAt?: number;
}

/** Scheduler refuses a schedule that ends before it starts. */
const within = (refreshStart: number, { expiresAt }: RefreshTimes): { readonly refreshStart?: number } =>
  expiresAt !== undefined && expiresAt <= refreshStart + SLACK_MS ? {} : { refreshStart };

/** When a schedule starts beside a token that is minted now; nothing for a sandbox that ends before. */
export const firstRefresh = (times: RefreshTimes): { readonly refreshStart?: number } =>
  within(times.now + firstRefreshAfterMs(times.id), times);

/**
 * When a schedule that is written again starts, so that its next refresh comes when it would have come. Scheduler takes
 * no start of the past, so that a refresh that is due within a minute comes after that minute.
 */
export function nextRefresh(times: RefreshTimes & { readonly refreshStart?: number }): {
  readonly refreshStart?: number;
} {
  const { now, refreshStart } = times;
  if (refreshStart === undefined) return within(now + SLACK_MS, times);
  const missed = Math.max(0, Math.ceil((now - refreshStart) / REFRESH_EVERY_MS));
  return within(Math.max(refreshStart + missed * REFRESH_EVERY_MS, now + SLACK_MS), times);
}

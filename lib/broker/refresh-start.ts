import { createHash } from 'node:crypto';
import { REFRESH_EVERY_MS } from './refresh-period.ts';

/** The soonest that a first refresh may be due: a schedule may not start before its stack has come to making it. */
const SOONEST_MS = 5 * 60_000;
const SPREAD_MS = REFRESH_EVERY_MS - SOONEST_MS;

/**
 * How long after its creation a sandbox's first refresh is, in milliseconds: from 5 minutes to a whole period, by its
 * id, so that a fleet created at once does not refresh at once for ever after.
 */
export const firstRefreshAfterMs = (id: string): number =>
  REFRESH_EVERY_MS - (createHash('sha256').update(id).digest().readUInt32BE() % (SPREAD_MS / 1000)) * 1000;

import { createHash } from 'node:crypto';

/** How often a sandbox's tokens are refreshed. */
const EVERY_MS = 45 * 60_000;

/** By how much a sandbox's refreshes may come earlier than another's that was created at the same time. */
const SPREAD_MS = 5 * 60_000;

/**
 * How long after its creation a sandbox's first refresh is, in milliseconds: 45 minutes less up to 5, by its id, so
 * that a fleet created at once does not refresh at once for ever after.
 */
export const firstRefreshAfterMs = (id: string): number =>
  EVERY_MS - (createHash('sha256').update(id).digest().readUInt32BE() % (SPREAD_MS / 1000)) * 1000;

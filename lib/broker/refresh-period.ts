/**
 * How often the tokens of a sandbox are refreshed, in minutes. A token lives for 60, so that two are good for 20 of
 * them, in which a failed refresh is tried again.
 */
export const REFRESH_EVERY_MINUTES = 40;

/** {@link REFRESH_EVERY_MINUTES} in milliseconds. */
export const REFRESH_EVERY_MS = REFRESH_EVERY_MINUTES * 60_000;

/** A token that is older, in minutes, has missed its refresh, and dies in ten. */
export const REFRESH_MISSED_MINUTES = 50;

/** {@link REFRESH_MISSED_MINUTES} in milliseconds. */
export const REFRESH_MISSED_MS = REFRESH_MISSED_MINUTES * 60_000;

/**
 * How often a failed refresh is tried again: 90 to 150 s apart, so for 19 minutes at least, which fills the time in
 * which two tokens are good, and for 35 at most, which is over before the next refresh.
 */
export const RETRY_ATTEMPTS = 14;

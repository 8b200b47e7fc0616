import type { ServerOptions } from 'node:http';

/**
 * How node:http has to read what `checkHead` checks: its strict parser, whatever the process was started with; a head of
 * at most 16 KiB within 30 seconds; and no limit on the time of a body, since a push may take an hour.
 */
export const parserOptions = {
  insecureHTTPParser: false,
  joinDuplicateHeaders: false,
  requireHostHeader: true,
  maxHeaderSize: 16 * 1024,
  headersTimeout: 30_000,
  requestTimeout: 0,
} as const satisfies ServerOptions;

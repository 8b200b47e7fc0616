import type { ServerOptions } from 'node:http';

/**
 * How node:http has to read what `checkHead` checks: its strict parser, whatever the process was started with; a head of
 * at most 16 KiB within 30 seconds; and no limit on the time of a body, since a push may take an hour. A missing Host is
 * left to the check: node:http would answer by itself, and go on with what is behind that request. For the same reason
 * a server with these options needs a listener for `checkExpectation` that does what its one for `request` does.
 */
export const parserOptions = {
  insecureHTTPParser: false,
  joinDuplicateHeaders: false,
  requireHostHeader: false,
  maxHeaderSize: 16 * 1024,
  headersTimeout: 30_000,
  requestTimeout: 0,
} as const satisfies ServerOptions;

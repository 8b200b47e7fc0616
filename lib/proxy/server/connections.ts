import type { Duplex } from 'node:stream';

/** What is known of a connection before its first request. */
export interface ConnectionFacts {
  /** What CONNECT named, `github.com`, with the port only where it is not 443; absent on a plain connection. */
  readonly connectHost?: string;
  /** Whether another user of this machine is at its end. */
  readonly isForeign: Promise<boolean>;
}

/** The facts of each connection, for as long as it lives. */
export type Connections = WeakMap<Duplex, ConnectionFacts>;

import type { LookupAddress } from 'node:dns';
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { createSecureContext, rootCertificates } from 'node:tls';
import { resolvePinned } from '../hosts/pinned-lookup.ts';

/** Connections to GitHub that stay open for the next request. */
const MOST_IDLE = 32;
/** git may think for minutes before it says a word. */
const SILENCE_MS = 15 * 60_000;
const CONNECT_MS = 15_000;

export interface UpstreamOptions {
  /** Every host is dialled at it: the local cloud's GitHub; over TLS, in the host's own name, where it is `https:`. */
  readonly origin?: string | undefined;
  /** Hosts that may stand at a private address: those of a GitHub Enterprise Server. */
  readonly isPrivateAllowed: (host: string) => boolean;
  readonly lookup?: ((host: string) => Promise<readonly LookupAddress[]>) | undefined;
  /** PEM, trusted beside Node's own. */
  readonly ca?: string | undefined;
}

export interface UpstreamRequest {
  readonly method: string;
  /** As in the Host header. */
  readonly host: string;
  readonly target: string;
  readonly headers: OutgoingHttpHeaders;
}

/** The proxy's own connections to GitHub: nothing of a client's bytes is on them but what it decided to send. */
export class Upstream {
  /** Where every host is dialled instead of its own name. */
  readonly #dialled: { readonly hostname: string; readonly port: string } | undefined;
  readonly #isPlain: boolean;
  readonly #http = new HttpAgent({ keepAlive: true, maxFreeSockets: MOST_IDLE });
  readonly #https: HttpsAgent;

  constructor({ origin, ca, lookup, isPrivateAllowed }: UpstreamOptions) {
    const { protocol, hostname, port } = new URL(origin ?? 'https://github.com');
    this.#isPlain = protocol === 'http:';
    this.#dialled =
      origin === undefined ? undefined : { hostname, port: port || (this.#isPlain ? '80' : '443') };
    this.#https = new HttpsAgent({
      keepAlive: true,
      maxFreeSockets: MOST_IDLE,
      lookup: pinned(isPrivateAllowed, lookup),
      // Made once: the certificates would be read anew for each connection, and be part of each request's key.
      secureContext: createSecureContext({
        minVersion: 'TLSv1.2',
        ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
      }),
    });
  }

  /** Opens a request; its body, if there is one, is the caller's to write and to end. */
  open({ method, host, target, headers }: UpstreamRequest): ClientRequest {
    const common = { method, path: target, headers: { ...headers, host }, setHost: false };
    const place = { ...named(host), ...this.#dialled };
    const request = this.#isPlain
      ? httpRequest({ ...common, ...place, agent: this.#http })
      : httpsRequest({ ...common, ...place, agent: this.#https });
    request.setNoDelay(true);
    request.setTimeout(SILENCE_MS, () => request.destroy(new TypeError('GitHub fell silent.')));
    request.once('socket', (socket) => {
      if (!socket.connecting) return;
      const timer = setTimeout(
        () => request.destroy(new TypeError('GitHub took too long to connect.')),
        CONNECT_MS,
      );
      for (const event of ['connect', 'close', 'error'] as const)
        socket.once(event, () => clearTimeout(timer));
    });
    return request;
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

const named = (host: string): { hostname: string; port: number; servername: string } => {
  const { hostname, port } = new URL(`https://${host}`);
  return { hostname, port: Number(port || 443), servername: hostname };
};

/** Resolves a name once for a connection, and lets it be made to an address that was checked and to no other. */
const pinned =
  (
    isPrivateAllowed: (host: string) => boolean,
    lookup: ((host: string) => Promise<readonly LookupAddress[]>) | undefined,
  ): LookupFunction =>
  (hostname, options, callback) => {
    const allowPrivate = isPrivateAllowed(hostname);
    resolvePinned(hostname, { allowPrivate, ...(lookup ? { lookup } : {}) }).then(
      (found) => {
        if ('allowed' in found) return callback(new TypeError(found.reason), []);
        if (options.all) return callback(null, [found]);
        callback(null, found.address, found.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };

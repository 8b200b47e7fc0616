import type { LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';
import type { AuditEntry } from '../audit-entry.ts';
import type { PinnedAddress } from '../hosts/pinned-lookup.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import type { TokenHolder } from './token-holder.ts';

export interface GitHubEndpoint {
  /** The origin of git remotes: `https://github.com`. */
  readonly git: string;
  /** The REST base: `https://api.github.com`. */
  readonly api: string;
}

/** Where decisions are written down. */
export interface DecisionLog {
  /** Throws when a decision cannot be written now. */
  write(entry: AuditEntry): void;
  /** While false, nothing is let through. */
  isWritable(): boolean;
}

export interface EgressProxyOptions {
  /** The policy in force; asked anew for each request, so that a changed one counts at once and no stream is dropped. */
  readonly policy: () => ProxyPolicy;
  /** The configured GitHub; the local cloud adds its own loopback address as a second. */
  readonly endpoints: readonly [GitHubEndpoint, ...GitHubEndpoint[]];
  /** The local cloud's GitHub, `http://127.0.0.1:PORT`: what GitHub's hosts are dialled at instead of their own names. Over TLS where it is `https:`. */
  readonly upstream?: string;
  /** Absent: requests go without a credential, and one from inside is refused. */
  readonly tokens?: TokenHolder;
  /** True: the proxy puts the token on. False: the client's own passes, if km issued it. */
  readonly inject: boolean;
  /** `port` 0: a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Refuse connections of other users of this machine, where the kernel tells (Linux, loopback). */
  readonly sameUserOnly: boolean;
  readonly audit: DecisionLog;
  /** One event for the operator's terminal; never a secret. */
  readonly log: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Every address of a name; absent: the machine's resolver. */
  readonly lookup?: (host: string) => Promise<readonly LookupAddress[]>;
  /** How the other end of a tunnel is dialled; absent: over TCP. */
  readonly connect?: (address: PinnedAddress, port: number) => Socket;
  /** Certificate authorities to trust for GitHub beside Node's own, PEM: for a GitHub Enterprise Server with a CA of its own. */
  readonly upstreamCa?: string;
}

export interface EgressProxy {
  /** `http://127.0.0.1:PORT`, for `https_proxy` and `http_proxy`. */
  readonly url: string;
  readonly port: number;
  /** The certificate that the sandbox is to trust. */
  readonly caPem: string;
  /** Ends every connection, and waits for them. */
  close(): Promise<void>;
}

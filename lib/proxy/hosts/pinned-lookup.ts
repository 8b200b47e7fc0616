import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Refusal } from '../decision.ts';
import { shown } from '../shown.ts';
import { addressKind } from './addresses.ts';

export interface PinnedLookupOptions {
  /** Every address of a name, the best first; absent: the machine's resolver. */
  readonly lookup?: (host: string) => Promise<readonly LookupAddress[]>;
  /** Private addresses too, for a GitHub Enterprise Server. Never this machine, its link or a metadata service. */
  readonly allowPrivate?: boolean;
  /** Milliseconds to wait for the resolver; 10,000. */
  readonly timeout?: number;
}

export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

const everyAddress = (host: string): Promise<readonly LookupAddress[]> =>
  systemLookup(host, { all: true, order: 'verbatim' });

const unresolved = (host: string, why: string): Refusal => ({
  allowed: false,
  rule: 'host',
  status: 502,
  reason: `[km] '${shown(host)}' could not be resolved: ${why}`,
  remedy: "Check the name, and the resolver of the proxy's machine.",
});

const addressDenied = (host: string, kind: string): Refusal => ({
  allowed: false,
  rule: 'address',
  status: 403,
  reason: `[km] '${shown(host)}' denied -- it resolves to ${kind}`,
  remedy: "Ask the host's owner for a name that has public addresses only.",
});

const within = async <T>(work: Promise<T>, timeout: number): Promise<T | undefined> => {
  const stop = new AbortController();
  const late = delay(timeout, undefined, { signal: stop.signal }).catch(() => undefined);
  return Promise.race([work, late]).finally(() => stop.abort());
};

/**
 * Resolves a name once, for one connection, and gives the address to connect to. Every address of the answer must be
 * public, not the chosen one alone: a name that has a private address beside a public one is made to mislead.
 * Answers with a refusal of rule `address` or `host`; never rejects.
 */
export const resolvePinned = async (
  host: string,
  options: PinnedLookupOptions = {},
): Promise<PinnedAddress | Refusal> => {
  const { lookup = everyAddress, allowPrivate = false, timeout = 10_000 } = options;
  if (isIP(host) !== 0) return addressDenied(host, 'itself, an address');
  let found: readonly LookupAddress[] | undefined;
  try {
    found = await within(lookup(host), timeout);
  } catch (error) {
    return unresolved(host, (error as NodeJS.ErrnoException).code ?? 'the resolver failed');
  }
  if (found === undefined) return unresolved(host, 'the resolver does not answer');
  const kinds = found.map(({ address }) => addressKind(address));
  if (kinds.includes('local')) return addressDenied(host, 'an address of this machine or its network link');
  if (!allowPrivate && kinds.includes('private')) return addressDenied(host, 'a private address');
  const [first] = found;
  if (!first) return unresolved(host, 'it has no address');
  return { address: first.address, family: isIP(first.address) === 6 ? 6 : 4 };
};

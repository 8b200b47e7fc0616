import type { GitHubTransport } from '../github/request.ts';
import { type AppSource, createAppSource } from './app-source.ts';
import type { BrokerLog } from './broker-log.ts';
import { createMetrics, type Metrics, meteredWorld } from './metrics.ts';
import type { ResourceNames } from './names.ts';
import type { ParameterStore } from './parameter-store.ts';
import { createRateLimitHolds, type RateLimitHolds } from './rate-limit-holds.ts';
import type { SigningKeys } from './signing-keys.ts';

export interface BrokerOptions {
  readonly names: ResourceNames;
  readonly store: ParameterStore;
  /** `fetch`, clock, sleep and randomness for GitHub. */
  readonly world: Omit<GitHubTransport, 'apiUrl'>;
  /** Overrides GitHub's REST base: https, or http on loopback only. */
  readonly apiUrl?: string;
  /** Given, the App's JWTs are signed in KMS, and no parameter with a key is ever read. */
  readonly signingKeys?: SigningKeys;
  readonly log: BrokerLog;
  /** Default: its own, which nobody takes. */
  readonly metrics?: Metrics;
}

/** What refreshing and revoking work with. Made once for a process, so that the App's parameters are cached. */
export interface Broker extends BrokerOptions {
  readonly source: AppSource;
  readonly metrics: Metrics;
  readonly holds: RateLimitHolds;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** A broker for one platform. Nothing is read before the first call. */
export const createBroker = (options: BrokerOptions): Broker => {
  const { now, sleep } = options.world;
  const metrics = options.metrics ?? createMetrics({ prefix: options.names.prefix, now });
  const metered = { ...options, metrics, world: meteredWorld(options.world, metrics) };
  return { ...metered, source: createAppSource(metered), holds: createRateLimitHolds(now), now, sleep };
};

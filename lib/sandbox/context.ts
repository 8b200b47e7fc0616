import type { ResourceNames } from '../broker/names.ts';

/** What every SDK client of km is built with. Endpoint and credentials come from the standard environment. */
export interface AwsConfig {
  readonly region: string;
  readonly maxAttempts: number;
}

/** What the sandbox room works with; made once by the command line. */
export interface SandboxContext {
  readonly names: ResourceNames;
  readonly region: string;
  /** The one client of that class, made when first asked for. */
  client<Client>(type: new (config: AwsConfig) => Client): Client;
  /** Milliseconds since the epoch on the cloud's clock, which the local cloud can move. */
  now(): Promise<number>;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  randomBytes(count: number): Uint8Array;
}

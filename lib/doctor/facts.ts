import type { GetFunctionConfigurationCommandOutput } from '@aws-sdk/client-lambda';
import type { InspectAnswer, ProbeAnswer } from '../broker/inspection.ts';
import type { RefreshEvent } from '../broker/refresh-event.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import type { SandboxRecord } from '../sandbox/sandbox-record.ts';

/** A parameter as DescribeParameters tells it: everything but its value. */
export interface ParameterFact {
  readonly name: string;
  /** `String`, `StringList` or `SecureString`. */
  readonly type: string;
  readonly keyId: string;
  readonly description: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

export interface PlatformFact {
  readonly status: string;
  readonly outputs: ReadonlyMap<string, string>;
  /** `IN_SYNC`, `DRIFTED`, `NOT_CHECKED` or `UNKNOWN`, when drift was last looked for. */
  readonly drift: string;
  /** Milliseconds since the epoch. */
  readonly driftCheckedAt?: number;
}

export interface QueueFact {
  readonly url: string;
  readonly messages: number;
}

export interface LogFact {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly message: string;
}

/** Whether GitHub grants a scope: no problem, or what is wrong. */
export interface ScopeProblem {
  readonly owner?: string;
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

/**
 * Everything that checks look at. Each is asked for once, however many checks need it; a rejection is the same for all.
 *
 * Rejects with `NotLooked` where another check tells the reason, else with what the SDK or km throws.
 */
export interface Facts {
  readonly context: SandboxContext;
  readonly options: DoctorOptions;
  /** When looking began, on the cloud's clock, in milliseconds since the epoch. */
  readonly startedAt: () => Promise<number>;
  readonly caller: () => Promise<{ readonly account: string; readonly arn: string }>;
  /** `undefined` when there is no platform stack. */
  readonly platform: () => Promise<PlatformFact | undefined>;
  readonly refresher: () => Promise<GetFunctionConfigurationCommandOutput>;
  /** The refresher's lines of the last day that tell of a failure, newest last, and whether there are more. */
  readonly failures: () => Promise<{ readonly lines: readonly LogFact[]; readonly more: boolean }>;
  readonly queue: (name: string) => Promise<QueueFact>;
  /** Parameters below the path of the App's configuration. */
  readonly configParameters: () => Promise<readonly ParameterFact[]>;
  /** Parameters below the path of all sandboxes. */
  readonly sandboxParameters: () => Promise<readonly ParameterFact[]>;
  /** State by name, of the platform's group. */
  readonly schedules: () => Promise<ReadonlyMap<string, string>>;
  /** Key id by alias, of the sandboxes' aliases. */
  readonly aliases: () => Promise<ReadonlyMap<string, string>>;
  /** Listed after parameters, schedules and aliases: whatever they belong to is among these. */
  readonly sandboxes: () => Promise<readonly SandboxRecord[]>;
  /** The state of a key; `missing` when there is none. One request. */
  readonly keyState: (keyId: string) => Promise<string>;
  readonly inspection: () => Promise<InspectAnswer>;
  /** The same where the App can be asked: `NotLooked` when the refresher does not answer or the App is not configured. */
  readonly app: () => Promise<InspectAnswer>;
  /** Mints and revokes once for each owner; the same scope is asked for once. */
  readonly scopeProblems: (
    scope: Pick<RefreshEvent, 'allowed_repos' | 'permissions'>,
  ) => Promise<readonly ScopeProblem[]>;
  readonly probe: (repo: string) => Promise<ProbeAnswer>;
}

export interface DoctorOptions {
  /** Sandboxes to look at; empty: all. */
  readonly ids: readonly string[];
  /** `owner/name` to probe; `''`: the first repo that a sandbox names; absent: no probe. */
  readonly probe?: string;
  /** The caller's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this km. */
  readonly version: string;
}

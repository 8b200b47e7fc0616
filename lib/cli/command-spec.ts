import type { Run } from './invocation.ts';

/** One command of the command line: how it is called, and where its code is. */
export interface CommandSpec {
  /** Name and arguments: `create <profile>`. */
  readonly usage: string;
  readonly summary: string;
  readonly group?: string;
  readonly options?: readonly (readonly [flags: string, description: string])[];
  readonly examples?: readonly string[];
  /** False for a command that talks to no cloud. */
  readonly cloud?: boolean;
  /** Sets the platform up: in the local cloud it runs as the administrator, not as the operator. */
  readonly administrator?: boolean;
  readonly load?: () => Promise<{ readonly run: Run }>;
  readonly commands?: readonly CommandSpec[];
}

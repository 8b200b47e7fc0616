import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

/** What a command is run with. */
export interface Invocation {
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  /** AWS as the options and the environment name it; made when a command first asks for it. */
  session(): Promise<Session>;
}

/** One command: does its work, prints, and returns an exit code where that is not 0. */
export type Run = (invocation: Invocation) => Promise<number | undefined>;

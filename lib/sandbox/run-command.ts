import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { KmError } from '../errors.ts';

export interface RunOptions {
  readonly command: readonly string[];
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** A terminal sends its Ctrl-C to the command itself; from elsewhere it has to be passed on. */
  readonly onTerminal: boolean;
}

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);

/**
 * Runs a command on the caller's terminal, and returns its exit code; 128 and the signal's number when a signal ended
 * it, as shells do. Signals are for the command: this process outlives a Ctrl-C for as long as the command does.
 *
 * Throws `ErrUsage` for a command that is not there or may not be run.
 */
export function runCommand({ command, env, cwd, onTerminal }: RunOptions): Promise<number> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...env }, stdio: 'inherit' });
    const passOn = (signal: NodeJS.Signals): void => {
      if (!onTerminal || !FROM_TERMINAL.has(signal)) child.kill(signal);
    };
    for (const signal of PASSED_ON) process.on(signal, passOn);
    const finish = (): void => {
      for (const signal of PASSED_ON) process.off(signal, passOn);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      finish();
      if (error.code !== 'ENOENT' && error.code !== 'EACCES') return reject(error);
      const why = error.code === 'ENOENT' ? 'not found' : 'not allowed';
      reject(
        new KmError('ErrUsage', `'${program}' cannot be run: ${why}.`, {
          remedy: "Check the command after `--`, and the caller's PATH.",
        }),
      );
    });
    child.once('exit', (code, signal) => {
      finish();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

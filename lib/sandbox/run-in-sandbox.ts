import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { KmError } from '../errors.ts';

export interface RunOptions {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The signals that are passed on to the command. */
  readonly forward: readonly NodeJS.Signals[];
}

/**
 * Runs a command with the caller's terminal and nothing else of the caller's, and returns its exit code;
 * 128 and the signal's number when a signal ended it, as shells do.
 */
export function runInSandbox(options: RunOptions): Promise<number> {
  const [program = '', ...args] = options.command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: 'inherit' });
    const forward = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of options.forward) process.on(signal, forward);
    const finish = () => {
      for (const signal of options.forward) process.off(signal, forward);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      finish();
      if (error.code !== 'ENOENT' && error.code !== 'EACCES') return reject(error);
      reject(
        new KmError(
          'ErrUsage',
          `'${program}' cannot be run: ${error.code === 'ENOENT' ? 'not found' : 'not allowed'}.`,
          {
            remedy: "Check the command after `--`, and the caller's PATH.",
          },
        ),
      );
    });
    child.once('exit', (code, signal) => {
      finish();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

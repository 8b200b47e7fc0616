import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../sandbox/run-command.ts';
import { packageRoot } from './package-root.ts';

/** The Node that the code is written for. */
const MAJOR = 24;

const isTooOld = (): boolean => Number.parseInt(process.versions.node, 10) < MAJOR;

/** The Node that `npm ci` brings along for this machine, where there is one. */
function broughtNode(): string | undefined {
  const path = join(packageRoot(), 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  return existsSync(path) ? path : undefined;
}

/**
 * Runs this very command line under the Node that came with `npm ci`, when this one is too old, and returns its exit
 * code; `undefined` when this one will do. Signals are for the command: it may have something to take back.
 */
export async function underNewerNode(argv: readonly string[]): Promise<number | undefined> {
  if (!isTooOld()) return undefined;
  const node = broughtNode();
  if (node === undefined) {
    process.stderr.write(
      `error: km needs Node ${MAJOR} or later; this is ${process.version}.\n→ Install it from https://nodejs.org.\n`,
    );
    return 1;
  }
  return runCommand({
    command: [node, process.argv[1] ?? '', ...argv],
    env: process.env,
    cwd: process.cwd(),
    onTerminal: process.stdin.isTTY ?? false,
  });
}

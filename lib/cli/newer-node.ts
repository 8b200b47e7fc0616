import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../sandbox/run-command.ts';
import { packageRoot } from './package-root.ts';

/** The Node that `npm ci` brings along for this machine, where there is one. */
function broughtNode(): string | undefined {
  const path = join(packageRoot(), 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  return existsSync(path) ? path : undefined;
}

/**
 * Runs this very command line under the Node that came with `npm ci`, and returns its exit code; 1 with a word when
 * there is none. `major` is the Node that is needed.
 */
export async function underNewerNode(argv: readonly string[], major: number): Promise<number> {
  const node = broughtNode();
  if (node === undefined) {
    process.stderr.write(
      `error: km needs Node ${major} or later; this is ${process.version}.\n→ Install it from https://nodejs.org.\n`,
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

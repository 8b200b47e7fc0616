import { execFileSync, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 1024 * 1024;
const PERSON = 'Bench <bench@example.com> 1704067200 +0000';

/** Settings of every git process of the bench: nothing of this machine's, and no housekeeping while it is timed. */
export const gitEnvironment = (home: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'gc.auto',
  GIT_CONFIG_VALUE_0: '0',
  GIT_CONFIG_KEY_1: 'safe.directory',
  GIT_CONFIG_VALUE_1: '*',
});

const gitIn = (repository: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-C', repository, ...args], {
    encoding: 'utf8',
    env: gitEnvironment(repository),
  }).trim();

/**
 * Adds one commit to `main` of a bare repository, with files of 1 MiB that no compression makes smaller. Its objects
 * are one pack.
 */
export const addIncompressible = async (repository: string, mebibytes: number): Promise<void> => {
  const child = spawn(
    'git',
    ['-c', 'core.compression=0', '-C', repository, 'fast-import', '--quiet', '--depth=0'],
    {
      stdio: ['pipe', 'inherit', 'inherit'],
      env: gitEnvironment(repository),
    },
  );
  const ended = once(child, 'close');
  const write = async (part: string | Buffer): Promise<void> => {
    if (!child.stdin.write(part)) await once(child.stdin, 'drain');
  };
  await write(`commit refs/heads/main\ncommitter ${PERSON}\ndata 3\nbig\nfrom refs/heads/main^0\n`);
  for (let index = 0; index < mebibytes; index += 1) {
    await write(`M 100644 inline d${index % 16}/f${index}\ndata ${MIB}\n`);
    await write(randomFillSync(Buffer.allocUnsafeSlow(MIB)));
    await write('\n');
  }
  child.stdin.end('done\n');
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
};

/** Gives a bare repository the objects of another, without a copy, and its `main`. */
export const borrow = (from: string, to: string): void => {
  mkdirSync(join(to, 'objects', 'info'), { recursive: true });
  writeFileSync(join(to, 'objects', 'info', 'alternates'), `${join(from, 'objects')}\n`);
  gitIn(to, 'update-ref', 'refs/heads/main', gitIn(from, 'rev-parse', 'refs/heads/main'));
};

/** Takes a bare repository back to a commit that it has as loose objects, without its packs. */
export const withoutPacks = (repository: string, commit: string): void => {
  gitIn(repository, 'update-ref', 'refs/heads/main', commit);
  rmSync(join(repository, 'objects', 'pack'), { recursive: true, force: true });
};

export const mainOf = (repository: string): string => gitIn(repository, 'rev-parse', 'refs/heads/main');

/** Throws unless every object of a repository is whole and there. */
export const checkWhole = (repository: string): void => {
  gitIn(repository, 'fsck', '--full', '--strict', '--no-progress');
};

import { type ChildProcess, execFile, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** git as on a machine that has no configuration, at a fixed time. */
export const GIT_ENV: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'init.defaultBranch',
  GIT_CONFIG_VALUE_0: 'main',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
  GIT_TERMINAL_PROMPT: '0',
};

/** A folder of the test's own, removed at its end. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'km-push-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export const runGit = (
  folder: string,
  args: readonly string[],
  input?: Buffer | string,
): SpawnSyncReturns<Buffer> =>
  spawnSync('git', ['-C', folder, ...args], { env: GIT_ENV, input, maxBuffer: 2 ** 28 });

/** What a git command prints; it must succeed. */
export const git = (folder: string, args: readonly string[], input?: Buffer | string): string => {
  const { status, stdout, stderr } = runGit(folder, args, input);
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout.toString().trim();
};

/** A commit of the empty tree; `message` tells it from others with the same parents. */
export const commit = (repo: string, message: string, ...parents: readonly string[]): string =>
  git(
    repo,
    ['commit-tree', git(repo, ['mktree'], ''), ...parents.flatMap((parent) => ['-p', parent])],
    message,
  );

/** git with a server in this very process to talk to. */
export const runGitBeside = (
  folder: string,
  args: readonly string[],
): Promise<{ readonly status: number; readonly output: string }> =>
  new Promise((resolve) => {
    const child: ChildProcess = execFile(
      'git',
      ['-C', folder, ...args],
      { env: GIT_ENV },
      (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });

import { mkdirSync } from 'node:fs';
import { run } from './scripts.ts';

export interface PushRepo {
  readonly folder: string;
  /** A bare repo beside it, empty. */
  readonly remote: string;
  /** Commits: `ahead` and `aside` both follow `base`, and neither follows the other. */
  readonly base: string;
  readonly ahead: string;
  readonly aside: string;
}

export const IDENTITY = {
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** A repo with three commits, and an empty one to push to. */
export async function makePushRepo(folder: string, format: 'sha1' | 'sha256'): Promise<PushRepo> {
  const remote = `${folder}.git`;
  mkdirSync(folder, { recursive: true });
  const git = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await run('git', args, { cwd: folder, env: IDENTITY });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  await git('init', '-q', '-b', 'trunk', `--object-format=${format}`, folder);
  await git('init', '-q', '--bare', `--object-format=${format}`, remote);
  await git('commit', '-q', '--allow-empty', '-m', 'base');
  const base = await git('rev-parse', 'HEAD');
  await git('commit', '-q', '--allow-empty', '-m', 'ahead');
  const ahead = await git('rev-parse', 'HEAD');
  await git('checkout', '-q', '--detach', base);
  await git('commit', '-q', '--allow-empty', '-m', 'aside');
  const aside = await git('rev-parse', 'HEAD');
  await git('checkout', '-q', '--detach', base);
  return { folder, remote, base, ahead, aside };
}

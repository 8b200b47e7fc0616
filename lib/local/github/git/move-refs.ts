import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from './bare-repository.ts';
import type { Git } from './git.ts';
import { isAncestor } from './history.ts';

/** The default branch, without `refs/heads/`. */
export const defaultBranch = (git: Git, repository: number): string => {
  const head = readFileSync(join(repositoryPath(git.reposDir, repository), 'HEAD'), 'utf8');
  return head.trim().replace(/^ref: refs\/heads\//, '');
};

/** Sets a ref that is at `from`; false when it has moved meanwhile. */
export const moveRef = async (
  git: Git,
  repository: number,
  ref: string,
  to: string,
  from: string,
): Promise<boolean> => (await git.run(repository, ['update-ref', '--', ref, to, from])).code === 0;

export const deleteRef = async (git: Git, repository: number, ref: string, from: string): Promise<boolean> =>
  (await git.run(repository, ['update-ref', '-d', ref, from])).code === 0;

/** Gives a branch another name, and the default branch with it; false when the name is taken. */
export const renameBranch = async (
  git: Git,
  repository: number,
  { from, to, sha }: { readonly from: string; readonly to: string; readonly sha: string },
): Promise<boolean> => {
  const old = `refs/heads/${from}`;
  const script = `start\ncreate refs/heads/${to} ${sha}\ndelete ${old} ${sha}\nprepare\ncommit\n`;
  const { code } = await git.run(repository, ['update-ref', '--stdin'], Buffer.from(script));
  if (code !== 0) return false;
  if (defaultBranch(git, repository) === from)
    writeFileSync(join(repositoryPath(git.reposDir, repository), 'HEAD'), `ref: refs/heads/${to}\n`);
  return true;
};

export interface MergeOptions {
  /** The branch that moves, without `refs/heads/`, and the commit that it is at. */
  readonly branch: string;
  readonly base: string;
  readonly head: string;
  readonly message: string;
  /** `Name <mail>`. */
  readonly author: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** `squash`: one commit without the other parent; `rebase`: only where that is a fast-forward. */
  readonly method: 'merge' | 'squash' | 'rebase';
}

/** Merges into a branch: the commit that it is at then, or why not. */
export const mergeInto = async (
  git: Git,
  repository: number,
  options: MergeOptions,
): Promise<{ readonly sha: string } | 'conflict' | 'moved'> => {
  const { base, head, method } = options;
  const ref = `refs/heads/${options.branch}`;
  if (method === 'rebase') {
    if (!(await isAncestor(git, repository, base, head))) return 'conflict';
    return (await moveRef(git, repository, ref, head, base)) ? { sha: head } : 'moved';
  }
  const merged = await git.run(repository, ['merge-tree', '--write-tree', '--no-messages', base, head]);
  if (merged.code !== 0) return 'conflict';
  const tree = merged.stdout.toString('utf8').trim();
  const [, name = '', mail = ''] = /^(.*) <(.*)>$/.exec(options.author) ?? [];
  const date = `${options.time} +0000`;
  const made = await git.run(
    repository,
    ['-c', `user.name=${name}`, '-c', `user.email=${mail}`, 'commit-tree', tree, '-p', base]
      .concat(method === 'merge' ? ['-p', head] : [])
      .concat(['-F', '-']),
    Buffer.from(options.message),
    { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  );
  const sha = made.stdout.toString('utf8').trim();
  if (made.code !== 0) return 'conflict';
  return (await moveRef(git, repository, ref, sha, base)) ? { sha } : 'moved';
};

import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commit, git, runGit, temporaryFolder } from './real-git.ts';

/** A ref's value before and after. */
export interface Moved {
  readonly ref: string;
  readonly oldId: string;
  readonly newId: string;
}

export interface PushOracle {
  /** Ids of commits that the repo holds, oldest first. */
  readonly ids: readonly string[];
  /** What git's own receive-pack moves on this body; the repo is then as it was. */
  readonly moves: (body: Buffer) => readonly Moved[];
}

const ZERO = '0'.repeat(40);

/** Paths as bytes, so that a name that is not UTF-8 is told from another. */
const filesBelow = (folder: Buffer): Buffer[] =>
  readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }).flatMap((entry) => {
    const path = Buffer.concat([folder, Buffer.from('/'), entry.name]);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });

/** A bare repo with `refs/heads/main`, `refs/heads/dev` and `refs/tags/v1`, and git to write to it. */
export const makePushOracle = (): PushOracle => {
  const folder = temporaryFolder();
  const repo = join(folder, 'repo.git');
  const kept = join(folder, 'refs');
  git(folder, ['init', '-q', '--bare', repo]);
  const config = {
    'receive.advertisePushOptions': 'true',
    'receive.denyDeletes': 'false',
    'receive.denyDeleteCurrent': 'ignore',
    'receive.autogc': 'false',
    'receive.certNonceSeed': 'seed',
    'receive.shallowUpdate': 'true',
    'core.logAllRefUpdates': 'false',
  };
  for (const [key, value] of Object.entries(config)) git(repo, ['config', key, value]);
  const first = commit(repo, 'first');
  const second = commit(repo, 'second', first);
  const third = commit(repo, 'third', second);
  git(repo, ['update-ref', 'refs/heads/main', second]);
  git(repo, ['update-ref', 'refs/heads/dev', first]);
  git(repo, ['update-ref', 'refs/tags/v1', first]);
  cpSync(join(repo, 'refs'), kept, { recursive: true });

  const refs = (): Map<string, string> =>
    new Map(
      filesBelow(Buffer.from(join(repo, 'refs'))).map((path) => [
        path.toString('latin1').slice(repo.length + 1),
        readFileSync(path, 'latin1').trim(),
      ]),
    );
  const before = refs();

  return {
    ids: [first, second, third],
    moves: (body) => {
      runGit(repo, ['receive-pack', '--stateless-rpc', '.'], body);
      const after = refs();
      const moved = [...new Set([...before.keys(), ...after.keys()])]
        .map((ref) => ({ ref, oldId: before.get(ref) ?? ZERO, newId: after.get(ref) ?? ZERO }))
        .filter(({ oldId, newId }) => oldId !== newId);
      if (moved.length > 0) {
        rmSync(join(repo, 'refs'), { recursive: true });
        cpSync(kept, join(repo, 'refs'), { recursive: true });
      }
      rmSync(join(repo, 'shallow'), { force: true });
      return moved;
    },
  };
};

import type { Git } from './git.ts';

interface Person {
  readonly name: string;
  readonly email: string;
  /** ISO 8601, as it was written. */
  readonly date: string;
}

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

export interface ChangedFile {
  readonly path: string;
  readonly status: 'added' | 'removed' | 'modified';
  readonly sha: string;
  /** Lines; 0 of a binary file. */
  readonly additions: number;
  readonly deletions: number;
}

const FORMAT = '--format=%H%n%T%n%P%n%an%n%ae%n%aI%n%cn%n%ce%n%cI%n%B';

const commitOf = (record: string): Commit => {
  const [sha = '', tree = '', parents = '', ...rest] = record.split('\n');
  const [name = '', email = '', date = '', byName = '', byEmail = '', byDate = '', ...message] = rest;
  return {
    sha,
    tree,
    parents: parents === '' ? [] : parents.split(' '),
    author: { name, email, date },
    committer: { name: byName, email: byEmail, date: byDate },
    message: message.join('\n').replace(/\n+$/, ''),
  };
};

export interface LogOptions {
  /** Commits, each with a `^` before it where what it reaches is left out. */
  readonly from: readonly string[];
  readonly path?: string;
  readonly most?: number;
  readonly oldestFirst?: boolean;
}

/** The commits that are reached, the newest first. */
export const listCommits = async (git: Git, repository: number, options: LogOptions): Promise<Commit[]> => {
  const { stdout } = await git.run(repository, [
    '--literal-pathspecs',
    'log',
    '-z',
    FORMAT,
    ...(options.most === undefined ? [] : [`--max-count=${options.most}`]),
    ...(options.oldestFirst ? ['--reverse', '--topo-order'] : []),
    ...options.from,
    '--',
    ...(options.path === undefined ? [] : [options.path]),
  ]);
  return stdout
    .toString('utf8')
    .split('\0')
    .filter((record) => record !== '')
    .map(commitOf);
};

/** One commit that is there. */
export const readCommit = async (git: Git, repository: number, sha: string): Promise<Commit | undefined> =>
  (await listCommits(git, repository, { from: [sha], most: 1 }))[0];

/** A best common ancestor; undefined when there is none. */
export const mergeBase = async (
  git: Git,
  repository: number,
  one: string,
  other: string,
): Promise<string | undefined> => {
  const { code, stdout } = await git.run(repository, ['merge-base', one, other]);
  return code === 0 ? stdout.toString('utf8').trim() : undefined;
};

/** Whether `ancestor` is `commit` or one that it descends from. */
export const isAncestor = async (
  git: Git,
  repository: number,
  ancestor: string,
  commit: string,
): Promise<boolean> =>
  (await git.run(repository, ['merge-base', '--is-ancestor', ancestor, commit])).code === 0;

const STATUSES: Readonly<Record<string, ChangedFile['status']>> = { A: 'added', D: 'removed' };

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** The files that differ between two commits; `from` undefined: all of them, as of a first commit. */
export const changedFiles = async (
  git: Git,
  repository: number,
  from: string | undefined,
  to: string,
): Promise<ChangedFile[]> => {
  const list = async (kind: string) => {
    const args = ['diff', kind, '-z', '--no-renames', '--no-abbrev', '--no-ext-diff', from ?? EMPTY_TREE, to];
    return (await git.run(repository, args)).stdout.toString('utf8').split('\0');
  };
  const [raw, counts] = await Promise.all([list('--raw'), list('--numstat')]);
  const lines = new Map(
    counts.flatMap((line) => {
      const [, added = '', removed = '', path] = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(line) ?? [];
      return path === undefined ? [] : [[path, [Number(added) || 0, Number(removed) || 0] as const] as const];
    }),
  );
  const files: ChangedFile[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [, , before = '', after = '', letter = ''] = (raw[index] ?? '').split(' ');
    const path = raw[index + 1] ?? '';
    const [additions, deletions] = lines.get(path) ?? [0, 0];
    const status = STATUSES[letter] ?? 'modified';
    files.push({ path, status, sha: status === 'removed' ? before : after, additions, deletions });
  }
  return files;
};

/** A patch of what differs, as GitHub sends it for the media type `diff`. */
export const diffOf = async (
  git: Git,
  repository: number,
  from: string | undefined,
  to: string,
): Promise<Buffer> => (await git.run(repository, ['diff', '--no-ext-diff', from ?? EMPTY_TREE, to])).stdout;

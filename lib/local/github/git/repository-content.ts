import type { Git } from './git.ts';

export interface TreeEntry {
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly sha: string;
  /** Bytes of a blob; 0 for the others. */
  readonly size: number;
  /** The full path from the repository's root. */
  readonly path: string;
}

/** Whether git takes the name after `refs/heads/` or `refs/`; stricter than git-check-ref-format, never looser. */
export const isRefName = (name: string): boolean =>
  name.length <= 255 && !/[\0- ~^:?*[\\\x7f]|\.\.|@\{|\/\/|^[/.-]|\/\.|\.lock(?:\/|$)|[/.]$|^@$/.test(name);

/** Whether a path may stand in a tree: no empty, `.`, `..` or `.git` parts, and no control characters. */
export const isTreePath = (path: string): boolean =>
  path.length > 0 &&
  path.length <= 4096 &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  !/[\0-\x1f\x7f\\]/.test(path) &&
  path
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');

const verify = async (git: Git, repository: number, name: string): Promise<string | undefined> => {
  const { code, stdout } = await git.run(repository, [
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    name,
  ]);
  return code === 0 ? stdout.toString('utf8').trim() : undefined;
};

/** The commit that a branch, tag or object id names. */
export const resolveCommit = async (
  git: Git,
  repository: number,
  ref: string,
): Promise<string | undefined> => {
  if (!isRefName(ref)) return undefined;
  const candidates = /^[\da-f]{40}$/.test(ref) ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  for (const name of candidates) {
    const commit = await verify(git, repository, `${name}^{commit}`);
    if (commit !== undefined) return commit;
  }
  return undefined;
};

export interface Ref {
  readonly ref: string;
  readonly sha: string;
  readonly type: string;
}

/** The refs under a prefix such as `refs/heads/`, or the one of exactly that name, in git's order. */
export const listRefs = async (git: Git, repository: number, pattern: string): Promise<Ref[]> => {
  const format = '%(refname)%00%(objectname)%00%(objecttype)';
  const { stdout } = await git.run(repository, ['for-each-ref', `--format=${format}`, pattern]);
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [ref = '', sha = '', type = ''] = line.split('\0');
      return { ref, sha, type };
    });
};

/** The commit that a branch is at, by its exact name. */
export const branchCommit = async (
  git: Git,
  repository: number,
  branch: string,
): Promise<string | undefined> => {
  const ref = `refs/heads/${branch}`;
  if (!isRefName(ref)) return undefined;
  return (await listRefs(git, repository, ref)).find((entry) => entry.ref === ref)?.sha;
};

/** What lies at a path of a commit: a file's own entry, or a folder's entries (`path` empty: the root's). */
export const listPath = async (
  git: Git,
  repository: number,
  commit: string,
  path: string,
): Promise<{ kind: 'file'; entry: TreeEntry } | { kind: 'folder'; entries: TreeEntry[] } | undefined> => {
  const list = async (spec: readonly string[]): Promise<TreeEntry[]> => {
    const { stdout } = await git.run(repository, ['--literal-pathspecs', 'ls-tree', '-lz', commit, ...spec]);
    return stdout
      .toString('utf8')
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => {
        const [, mode = '', type = '', sha = '', size = '', name = ''] =
          /^(\d+) (\w+) ([\da-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? [];
        return { mode, type: type as TreeEntry['type'], sha, size: Number(size) || 0, path: name };
      });
  };
  if (path === '') return { kind: 'folder', entries: await list([]) };
  const [own] = await list(['--', path]);
  if (!own) return undefined;
  if (own.type !== 'tree') return { kind: 'file', entry: own };
  return { kind: 'folder', entries: await list(['--', `${path}/`]) };
};

export const readBlob = async (git: Git, repository: number, sha: string): Promise<Buffer> =>
  (await git.run(repository, ['cat-file', 'blob', sha])).stdout;

export interface CommitFile {
  readonly branch: string;
  readonly path: string;
  /** Absent: the file is deleted. */
  readonly content?: Buffer;
  readonly message: string;
  /** `Name <mail>`. */
  readonly author: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** The commit that the branch must still be at. */
  readonly parent: string;
}

/** Commits one file, or its deletion, onto a branch; the new commit, or undefined when the branch has moved meanwhile. */
export const commitFile = async (
  git: Git,
  repository: number,
  options: CommitFile,
): Promise<string | undefined> => {
  const data = (content: Buffer) => [Buffer.from(`data ${content.length}\n`), content, Buffer.from('\n')];
  const quoted = `"${options.path.replaceAll('"', '\\"')}"`;
  const script = Buffer.concat([
    Buffer.from(
      `commit refs/heads/${options.branch}\nmark :1\ncommitter ${options.author} ${options.time} +0000\n`,
    ),
    ...data(Buffer.from(options.message)),
    Buffer.from(`from ${options.parent}\n`),
    ...(options.content
      ? [Buffer.from(`M 100644 inline ${quoted}\n`), ...data(options.content)]
      : [Buffer.from(`D ${quoted}\n`)]),
    Buffer.from('get-mark :1\ndone\n'),
  ]);
  const { code, stdout } = await git.run(repository, ['fast-import', '--quiet', '--done'], script);
  return code === 0 ? stdout.toString('utf8').trim() : undefined;
};

/** Makes a ref that must not exist yet. */
export const createRef = async (git: Git, repository: number, ref: string, sha: string): Promise<boolean> =>
  (await git.run(repository, ['update-ref', '--', ref, sha, '0'.repeat(40)])).code === 0;

export const objectExists = async (git: Git, repository: number, sha: string): Promise<boolean> =>
  (await git.run(repository, ['cat-file', '-e', sha])).code === 0;

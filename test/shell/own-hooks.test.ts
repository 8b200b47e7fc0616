import { chmodSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IDENTITY, makePushRepo, type PushRepo } from './push-repo.ts';
import { makePlace, type Place, type Ran, run, SCRIPTS } from './scripts.ts';

let place: Place;
let repo: PushRepo;

beforeEach(async () => {
  place = makePlace({ refs: ['main'] });
  repo = await makePushRepo(join(place.root, 'repo'), 'sha1');
});
afterEach(() => place.remove());

/** git as in a sandbox: km's hooks outrank the repo's own setting. */
const git = (args: readonly string[], cwd = repo.folder, env: Record<string, string> = {}): Promise<Ran> =>
  run('git', args, {
    cwd,
    env: {
      ...IDENTITY,
      HOME: place.home,
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: `${place.scripts}/hooks`,
      ...env,
    },
  });

/** Writes a hook that notes its name, arguments and input, and ends with a status. */
const writeHook = (folder: string, name: string, status = 0): void => {
  mkdirSync(folder, { recursive: true });
  const note = `printf '%s|%s|%s\\n' "\${0##*/}" "$*" "$(cat)" >>'${place.root}/notes'`;
  writeFileSync(join(folder, name), `#!/bin/sh\n${note}\necho "said by ${name}" >&2\nexit ${status}\n`, {
    mode: 0o755,
  });
};
const notes = (): string[] => {
  try {
    return readFileSync(join(place.root, 'notes'), 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
};

test('every hook that git looks up in core.hooksPath is chained, but for three', () => {
  const chained = readdirSync(`${SCRIPTS}/hooks`).filter((name) => name !== 'chain' && name !== 'pre-push');
  for (const name of chained) expect(readlinkSync(`${SCRIPTS}/hooks/${name}`)).toBe('chain');
  // https://git-scm.com/docs/githooks, without fsmonitor-watchman, which core.fsmonitor names.
  expect(chained.sort()).toEqual(
    [
      ...[
        'applypatch-msg',
        'pre-applypatch',
        'post-applypatch',
        'pre-commit',
        'pre-merge-commit',
        'prepare-commit-msg',
      ],
      ...['commit-msg', 'post-commit', 'pre-rebase', 'post-checkout', 'post-merge', 'pre-receive', 'update'],
      ...[
        'post-receive',
        'post-update',
        'pre-auto-gc',
        'post-rewrite',
        'sendemail-validate',
        'post-index-change',
      ],
      ...['p4-changelist', 'p4-prepare-changelist', 'p4-post-changelist', 'p4-pre-submit'],
    ].sort(),
  );
});

describe('a repo keeps its own hooks', () => {
  test('of $GIT_DIR/hooks: their arguments, output and order', async () => {
    for (const name of ['pre-commit', 'commit-msg', 'post-commit'])
      writeHook(`${repo.folder}/.git/hooks`, name);
    const { status, stderr } = await git(['commit', '-q', '--allow-empty', '-m', 'x']);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'said by pre-commit\nsaid by commit-msg\nsaid by post-commit\n',
    });
    expect(notes()).toEqual(['pre-commit||', 'commit-msg|.git/COMMIT_EDITMSG|', 'post-commit||']);
  });

  test('which can still stop a commit, with their own status', async () => {
    writeHook(`${repo.folder}/.git/hooks`, 'pre-commit', 7);
    expect((await git(['commit', '-q', '--allow-empty', '-m', 'x'])).status).toBe(1);
    const { status } = await run(`${place.scripts}/hooks/pre-commit`, [], {
      cwd: repo.folder,
      env: IDENTITY,
    });
    expect(status).toBe(7);
  });

  test('of its own core.hooksPath, as husky sets it, and not those of $GIT_DIR/hooks', async () => {
    await git(['config', '--local', 'core.hooksPath', '.husky/_']);
    writeHook(`${repo.folder}/.husky/_`, 'commit-msg');
    writeHook(`${repo.folder}/.git/hooks`, 'pre-commit');
    expect((await git(['commit', '-q', '--allow-empty', '-m', 'x'])).status).toBe(0);
    expect(notes()).toEqual(['commit-msg|.git/COMMIT_EDITMSG|']);
  });

  test("of the user's core.hooksPath, with ~ for the home", async () => {
    const global = join(place.root, 'gitconfig');
    writeFileSync(global, '[core]\n\thooksPath = ~/my-hooks\n');
    writeHook(`${place.home}/my-hooks`, 'pre-commit');
    await git(['commit', '-q', '--allow-empty', '-m', 'x'], repo.folder, { GIT_CONFIG_GLOBAL: global });
    expect(notes()).toEqual(['pre-commit||']);
  });

  test("of $GIT_DIR/hooks where its setting is km's own directory", async () => {
    await git(['config', 'core.hooksPath', `${place.scripts}/hooks`]);
    writeHook(`${repo.folder}/.git/hooks`, 'pre-commit');
    await git(['commit', '-q', '--allow-empty', '-m', 'x']);
    expect(notes()).toEqual(['pre-commit||']);
  });

  test('in a worktree: those of the common directory', async () => {
    writeHook(`${repo.folder}/.git/hooks`, 'pre-commit');
    await git(['worktree', 'add', '-q', '../tree', '-b', 'tree']);
    expect((await git(['commit', '-q', '--allow-empty', '-m', 'x'], join(place.root, 'tree'))).status).toBe(
      0,
    );
    expect(notes()).toEqual(['pre-commit||']);
  });

  test("in a worktree: those of the worktree's own core.hooksPath", async () => {
    await git(['config', 'extensions.worktreeConfig', 'true']);
    await git(['worktree', 'add', '-q', '../tree', '-b', 'tree']);
    const tree = join(place.root, 'tree');
    await git(['config', '--worktree', 'core.hooksPath', 'mine'], tree);
    writeHook(`${tree}/mine`, 'pre-commit');
    writeHook(`${repo.folder}/.git/hooks`, 'pre-commit', 1);
    expect((await git(['commit', '-q', '--allow-empty', '-m', 'x'], tree)).status).toBe(0);
  });

  test('from a folder below the top', async () => {
    await git(['config', 'core.hooksPath', '.husky']);
    writeHook(`${repo.folder}/.husky`, 'pre-commit');
    mkdirSync(`${repo.folder}/below`);
    await git(['commit', '-q', '--allow-empty', '-m', 'x'], `${repo.folder}/below`);
    expect(notes()).toEqual(['pre-commit||']);
  });

  test('with the environment that git gave, and the locale of the user', async () => {
    const hook = `${repo.folder}/.git/hooks/pre-commit`;
    mkdirSync(`${repo.folder}/.git/hooks`, { recursive: true });
    writeFileSync(hook, `#!/bin/sh\nenv >'${place.root}/env'\n`, { mode: 0o755 });
    await git(['commit', '-q', '--allow-empty', '-m', 'x'], repo.folder, {
      LC_ALL: 'en_US.UTF-8',
      MINE: 'kept',
    });
    const env = readFileSync(join(place.root, 'env'), 'utf8').split('\n');
    expect(env).toEqual(
      expect.arrayContaining(['LC_ALL=en_US.UTF-8', 'MINE=kept', 'GIT_INDEX_FILE=.git/index']),
    );
  });

  test('of a local remote that is pushed to', async () => {
    writeHook(`${repo.remote}/hooks`, 'pre-receive', 1);
    // git drops GIT_CONFIG_COUNT for the other repo; system configuration stays.
    const system = join(place.root, 'system');
    writeFileSync(system, `[core]\n\thooksPath = ${place.scripts}/hooks\n`);
    const { status, stderr } = await git(['push', '-q', repo.remote, 'HEAD:refs/heads/main'], repo.folder, {
      GIT_CONFIG_NOSYSTEM: '0',
      GIT_CONFIG_SYSTEM: system,
    });
    expect(status).toBe(1);
    expect(stderr).toContain('said by pre-receive');
  });
});

describe('pre-push', () => {
  const push = (): Promise<Ran> =>
    git(['push', '-q', repo.remote, 'HEAD:refs/heads/main', 'HEAD:refs/tags/main']);

  test("hands the same input and arguments on to the repo's own", async () => {
    await git(['config', 'core.hooksPath', '.husky/_']);
    writeHook(`${repo.folder}/.husky/_`, 'pre-push');
    expect((await push()).status).toBe(0);
    const zero = '0'.repeat(40);
    const lines = ['main', 'x'].map(
      (_, index) => `HEAD ${repo.base} refs/${['heads', 'tags'][index]}/main ${zero}`,
    );
    expect(notes().join('\n')).toBe(`pre-push|${repo.remote} ${repo.remote}|${lines.join('\n')}`);
  });

  test("takes the status of the repo's own", async () => {
    writeHook(`${repo.folder}/.git/hooks`, 'pre-push', 3);
    const { status, stderr } = await push();
    expect(status).toBe(1);
    expect(stderr).toContain('said by pre-push');
  });

  test("does not run the repo's own when it denies", async () => {
    place.setPolicy({ refs: ['other'] });
    writeHook(`${repo.folder}/.git/hooks`, 'pre-push');
    expect((await push()).status).toBe(1);
    expect(notes()).toEqual([]);
  });

  test("is not disturbed by a repo's own that reads nothing, however much there is to read", async () => {
    place.setPolicy({});
    mkdirSync(`${repo.folder}/.git/hooks`, { recursive: true });
    writeFileSync(`${repo.folder}/.git/hooks/pre-push`, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    const input = Array.from(
      { length: 2000 },
      (_, i) => `a ${repo.base} refs/heads/b${i} ${'0'.repeat(40)}\n`,
    ).join('');
    const ran = await run(`${place.scripts}/hooks/pre-push`, ['r', 'u'], {
      cwd: repo.folder,
      env: IDENTITY,
      input,
    });
    expect(ran).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('nothing is run', () => {
  test("when the repo's own setting is km's directory itself", async () => {
    await git(['config', 'core.hooksPath', `${place.scripts}/hooks`]);
    expect(await git(['commit', '-q', '--allow-empty', '-m', 'x'])).toMatchObject({ status: 0, stderr: '' });
  });

  test("when the repo's hooks are a link to km's directory", async () => {
    await run('rm', ['-rf', `${repo.folder}/.git/hooks`]);
    await run('ln', ['-s', `${place.scripts}/hooks`, `${repo.folder}/.git/hooks`]);
    expect(await git(['commit', '-q', '--allow-empty', '-m', 'x'])).toMatchObject({ status: 0, stderr: '' });
  });

  test('when the hook is not executable', async () => {
    writeHook(`${repo.folder}/.git/hooks`, 'pre-commit', 1);
    chmodSync(`${repo.folder}/.git/hooks/pre-commit`, 0o644);
    expect((await git(['commit', '-q', '--allow-empty', '-m', 'x'])).status).toBe(0);
  });

  test('when there is none, and outside of a repo', async () => {
    expect(await git(['commit', '-q', '--allow-empty', '-m', 'x'])).toMatchObject({ status: 0, stderr: '' });
    expect(await run(`${place.scripts}/hooks/pre-commit`, [], { cwd: '/' })).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
  });
});

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { IDENTITY } from './push-repo.ts';
import { makePlace, type Place, policyText, type Ran, run } from './scripts.ts';

const POLICY = policyText({ refs: ['main', 'release/*', 'v[0-9]*'] });
let place: Place;
let root: string;
let lib: string;

beforeEach(() => {
  place = makePlace();
  root = join(place.root, 'image');
  lib = `${root}/usr/local/lib/km`;
});
afterEach(() => place.remove());

const install = (args: readonly string[], input = '', env: Record<string, string> = {}): Promise<Ran> =>
  run(`${place.scripts}/install`, args, { input, env: { KM_ROOT: root, HOME: place.home, ...env } });

/** Every file below the root with its mode and content. */
const tree = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(root, name)).isFile())
      .sort()
      .map((name) => [
        name,
        `${(statSync(join(root, name)).mode & 0o777).toString(8)} ${readFileSync(join(root, name), 'utf8')}`,
      ]),
  );

describe('the installer', () => {
  test('puts scripts, hooks and policy in place, readable to all and writable to the owner alone', async () => {
    writeFileSync(join(place.root, 'policy'), POLICY);
    expect(await install([join(place.root, 'policy')])).toEqual({
      status: 0,
      stdout: `[km] Installed in ${lib}.\n`,
      stderr: '',
    });
    const modes = Object.entries(tree()).map(([name, entry]) => [name, entry.slice(0, 3)]);
    const executable = /\/(?:km-[a-z-]+|install|hooks\/[a-z0-9-]+)$/;
    for (const [name = '', mode] of modes) {
      expect({ name, mode }).toEqual({
        name,
        mode: name.endsWith('/policy') ? '444' : executable.test(name) ? '755' : '644',
      });
    }
    expect(modes.map(([name]) => name?.split('/').pop())).toEqual(
      expect.arrayContaining([
        'km-git-askpass',
        'km-git-credential-helper',
        'km-github-token',
        'pre-push',
        'pre-commit',
      ]),
    );
    expect(readFileSync(`${lib}/policy`, 'utf8')).toBe(POLICY);
    expect(readdirSync(join(lib, '..'))).toEqual(['km']);
  });

  test('leaves the same when it runs again, also from where it installed', async () => {
    await install(['-'], POLICY);
    const first = tree();
    await install(['-'], POLICY);
    expect(tree()).toEqual(first);
    const again = await run(`${lib}/install`, ['-'], {
      input: POLICY,
      env: { KM_ROOT: root, HOME: place.home },
    });
    expect(again.stderr).toBe('');
    expect(tree()).toEqual(first);
  });

  test('replaces the policy of an earlier run, and its settings', async () => {
    await install(['-'], POLICY);
    await install(['-'], POLICY.replaceAll('github.com', 'ghe.example.com'));
    const all = JSON.stringify(tree());
    expect(readFileSync(`${lib}/policy`, 'utf8')).toContain('git https://ghe.example.com\n');
    expect(all).not.toContain('github.com/.insteadOf');
    expect(readFileSync(`${root}/etc/gitconfig`, 'utf8').match(/path = /g)).toHaveLength(1);
  });

  test('takes away what it wrote, and nothing else', async () => {
    mkdirSync(`${root}/etc`, { recursive: true });
    writeFileSync(`${root}/etc/gitconfig`, '[user]\n\tname = Other\n[include]\n\tpath = /other\n');
    writeFileSync(`${root}/etc/environment`, 'OTHER=1\nLAST=2');
    await install(['-'], POLICY);
    expect(readFileSync(`${root}/etc/environment`, 'utf8')).toMatch(
      /^OTHER=1\nLAST=2\n# km begin\n.*# km end\n$/s,
    );
    expect((await install(['--uninstall'])).status).toBe(0);
    expect(tree()).toEqual({
      'etc/environment': '644 OTHER=1\nLAST=2\n',
      'etc/gitconfig': '644 [user]\n\tname = Other\n[include]\n\tpath = /other\n',
    });
    expect(existsSync(lib)).toBe(false);
    expect((await install(['--uninstall'])).status).toBe(0);
  });

  test('is content with an environment whose variables another program numbers', async () => {
    mkdirSync(`${root}/etc`, { recursive: true });
    writeFileSync(`${root}/etc/environment`, 'GIT_CONFIG_COUNT=1\n');
    expect((await install(['-'], POLICY)).status).toBe(0);
    expect(readFileSync(`${root}/etc/environment`, 'utf8')).toBe('GIT_CONFIG_COUNT=1\n');
  });
});

describe('the installer writes nothing and says why', () => {
  test('for a policy that is not there', async () => {
    const { status, stderr } = await install([join(place.root, 'none')]);
    expect(status).toBe(1);
    expect(stderr).toContain(`[km] The policy cannot be read: ${place.root}/none\n`);
    expect(existsSync(root)).toBe(false);
  });

  test.each([[[]], [['--help']], [['a', 'b']]])('for the arguments %j', async (args) => {
    const { status, stderr } = await install(args);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: '[km] Usage: install POLICY | install - <POLICY | install --uninstall\n',
    });
  });

  test.each(['image', '/a b', '/a"b', '/a$(id)'])('below %j', async (place) => {
    expect(await install(['-'], POLICY, { KM_ROOT: place })).toMatchObject({
      status: 1,
      stderr: '[km] KM_ROOT is an absolute path of letters, digits and / . _ - only.\n',
    });
  });

  test('when a tool is missing', async () => {
    const PATH = join(place.root, 'bin');
    mkdirSync(PATH);
    expect((await install(['-'], POLICY, { PATH })).stderr).toBe('[km] git is not installed.\n');
    symlinkSync('/usr/bin/git', join(PATH, 'git'));
    expect((await install(['-'], POLICY, { PATH })).stderr).toBe(
      '[km] Neither curl nor the AWS CLI is installed. Install curl 7.75 or newer.\n',
    );
    expect(existsSync(root)).toBe(false);
  });

  test('when it is not root and installs for the machine', async () => {
    chmodSync(place.root, 0o755);
    const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--clear-groups'] : ['env'];
    const [program = '', ...args] = [...asNobody, `${place.scripts}/install`, '-'];
    expect(await run(program, args, { input: POLICY })).toMatchObject({
      status: 1,
      stderr:
        '[km] Run this as root: it writes below /usr/local and /etc. (KM_ROOT=DIR installs elsewhere.)\n',
    });
  });

  test('when a later step fails, with the earlier installation still whole', async () => {
    await install(['-'], POLICY);
    const before = tree();
    const PATH = join(place.root, 'bin');
    mkdirSync(PATH);
    for (const name of ['curl', 'cat', 'mkdir', 'mktemp', 'rm', 'cp', 'mv'])
      symlinkSync(`/usr/bin/${name}`, join(PATH, name));
    writeFileSync(join(PATH, 'git'), '#!/bin/bash\nexit 3\n', { mode: 0o755 });
    expect(
      (await install(['-'], POLICY.replaceAll('github.com', 'ghe.example.com'), { PATH })).status,
    ).not.toBe(0);
    expect(tree()).toEqual(before);
    expect(readdirSync(join(lib, '..'))).toEqual(['km']);
  });
});

describe('after installing', () => {
  const git = (args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Ran> =>
    run('git', args, {
      cwd,
      env: {
        ...IDENTITY,
        HOME: place.home,
        GIT_CONFIG_NOSYSTEM: '0',
        GIT_CONFIG_SYSTEM: `${root}/etc/gitconfig`,
        ...env,
      },
    });

  beforeEach(async () => {
    expect((await install(['-'], POLICY)).status).toBe(0);
  });

  test.each([
    ['git@github.com:my-user/my-repo.git', 'https://github.com/my-user/my-repo.git'],
    ['ssh://git@github.com/my-user/my-repo.git', 'https://github.com/my-user/my-repo.git'],
    ['ssh://git@github.com:22/my-user/my-repo.git', 'https://github.com/my-user/my-repo.git'],
    ['git+ssh://git@github.com/my-user/my-repo', 'https://github.com/my-user/my-repo'],
    ['git://github.com/my-user/my-repo', 'https://github.com/my-user/my-repo'],
    ['https://github.com/my-user/my-repo', 'https://github.com/my-user/my-repo'],
    ['git@github.com.evil.example:my-user/my-repo', 'git@github.com.evil.example:my-user/my-repo'],
    ['git@example.com:my-user/my-repo', 'git@example.com:my-user/my-repo'],
  ])('the remote %s is %s', async (url, rewritten) => {
    expect((await git(['ls-remote', '--get-url', url], place.root)).stdout).toBe(`${rewritten}\n`);
  });

  test("git asks km's helper alone for the host, and no helper of km's for another", async () => {
    const asked = async (host: string): Promise<string> => {
      const input = `protocol=https\nhost=${host}\npath=my-user/other\n`;
      const ran = await run('git', ['credential', 'fill'], {
        cwd: place.root,
        input,
        env: {
          ...IDENTITY,
          HOME: place.home,
          GIT_CONFIG_NOSYSTEM: '0',
          GIT_CONFIG_SYSTEM: `${root}/etc/gitconfig`,
          GIT_TERMINAL_PROMPT: '0',
        },
      });
      return ran.stderr;
    };
    expect(await asked('github.com')).toContain("my-user/other is not in this sandbox's allowedRepos");
    // For another host askpass is asked, as git does for every host, and refuses.
    const other = await asked('example.com');
    expect(other).toContain('this is not the git host of this sandbox');
    expect(other).not.toContain('told us to quit');
  });

  /** What git sees of the settings where the variables of /etc/profile.d or /etc/environment are set. */
  const inShell = async (source: string, command: string): Promise<string> => {
    const repo = join(place.root, 'repo');
    await git(['init', '-q', repo], place.root);
    await git(['config', 'core.hooksPath', '.husky/_'], repo);
    // PAM takes the lines as they stand, without a shell.
    const lines = readFileSync(`${root}/etc/environment`, 'utf8')
      .split('\n')
      .filter((line) => line.includes('='));
    const pam = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    const script = source === 'profile.d' ? `. '${root}/etc/profile.d/km.sh'; ${command}` : command;
    const env = { ...IDENTITY, HOME: place.home, ...(source === 'environment' ? pam : {}) };
    return (await run('sh', ['-euc', script], { cwd: repo, env })).stdout;
  };

  test.each(['profile.d', 'environment'])(
    "the variables of /etc/%s outrank a repo's own core.hooksPath",
    async (source) => {
      expect(await inShell('neither', 'git config core.hooksPath')).toBe('.husky/_\n');
      expect(await inShell(source, 'git config core.hooksPath')).toBe(`${lib}/hooks\n`);
      expect(await inShell(source, 'echo "$GIT_ASKPASS"')).toBe(`${lib}/km-git-askpass\n`);
      expect(await inShell(source, 'git ls-remote --get-url git@github.com:a/b')).toBe(
        'https://github.com/a/b\n',
      );
      const helpers = 'git config --get-all credential.https://github.com.helper';
      const only = `\n!'${lib}/km-git-credential-helper'\n`;
      expect(await inShell(source, helpers)).toBe(only);
      // A login shell inside of another, or behind PAM, adds nothing.
      expect(await inShell(source, `. '${root}/etc/profile.d/km.sh'; ${helpers}`)).toBe(only);
    },
  );

  test('profile.d keeps the variables that are there', async () => {
    const { stdout } = await run(
      'sh',
      ['-euc', `. '${root}/etc/profile.d/km.sh'; git config user.name; git config core.hooksPath`],
      {
        cwd: place.root,
        env: {
          ...IDENTITY,
          HOME: place.home,
          GIT_CONFIG_COUNT: '1',
          GIT_CONFIG_KEY_0: 'user.name',
          GIT_CONFIG_VALUE_0: 'Kept',
        },
      },
    );
    expect(stdout).toBe(`Kept\n${lib}/hooks\n`);
  });
});

import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeFolder, root, run, World } from './harness.ts';

let world: World;
let id: string;

beforeAll(async () => {
  world = await World.start();
  id = (await world.json<{ id: string }>(['create', join(root, 'examples', 'profile.yaml')])).id;
  await mkdir(join(world.dir, 'bin'));
  await symlink(join(root, 'dist', 'km.js'), join(world.dir, 'bin', 'km'));
});

afterAll(() => world[Symbol.asyncDispose]());

/** What bash offers at the end of a line, by the script that `km completion bash` prints. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `
    eval "$(km completion bash)"
    COMP_WORDS=(km "$@") COMP_CWORD=$#
    compopt() { :; }
    _km
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['-c', script, 'bash', ...words], {
    env: {
      PATH: `${join(world.dir, 'bin')}:${nodeFolder}:${process.env.PATH ?? ''}`,
      HOME: world.home,
      KM_LOCAL_STATE: world.state,
    },
  });
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands, options, sandbox ids and owners', async () => {
  expect(await offered('des')).toEqual(['describe', 'destroy']);
  expect(await offered('create', '--dry')).toEqual(['--dry-run']);
  expect(await offered('describe', '--local', '')).toEqual([id]);
  expect(await offered('token', id, '--local', '--owner', '')).toEqual(['my-user', 'my-org']);
  expect(await offered('install-script', '--format', 'c')).toEqual(['cloud-init']);
});

test('without a cloud it offers nothing and says nothing', async () => {
  expect(await offered('describe', '--state', '/nowhere', '')).toEqual([]);
});

test.each(['zsh', 'fish'])('km completion %s prints a script that asks km', async (shell) => {
  const { code, stdout } = await world.km(['completion', shell]);
  expect(code).toBe(0);
  expect(stdout).toContain('km __complete');
});

test('an unknown shell is bad usage', async () => {
  expect(await world.km(['completion', 'tcsh'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("'tcsh' is not one of bash, zsh, fish"),
  });
});

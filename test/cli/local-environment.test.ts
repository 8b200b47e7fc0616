import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  environmentFile,
  readLocalEnvironment,
  stateHome,
  useLocalCloud,
} from '../../lib/cli/local-environment.ts';

let folder: string;

const ours = {
  pid: process.pid,
  url: 'http://127.0.0.1:4566',
  adminToken: 'admin',
  variables: { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566', AWS_REGION: 'us-east-1' },
  administrator: { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE' },
};

const write = (value: unknown, mode = 0o600) =>
  writeFile(environmentFile(folder), typeof value === 'string' ? value : JSON.stringify(value), { mode });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'km-local-environment-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('what a local cloud wrote into its state directory', () => {
  test('is read', async () => {
    await write(ours);
    expect(await readLocalEnvironment(folder)).toEqual(ours);
  });

  test.each([0, -1, 1.5, '1', null, 2 ** 31])(
    'with pid %j stands for no process: it would be signalled',
    async (pid) => {
      await write({ ...ours, pid });
      await expect(readLocalEnvironment(folder)).rejects.toThrow(
        expect.objectContaining({ code: 'ErrLocalCloud' }),
      );
    },
  );

  test.each([
    ['is no JSON', '{'],
    ['is no object', '[]'],
    ['points elsewhere than to loopback', { ...ours, url: 'https://evil.example' }],
    ['has no variables', { ...ours, variables: undefined }],
    [
      'sets a variable that is none of AWS or km',
      { ...ours, variables: { NODE_OPTIONS: '--require=/tmp/x' } },
    ],
    ['sets a variable whose name is a command', { ...ours, variables: { 'AWS_X=1; id': 'x' } }],
    ['sets a variable to what is no text', { ...ours, variables: { AWS_REGION: 1 } }],
  ])('that %s is refused', async (_what, value) => {
    await write(value);
    await expect(readLocalEnvironment(folder)).rejects.toThrow(
      expect.objectContaining({ code: 'ErrLocalCloud' }),
    );
  });

  test.each([0o644, 0o660, 0o606])(
    'with mode %o is refused: it may come from someone else, as a file in a repo',
    async (mode) => {
      await write(ours);
      await chmod(environmentFile(folder), mode);
      await expect(readLocalEnvironment(folder)).rejects.toThrow(
        expect.objectContaining({ code: 'ErrLocalCloud' }),
      );
      await expect(useLocalCloud({}, { state: folder, administrator: false })).rejects.toThrow(
        expect.objectContaining({ code: 'ErrLocalCloud' }),
      );
    },
  );

  test('is none where there is no file, and none when its process is gone', async () => {
    expect(await readLocalEnvironment(folder)).toBeUndefined();
    await write({ ...ours, pid: 2 ** 22 + 1 });
    expect(await readLocalEnvironment(folder)).toBeUndefined();
  });

  test('is not followed through a link', async () => {
    await mkdir(join(folder, 'elsewhere'));
    await writeFile(join(folder, 'elsewhere', 'x'), JSON.stringify(ours), { mode: 0o600 });
    await symlink(join(folder, 'elsewhere', 'x'), environmentFile(folder));
    await expect(readLocalEnvironment(folder)).rejects.toThrow(
      expect.objectContaining({ code: 'ErrLocalCloud' }),
    );
  });
});

test.each([
  [{ XDG_STATE_HOME: '/state', HOME: '/home/a' }, '/state/km'],
  [{ HOME: '/home/a' }, '/home/a/.local/state/km'],
  // The specification has relative paths ignored: one would be looked for in whatever folder km is run in.
  [{ XDG_STATE_HOME: 'state', HOME: '/home/a' }, '/home/a/.local/state/km'],
])('with %j the state is in %s', (env, path) => {
  expect(stateHome(env)).toBe(path);
});

test('with an empty HOME the state is in the home of the account, not in the folder that km is run in', () => {
  vi.stubEnv('HOME', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(stateHome({ HOME: '' })).toBe(join(userInfo().homedir, '.local/state/km'));
});

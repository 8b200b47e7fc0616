import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppScene } from './app-scene.ts';

let scene: AppScene;

beforeAll(async () => {
  scene = await AppScene.start();
});

afterAll(() => scene[Symbol.asyncDispose]());

test.each([
  [['--app-client-id', 'Iv23liAnotherApp0000'], '--app-client-id cannot be checked'],
  [['--hostname', 'github.example.com'], '--hostname cannot be checked'],
  [['--prune'], '--discover --prune'],
  [['--rotate-key'], '--private-key-file PATH'],
  [['--signer', 'kms'], 'Nobody can read the stored key'],
  [['--signer', 'hsm'], "--signer 'hsm'"],
  [['--rotate-key', '--signer', 'kms', '--private-key-file', 'x'], 'do not go together'],
  [['--rotate-key', '--discover', '--private-key-file', 'x'], '--rotate-key does not go together'],
  [['--installation-id', 'abc'], "--installation-id 'abc'"],
  [['--account', 'a/b'], "--account 'a/b'"],
  [['--app-client-id', 'a b'], "--app-client-id 'a b'"],
  [['--hostname', 'https://github.example.com'], "--hostname 'https://github.example.com'"],
  [['--hostname', 'gist.github.com'], 'did you mean github.com?'],
  [['--private-key-file', ''], '--private-key-file'],
])('%j is bad usage', async (args, message) => {
  const before = await scene.stored();
  const { code, stderr } = await scene.configure(args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  expect(await scene.stored()).toEqual(before);
});

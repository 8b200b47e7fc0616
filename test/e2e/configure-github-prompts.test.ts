import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppScene, type LocalApp } from './app-scene.ts';
import { root } from './harness.ts';

/** Gives a command a terminal; util-linux's, on every Linux. */
const SCRIPT = '/usr/bin/script';

let scene: AppScene;
let app: LocalApp;

beforeAll(async () => {
  scene = await AppScene.start();
  app = await scene.app();
});

afterAll(() => scene[Symbol.asyncDispose]());

interface Turn {
  /** What is on the screen by then. */
  readonly sees: string | RegExp;
  readonly types: string;
}

const ENTER = '\r';

/** Runs `km configure github` on a terminal and types, each time once it is asked. */
function converse(args: readonly string[], turns: readonly Turn[]): Promise<{ code: number; said: string }> {
  const words = [process.execPath, join(root, 'dist', 'km.js'), 'configure', 'github', ...args];
  const command = [...words, '--state', scene.world.state].map((word) => `'${word}'`).join(' ');
  // Without a size, the terminal would be one column wide.
  const line = `stty cols 200 rows 50; ${command}`;
  return new Promise((resolve, reject) => {
    const child = spawn(SCRIPT, ['-qec', line, '/dev/null'], {
      env: { PATH: process.env.PATH ?? '', HOME: scene.world.home, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let said = '';
    let unread = '';
    const left = [...turns];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const text = stripVTControlCharacters(chunk);
      said += text;
      unread += text;
      const [turn] = left;
      const seen = typeof turn?.sees === 'string' ? unread.includes(turn.sees) : turn?.sees.test(unread);
      if (!turn || !seen) return;
      left.shift();
      unread = '';
      child.stdin.write(turn.types);
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, said }));
  });
}

test.runIf(existsSync(SCRIPT))('on a terminal it asks, and says what is wrong where one types', async () => {
  await scene.forget();
  const key = await scene.newKey('asked.pem');
  const empty = await scene.file('empty.pem', '');
  const { code, said } = await converse(
    [],
    [
      { sees: 'GitHub host', types: ENTER },
      { sees: 'Client id', types: `a b${ENTER}` },
      { sees: 'a client id looks like', types: `\u0015${app.client_id}${ENTER}` },
      { sees: 'Private key file', types: `${empty}${ENTER}` },
      { sees: `The private key in ${empty} is empty`, types: `\u0015${key.path}${ENTER}` },
      { sees: 'Accounts whose installation is stored', types: ENTER },
    ],
  );
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(said).toContain('Stored.');
  expect(Object.keys(await scene.stored())).toEqual([
    ...['app-client-id', 'app-slug', 'installations/my-org', 'installations/my-user', 'private-key'],
  ]);
});

test.runIf(existsSync(SCRIPT))(
  'it asks only for what flags have not given, and before it replaces',
  async () => {
    const before = await scene.stored();
    const key = await scene.newKey('next.pem');
    const turns = (answer: string): Turn[] => [
      { sees: 'Client id', types: ENTER },
      { sees: 'Private key file', types: `${key.path}${ENTER}` },
      { sees: 'Accounts whose installation is stored', types: ENTER },
      { sees: 'Put the new ones in their place?', types: answer },
    ];
    const refused = await converse([], [{ sees: 'GitHub host', types: ENTER }, ...turns(ENTER)]);
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('Nothing was written.') });
    expect(await scene.stored()).toEqual(before);
    const agreed = await converse([], [{ sees: 'GitHub host', types: ENTER }, ...turns(`y`)]);
    expect(agreed).toMatchObject({ code: 0, said: expect.stringContaining(key.fingerprint) });
    expect((await scene.stored())['private-key']).toBe('version 2');
  },
);

test.runIf(existsSync(SCRIPT))('calling it off writes nothing', async () => {
  const before = await scene.stored();
  const { code, said } = await converse([], [{ sees: 'GitHub host', types: '\u0003' }]);
  expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining('Nothing was written.') });
  expect(await scene.stored()).toEqual(before);
});

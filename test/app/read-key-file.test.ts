import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readGivenKey, readKeyFile } from '../../lib/app/read-key-file.ts';
import { PKCS1, PKCS8 } from '../github/test-app.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'km-key-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const write = async (name: string, text: string, mode = 0o600): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
};

test.each([
  ['as GitHub issues it', PKCS1],
  ['with Windows line ends', PKCS1.replaceAll('\n', '\r\n')],
  ['with a byte order mark', `\uFEFF${PKCS1}`],
  ['without an end to its last line', PKCS1.trimEnd()],
])('a key is stored as the same text: %s', async (_name, text) => {
  const key = readKeyFile(await write('key.pem', text));
  expect(key.pem.reveal()).toBe(PKCS1);
  expect(key).toMatchObject({ bits: 2048, warnings: [], source: join(folder, 'key.pem') });
});

test('both forms of a key have one fingerprint', () => {
  const [one, other] = [PKCS1, PKCS8].map((text) => readGivenKey(text, 'standard input'));
  expect(one?.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}=$/);
  expect(one?.fingerprint).toBe(other?.fingerprint);
});

test.each([
  [0o600, []],
  [0o400, []],
  [0o640, ['mode 640']],
  [0o604, ['mode 604']],
])('mode %o has %j to warn of', async (mode, expected) => {
  const { warnings } = readKeyFile(await write(`mode-${mode}.pem`, PKCS1, mode));
  expect(warnings).toEqual(expected.map((text) => expect.stringContaining(text)));
});

test('a key prints as redacted', () => {
  const key = readGivenKey(PKCS1, 'standard input');
  const line = PKCS1.split('\n')[3] ?? '';
  expect(inspect(key, { depth: 9 }) + JSON.stringify(key)).not.toContain(line);
});

test('a file that is far too large is not read', async () => {
  const path = await write('large.pem', 'x'.repeat(70_000));
  expect(() => readKeyFile(path)).toThrow(`The private key in ${path} is far too large to be one`);
});

/** A pipe by name, as a shell's `<(…)` is one, with a command that writes to it. */
const pipe = (name: string, command: string): { path: string; stop: () => void } => {
  const path = join(folder, name);
  execFileSync('mkfifo', [path]);
  const writer = spawn('sh', ['-c', `${command} >"$0" 2>&-`, path], { stdio: 'ignore' });
  return { path, stop: () => writer.kill('SIGKILL') };
};

test('a key comes through a pipe, and through a link', async () => {
  const file = await write('linked.pem', PKCS1);
  const { path, stop } = pipe('pipe.pem', `cat '${file}'`);
  await symlink(file, join(folder, 'link.pem'));
  try {
    expect(readKeyFile(path)).toMatchObject({ bits: 2048, warnings: [] });
    expect(readKeyFile(join(folder, 'link.pem'))).toMatchObject({ bits: 2048, warnings: [] });
  } finally {
    stop();
  }
});

test('of a pipe that never ends, no more is read than a key takes', () => {
  const { path, stop } = pipe('endless.pem', 'head -c 300000000 /dev/zero');
  try {
    expect(() => readKeyFile(path)).toThrow(`The private key in ${path} is far too large to be one`);
  } finally {
    stop();
  }
});

test.each(['/dev/zero', '/'])('%s is not a file, and is not read', (path) => {
  expect(() => readKeyFile(path)).toThrow('is not in a file');
});

test('what is to be pasted names the file, whatever it is called', async () => {
  const path = await write("it's; a key.pem", PKCS1, 0o644);
  const quoted = `'${path.replace("'", "'\\''")}'`;
  expect(readKeyFile(path).warnings).toEqual([expect.stringMatching(/chmod 600 '.*'$/)]);
  expect(readKeyFile(path).warnings[0]).toContain(`chmod 600 ${quoted}`);
});

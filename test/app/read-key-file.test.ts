import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

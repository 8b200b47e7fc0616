import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** What each room may import; see the layer map in docs/architecture.md. */
const ARROWS: Record<string, readonly string[]> = {
  bin: ['lib/cli', 'lib/stacks'],
  'lib/cli': [
    'lib/app',
    'lib/proxy',
    'lib/sandbox',
    'lib/doctor',
    'lib/broker',
    'lib/github',
    'lib/profile',
    'lib/guard',
    'lib/local',
  ],
  'lib/doctor': ['lib/app', 'lib/sandbox', 'lib/broker', 'lib/github', 'lib/profile', 'lib/guard'],
  'lib/app': ['lib/sandbox', 'lib/broker', 'lib/github'],
  'lib/sandbox': ['lib/proxy', 'lib/broker', 'lib/github', 'lib/profile', 'lib/guard'],
  'lib/proxy': ['lib/github', 'lib/guard'],
  'lib/broker': ['lib/github', 'lib/profile', 'lib/guard'],
  'lib/stacks': ['lib/broker'],
  'lib/profile': ['lib/guard'],
  'lib/github': [],
  'lib/guard': [],
  'lib/local': [],
  lambda: ['lib/broker'],
};

/** The files directly under lib/: the errors and the secret type, which any room but `local` may use. */
const GROUND = 'lib';

const roomOf = (file: string): string => {
  const parts = relative(root, file).split('/');
  if (parts[0] !== 'lib') return parts[0] ?? '';
  return parts.length === 2 ? GROUND : `lib/${parts[1]}`;
};

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, folder, name));

const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    resolve(dirname(file), match[1] ?? ''),
  );

const forbidden = (from: string, to: string): boolean => {
  if (from === to) return false;
  if (to === GROUND) return from === 'lib/local';
  if (from === GROUND) return true;
  return !(ARROWS[from] ?? []).includes(to);
};

test('imports run one way, from the entry files down to the ground', () => {
  const files = ['bin', 'lib', 'lambda'].flatMap(sources);
  expect(files.length).toBeGreaterThan(0);
  const back = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => forbidden(roomOf(file), roomOf(target)))
      .map((target) => `${relative(root, file)} imports ${relative(root, target)}`),
  );
  expect(back).toEqual([]);
});

test.each([
  ['lib/broker', 'lib/cli'],
  ['lib/github', 'lib/broker'],
  ['lib/local', 'lib/github'],
  ['lib/local', 'lib'],
  ['lambda', 'lib/github'],
  ['lib/stacks', 'lib/sandbox'],
  ['lib/sandbox', 'lib/local'],
  ['lib/somewhere-new', 'lib/github'],
])('an arrow from %s to %s counts as running back', (from, to) => {
  expect(forbidden(from, to)).toBe(true);
});

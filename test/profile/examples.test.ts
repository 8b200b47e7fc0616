import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { compileProfile } from '../../lib/profile/compile-profile.ts';
import { KLANKER_KEYS } from '../../lib/profile/klanker-keys.ts';
import { parseProfile } from '../../lib/profile/parse-profile.ts';
import { profileSchema } from '../../lib/profile/profile-schema.ts';

const folder = resolve(import.meta.dirname, '../../examples');
const profiles = ['profile.yaml', 'read-only.yaml', 'whole-org.yaml', 'everything.yaml', 'every-key.yaml'];

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

test('the examples that the documentation names are there', () => {
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(profiles));
});

test.each(profiles)('examples/%s is valid without a warning, and named for its file', (name) => {
  const { profile, warnings } = parseProfile(read(name), { file: name });
  expect(warnings).toEqual([]);
  expect(compileProfile(profile)).toMatchObject({ name: name.replace('.yaml', ''), warnings: [] });
});

test.each(profiles)('examples/%s tells editors its schema in the first line', (name) => {
  expect(read(name).split('\n')[0]).toBe('# yaml-language-server: $schema=../schema/profile.schema.json');
});

test('examples/profile.yaml is what the first steps rely on', () => {
  const { profile } = parseProfile(read('profile.yaml'), { file: 'profile.yaml' });
  expect(compileProfile(profile)).toEqual({
    name: 'profile',
    prefix: 'sb',
    labels: {},
    ttlSeconds: 7200,
    substrate: 'docker',
    encryption: 'per-sandbox',
    allowedHosts: [],
    warnings: [],
    github: {
      verbs: ['clone', 'fetch', 'push'],
      permissions: { contents: 'write', metadata: 'read' },
      allowedRepos: ['my-user/my-repo', 'my-org/another-repo'],
      owners: [
        { owner: 'my-user', repositories: ['my-repo'] },
        { owner: 'my-org', repositories: ['another-repo'] },
      ],
      guard: { allowedRefs: ['main', 'release/*'], allowForcePushes: false, allowDeletions: false },
      graphql: 'none',
    },
  });
});

interface SchemaLike {
  readonly def?: { readonly innerType?: SchemaLike; readonly shape?: Readonly<Record<string, SchemaLike>> };
}

/** Every key that km acts on, as a dotted path. */
const managedKeys = (schema: SchemaLike, path = ''): string[] => {
  const inner = schema.def?.innerType;
  if (inner) return managedKeys(inner, path);
  const ignored: Readonly<Record<string, readonly string[]>> = KLANKER_KEYS;
  return Object.entries(schema.def?.shape ?? {}).flatMap(([key, value]) => {
    const here = path === '' ? key : `${path}.${key}`;
    return ignored[path]?.includes(key) ? [] : [here, ...managedKeys(value, here)];
  });
};

test('examples/every-key.yaml holds every key that km acts on', () => {
  const { profile } = parseProfile(read('every-key.yaml'), { file: 'every-key.yaml' });
  const absent = managedKeys(profileSchema as SchemaLike).filter(
    (path) =>
      path
        .split('.')
        .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], profile) ===
      undefined,
  );
  expect(absent).toEqual([]);
});

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkRefPattern } from '../../lib/guard/check-ref-pattern.ts';
import { matchesRefPattern } from '../../lib/guard/match-ref-pattern.ts';

test.each([
  ['main', 'main', true],
  ['main', 'Main', false],
  ['main', 'main2', false],
  ['main', 'xmain', false],
  ['main', '', false],
  ['*', '', true],
  ['*', 'a/b/c', true],
  ['release/*', 'release/1.0', true],
  ['release/*', 'release/1/hot/fix', true],
  ['release/*', 'release/', true],
  ['release/*', 'release', false],
  ['release/*', 'prerelease/1', false],
  ['*/hotfix', 'a/b/hotfix', true],
  ['a*b*c', 'aXbYc', true],
  ['a*b*c', 'abcbc', true],
  ['a*b*c', 'acb', false],
  ['v?', 'v1', true],
  ['v?', 'v/', true],
  ['v?', 'v', false],
  ['v?', 'v12', false],
  ['v??', 'vü', true],
  ['v[0-9]', 'v5', true],
  ['v[0-9]', 'va', false],
  ['v[!0-9]', 'va', true],
  ['v[!0-9]', 'v/', true],
  ['v[^0-9]', 'v5', false],
  ['v[a-]', 'v-', true],
  ['v[-a]', 'v-', true],
  ['v.x', 'v1x', false],
  ['feature/*', 'feature/größe', true],
  ['a#b', 'a#b', true],
])('%s against %s: %s', (pattern, name, expected) => {
  expect(matchesRefPattern(pattern, name)).toBe(expected);
});

test.each(['a[', 'a(b)', '!x', 'a\\', ''])(
  'the refused pattern %j matches nothing, not even itself',
  (pattern) => {
    expect(matchesRefPattern(pattern, pattern)).toBe(false);
  },
);

test('a pattern of many stars costs no more than pattern times name', () => {
  const pattern = `${'*a'.repeat(90)}*b`;
  expect(checkRefPattern(pattern)).toBeUndefined();
  // A matcher that tries every star again would not return within the age of the universe.
  expect(matchesRefPattern(pattern, 'a'.repeat(5_000))).toBe(false);
  expect(matchesRefPattern(pattern, `${'a'.repeat(5_000)}b`)).toBe(true);
});

type Case = readonly [pattern: string, name: string];

const BASH = `
while IFS= read -r -d '' pattern && IFS= read -r -d '' name; do
  [[ $name == $pattern ]] && echo 1 || echo 0
done`;

/** What bash says to each case, in one process. */
const bashSays = (cases: readonly Case[]): boolean[] =>
  execFileSync('bash', ['--norc', '-c', BASH], {
    input: cases.flatMap(([pattern, name]) => [`${pattern}\0`, `${name}\0`]).join(''),
    env: { LC_ALL: 'C' },
    encoding: 'utf8',
  })
    .trimEnd()
    .split('\n')
    .map((line) => line === '1');

const letter = fc.constantFrom(
  'a',
  'b',
  'c',
  'A',
  '1',
  '9',
  '.',
  '_',
  '/',
  '-',
  '+',
  '@',
  '#',
  '%',
  '=',
  ',',
);
const range = fc.constantFrom('a-b', 'a-c', 'b-z', 'A-C', '0-9', '1-1');
const bracket = fc
  .tuple(
    fc.constantFrom('', '!', '^'),
    fc.constantFrom('', '-'),
    fc.array(fc.oneof(letter, range), { minLength: 1, maxLength: 4 }),
    fc.constantFrom('', '-'),
  )
  .map(([negation, first, members, last]) => `[${negation}${first}${members.join('')}${last}]`);

const piece = fc.oneof(
  { weight: 5, arbitrary: letter },
  { weight: 3, arbitrary: fc.constantFrom('*', '?', '**') },
  { weight: 2, arbitrary: bracket },
);

const pattern = fc
  .array(piece, { minLength: 1, maxLength: 10 })
  .map((pieces) => pieces.join(''))
  .filter((text) => checkRefPattern(text) === undefined);

const anyText = fc
  .array(fc.oneof(letter, fc.constantFrom('ü', '€', '\u{1f600}', ' ', '\n', '*', '[', ']', '!', '\\', 'x')), {
    maxLength: 12,
  })
  .map((characters) => characters.join(''));

/** A name made out of the pattern itself, so that matches are as frequent as misses. */
const nameFor = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(anyText, fc.array(letter, { minLength: 8, maxLength: 8 }), fc.boolean())
    .map(([filler, letters, spoil]) => {
      let next = 0;
      const name = text
        .replace(/\[[^\]]*\]|\?/g, () => letters[next++ % letters.length] ?? 'a')
        .replace(/\*+/g, filler);
      return spoil ? name.slice(1) : name;
    });

const batch = fc.array(
  pattern.chain((text) => fc.oneof(nameFor(text), anyText).map((name): Case => [text, name])),
  { minLength: 500, maxLength: 500 },
);

test('bash decides the same on 10,000 generated patterns and names', () => {
  let matches = 0;
  fc.assert(
    fc.property(batch, (cases) => {
      const expected = bashSays(cases);
      const differing = cases.filter(
        ([text, name], index) => matchesRefPattern(text, name) !== expected[index],
      );
      matches += expected.filter(Boolean).length;
      expect(differing).toEqual([]);
    }),
    { numRuns: 20, endOnFailure: true },
  );
  // Neither answer may be rare, or the comparison proves little.
  expect(matches).toBeGreaterThan(1_000);
  expect(matches).toBeLessThan(9_000);
});

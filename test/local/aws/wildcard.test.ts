import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arnMatches, globMatches } from '../../../lib/local/aws/policy/wildcard.ts';

/** The same question asked of a regular expression, which is slower but needs no proof. */
const byExpression = (pattern: string, text: string): boolean => {
  const source = [...pattern].map((c) =>
    c === '*' ? '[^]*' : c === '?' ? '[^]' : `[${c === '^' ? '\\^' : c}]`,
  );
  return new RegExp(`^${source.join('')}$`).test(text);
};

const letters = (alphabet: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), maxLength });

test('a pattern matches as a regular expression says', () => {
  fc.assert(
    fc.property(letters('ab*?', 10), letters('ab', 14), (pattern, text) => {
      expect(globMatches(pattern, text)).toBe(byExpression(pattern, text));
    }),
    { numRuns: 5000 },
  );
});

test('a pattern without wildcards matches itself alone', () => {
  fc.assert(
    fc.property(letters('a.+$^(|)[]{}\\/-', 12), letters('a.+$^(|)[]{}\\/-', 12), (pattern, text) => {
      expect(globMatches(pattern, text)).toBe(pattern === text);
    }),
  );
});

test('no segment of an ARN matches across its colons, unless the pattern ends there', () => {
  fc.assert(
    fc.property(
      fc.array(letters('ab*', 3), { minLength: 6, maxLength: 6 }),
      fc.array(letters('ab', 3), { minLength: 6, maxLength: 6 }),
      (pattern, arn) => {
        fc.pre(pattern.join(':') !== '*');
        const each = pattern.every((segment, i) => globMatches(segment, arn[i] ?? ''));
        expect(arnMatches(pattern.join(':'), arn.join(':'))).toBe(each);
      },
    ),
    { numRuns: 5000 },
  );
});

test('a pattern of many stars is answered without trying every way', () => {
  expect(globMatches(`${'*a'.repeat(200)}b`, 'a'.repeat(5000))).toBe(false);
});

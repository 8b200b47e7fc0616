import { expect, test } from 'vitest';
import { nearestWord } from '../../lib/profile/nearest-word.ts';

const KNOWN = ['allowedRepos', 'allowedRefs', 'permissions', 'ttl'];

test.each([
  ['allowedRepo', 'allowedRepos'],
  ['allowdRefs', 'allowedRefs'],
  ['allowedrefs', 'allowedRefs'],
  ['permissoins', 'permissions'],
  ['tll', 'ttl'],
  ['TTL', 'ttl'],
])('%s most likely means %s', (word, meant) => {
  expect(nearestWord(word, KNOWN)).toBe(meant);
});

test.each(['region', 'x', '', 'allowedRepos'.repeat(10)])('%j is near to nothing', (word) => {
  expect(nearestWord(word, KNOWN)).toBeUndefined();
});

import { expect, test } from 'vitest';
import { compareInstallations } from '../../lib/app/compare-installations.ts';

const installation = (id: number, account: string) => ({
  id,
  account,
  accountType: 'Organization',
  repositorySelection: 'all' as const,
  permissions: { contents: 'write' },
  suspended: false,
});

const compare = (
  listed: readonly (readonly [number, string])[],
  stored: Readonly<Record<string, string>>,
  legacyInstallationId?: string,
) =>
  compareInstallations(
    listed.map(([id, account]) => installation(id, account)),
    {
      installations: new Map(Object.entries(stored)),
      ...(legacyInstallationId === undefined ? {} : { legacyInstallationId }),
    },
  );

const states = ({ found }: ReturnType<typeof compare>) =>
  found.map(({ account, state, stored }) => [account, state, stored]);

test('an account without an entry is new, one with its id the same, one with another id changed', () => {
  const compared = compare(
    [
      [3, 'charlie'],
      [1, 'alpha'],
      [2, 'Bravo'],
    ],
    { bravo: '2', charlie: '30' },
  );
  expect(states(compared)).toEqual([
    ['alpha', 'new', undefined],
    ['Bravo', 'same', undefined],
    ['charlie', 'changed', '30'],
  ]);
  expect(compared.gone).toEqual([]);
});

test('an entry whose account GitHub does not list is gone', () => {
  expect(compare([[1, 'alpha']], { alpha: '1', bravo: '2' }).gone).toEqual([
    { account: 'bravo', stored: '2' },
  ]);
});

test('an entry whose installation is now of another account says under which name it goes on', () => {
  const compared = compare([[2, 'new-name']], { 'old-name': '2' });
  expect(states(compared)).toEqual([['new-name', 'new', undefined]]);
  expect(compared.gone).toEqual([{ account: 'old-name', stored: '2', renamedTo: 'new-name' }]);
});

test('a renamed account’s entry is not gone while another account of that name has an installation', () => {
  const compared = compare(
    [
      [2, 'new-name'],
      [9, 'old-name'],
    ],
    { 'old-name': '2' },
  );
  expect(states(compared)).toEqual([
    ['new-name', 'new', undefined],
    ['old-name', 'changed', '2'],
  ]);
  expect(compared.gone).toEqual([]);
});

test('the id without an account is gone once GitHub lists it no more', () => {
  expect(compare([[2, 'alpha']], {}, '2').gone).toEqual([]);
  expect(compare([[3, 'alpha']], {}, '2').gone).toEqual([{ stored: '2' }]);
});

test('what is stored and is no number counts as another value', () => {
  expect(states(compare([[1, 'alpha']], { alpha: 'one' }))).toEqual([['alpha', 'changed', 'one']]);
});

import { describe, expect, test } from 'vitest';
import { checkAppName, checkOrganization, defaultAppName, otherAppName } from '../../lib/app/setup-name.ts';
import { KmError } from '../../lib/errors.ts';

const bytes = (count: number) => new Uint8Array(count).fill(0xab);
const usage = (work: () => unknown): KmError => {
  try {
    work();
  } catch (error) {
    if (error instanceof KmError && error.code === 'ErrUsage') return error;
    throw error;
  }
  throw new Error('it was taken');
};

test.each(['km', 'km-my-org', 'My Team 2', 'a.b_c', 'k'.repeat(34)])('%j is a name for an App', (name) => {
  expect(checkAppName(` ${name} `)).toBe(name);
});

test.each([
  '',
  ' ',
  '-km',
  'km-',
  '"><script>alert(1)</script>',
  "km' onclick='x",
  'km\nSet-Cookie: a=b',
  'km/../x',
  'kм',
  'km\u202e',
  '{{7*7}}',
])('%j is no name for an App', (name) => {
  expect(usage(() => checkAppName(name)).message).toContain('is not a name for an App');
});

test('a name that is too long is cut in the remedy', () => {
  const { message, remedy } = usage(() => checkAppName(`${'k'.repeat(33)}-long`));
  expect(message).toContain('has 38 characters; GitHub takes 34');
  expect(remedy).toBe(`--name '${'k'.repeat(33)}'`);
});

test.each(['my-org', 'Org2', 'emu_user'])('%j can be the login of an organization', (login) => {
  expect(checkOrganization(login)).toBe(login);
});

test.each(['', 'my org', 'a/b', '../x', 'a?b', 'org#', '-org', '%2e%2e'])('%j cannot', (login) => {
  expect(usage(() => checkOrganization(login)).message).toContain('is not the login of an organization');
});

describe('a name of km’s own', () => {
  test.each([
    [undefined, 'km-ababab'],
    ['my-org', 'km-my-org'],
    ['o'.repeat(40), `km-${'o'.repeat(31)}`],
  ])('for the organization %j is %j', (org, name) => {
    expect(checkAppName(defaultAppName(bytes, org))).toBe(name);
  });

  test.each([
    ['km', 'km-ababab'],
    ['k'.repeat(34), `${'k'.repeat(27)}-ababab`],
    [`${'k'.repeat(26)}-${'m'.repeat(7)}`, `${'k'.repeat(26)}-ababab`],
  ])('near the taken %j is %j', (name, other) => {
    expect(checkAppName(otherAppName(bytes, name))).toBe(other);
  });
});

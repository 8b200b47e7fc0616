import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCheckEvent, parseRefreshEvent } from '../../lib/broker/refresh-event.ts';
import { KmError } from '../../lib/errors.ts';

const good = {
  sandbox_id: 'sb-1234abcd',
  allowed_repos: ['my-user/my-repo', 'My-Org/*'],
  permissions: { contents: 'write', metadata: 'read' },
};

const refusal = (parse: (value: unknown) => unknown, value: unknown): string => {
  try {
    parse(value);
  } catch (error) {
    expect(error).toBeInstanceOf(KmError);
    expect((error as KmError).code).toBe('ErrRefreshEventInvalid');
    return (error as KmError).message;
  }
  throw new Error(`accepted ${JSON.stringify(value)}`);
};

describe('a refresh event', () => {
  test('is read as it stands', () => {
    expect(parseRefreshEvent(good)).toEqual(good);
  });

  test('names the shared key, or no key', () => {
    expect(parseRefreshEvent({ ...good, encryption: 'shared' }).encryption).toBe('shared');
    for (const encryption of ['per-sandbox', '', 'alias/other', true, null]) {
      expect(refusal(parseRefreshEvent, { ...good, encryption })).toMatch(
        /^Invalid refresh event: encryption must be "shared", not /,
      );
    }
  });

  test.each([
    [42, 42],
    ['42', 42],
  ])('takes the installation hint %j', (given, read) => {
    expect(parseRefreshEvent({ ...good, installation_id: given }).installation_id).toBe(read);
  });

  test.each(['o/r', 'o/.github', 'o/*', '*', 'octocat_acme/r', `${'o'.repeat(39)}/${'r'.repeat(100)}`])(
    'may name %s',
    (repo) => {
      expect(parseRefreshEvent({ ...good, allowed_repos: [repo] }).allowed_repos).toEqual([repo]);
    },
  );

  test.each([
    '',
    'o',
    'o/',
    '/r',
    'o/r/x',
    '*/r',
    'o/r*',
    'o/.',
    'o/..',
    'o/r.git',
    'o/r.GIT',
    'o/r\n',
    'o\n/r',
    'o/r ',
    'o/%2e',
    'ö/r',
    '-o/r',
    '**',
    `${'o'.repeat(40)}/r`,
    `o/${'r'.repeat(101)}`,
  ])('may not name %j', (repo) => {
    expect(refusal(parseRefreshEvent, { ...good, allowed_repos: [repo] })).toBe(
      `Invalid refresh event: allowed_repos[0] must be owner/repo, owner/* or '*', not ${JSON.stringify(repo).length > 60 ? `${JSON.stringify(repo).slice(0, 60)}…` : JSON.stringify(repo)}`,
    );
  });

  test.each<[string, unknown, string]>([
    ['no object', null, 'must be an object, not null'],
    ['text', '{}', 'must be an object, not "{}"'],
    [
      'a list',
      [good],
      'must be an object, not [{"sandbox_id":"sb-1234abcd","allowed_repos":["my-user/my-re…',
    ],
    ['no id', { ...good, sandbox_id: undefined }, 'sandbox_id is missing'],
    [
      'an id that climbs',
      { ...good, sandbox_id: '../km' },
      'sandbox_id must be a sandbox id such as sb-1234abcd, not "../km"',
    ],
    [
      'no repos',
      { ...good, allowed_repos: [] },
      'allowed_repos must not be empty: GitHub would read that as every repository',
    ],
    [
      'missing repos',
      { sandbox_id: good.sandbox_id, permissions: good.permissions },
      'allowed_repos is missing',
    ],
    [
      'null repos',
      { ...good, allowed_repos: null },
      'allowed_repos must list the allowed repositories, not null',
    ],
    [
      'missing permissions',
      { sandbox_id: good.sandbox_id, allowed_repos: ['o/r'] },
      'permissions is missing',
    ],
    [
      'empty permissions',
      { ...good, permissions: {} },
      'permissions must not be empty: GitHub would read that as every permission',
    ],
    [
      'null permissions',
      { ...good, permissions: null },
      'permissions must map permissions to read or write, not null',
    ],
    [
      'an undefined permission',
      { ...good, permissions: { contents: undefined } },
      'permissions.contents must be read or write, not nothing',
    ],
    [
      'a level too wide',
      { ...good, permissions: { contents: 'admin' } },
      'permissions.contents must be read or write, not "admin"',
    ],
    [
      'a permission outside the list',
      { ...good, permissions: { administration: 'write' } },
      'permissions holds unknown "administration"',
    ],
    [
      'a prototype key',
      { ...good, permissions: JSON.parse('{"contents":"read","__proto__":{"x":1}}') },
      'permissions holds unknown "__proto__"',
    ],
    ['an unknown key', { ...good, token: 1 }, 'unknown "token"'],
    ['a bad hint', { ...good, installation_id: -1 }, 'installation_id must be an installation id, not -1'],
    [
      'a hint that climbs',
      { ...good, installation_id: '1/../2' },
      'installation_id must be an installation id, not "1/../2"',
    ],
  ])('with %s is refused', (_name, value, reason) => {
    expect(refusal(parseRefreshEvent, value)).toBe(`Invalid refresh event: ${reason}`);
  });

  test('is refused with more owners than one invocation may mint tokens for', () => {
    const of = (owners: number) => ({
      ...good,
      allowed_repos: Array.from({ length: owners }, (_, index) => [`o${index}/a`, `O${index}/b`]).flat(),
    });
    expect(parseRefreshEvent(of(50)).allowed_repos).toHaveLength(100);
    expect(refusal(parseRefreshEvent, of(51))).toContain('must not name more than 50 owners, not 51');
    expect(
      refusal(parseCheckEvent, {
        action: 'check',
        allowed_repos: of(51).allowed_repos,
        permissions: good.permissions,
      }),
    ).toContain('must not name more than 50 owners, not 51');
  });

  test('is refused with every complaint at once', () => {
    expect(refusal(parseRefreshEvent, {})).toBe(
      'Invalid refresh event: sandbox_id is missing; allowed_repos is missing; permissions is missing',
    );
  });
});

describe('a check event', () => {
  const check = { action: 'check', allowed_repos: ['o/r'], permissions: { contents: 'read' } };

  test('is read as it stands', () => {
    expect(parseCheckEvent(check)).toEqual(check);
  });

  test('names no sandbox', () => {
    expect(refusal(parseCheckEvent, { ...check, sandbox_id: 'sb-1234abcd' })).toBe(
      'Invalid check event: unknown "sandbox_id"',
    );
  });
});

test('whatever JSON comes is read without loss or refused under the code', () => {
  const fields = fc.record(
    {
      sandbox_id: fc.oneof(fc.constant(good.sandbox_id), fc.jsonValue()),
      allowed_repos: fc.oneof(fc.array(fc.constantFrom('o/r', 'o/*', '*', 'o/..', 7)), fc.jsonValue()),
      permissions: fc.oneof(
        fc.dictionary(
          fc.constantFrom('contents', 'issues', 'administration', '__proto__'),
          fc.constantFrom('read', 'admin'),
        ),
        fc.jsonValue(),
      ),
      installation_id: fc.oneof(fc.integer(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fields, fc.jsonValue()), (value) => {
      let read: unknown;
      try {
        read = parseRefreshEvent(value);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ErrRefreshEventInvalid' });
        return;
      }
      const given = value as { installation_id?: unknown };
      const id =
        given.installation_id === undefined ? {} : { installation_id: Number(given.installation_id) };
      expect(read).toEqual({ ...given, ...id });
    }),
    { numRuns: 2_000 },
  );
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resourceNames } from '../../lib/broker/names.ts';
import { ownerScopes, tokenParameters } from '../../lib/broker/owner-scopes.ts';

describe("an owner's scope", () => {
  test.each([
    [['a/x'], [{ owner: 'a', repositories: ['x'] }]],
    [['A/X', 'a/x'], [{ owner: 'a', repositories: ['x'] }]],
    [
      ['b/y', 'a/x', 'b/z'],
      [
        { owner: 'b', repositories: ['y', 'z'] },
        { owner: 'a', repositories: ['x'] },
      ],
    ],
    [
      ['a/x', 'a/*', 'a/y', 'b/z'],
      [
        { owner: 'a', repositories: 'all' },
        { owner: 'b', repositories: ['z'] },
      ],
    ],
    [['*'], [{ owner: '*', repositories: 'all', mustBe: [] }]],
    [['a/x', '*', 'b/y'], [{ owner: '*', repositories: 'all', mustBe: ['a', 'b'] }]],
  ])('of %j is %j', (repos, scopes) => {
    expect(ownerScopes(repos)).toEqual(scopes);
  });

  test('never has a repository that the list does not give to that owner, and loses none', () => {
    const owner = fc.constantFrom('a', 'b', 'C');
    const entry = fc.tuple(owner, fc.constantFrom('x', 'y', 'Z', '*')).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1 }), (repos) => {
        const listed = new Set(repos.map((repo) => repo.toLowerCase()));
        const scoped = ownerScopes(repos).flatMap(({ owner, repositories }) =>
          repositories === 'all' ? [`${owner}/*`] : repositories.map((name) => `${owner}/${name}`),
        );
        for (const repo of scoped) expect(listed).toContain(repo);
        for (const repo of listed)
          expect([repo, `${repo.split('/')[0]}/*`].some((name) => scoped.includes(name))).toBe(true);
      }),
    );
  });
});

test('the first owner has the main parameter, further ones their own', () => {
  const event = { sandbox_id: 'sb-1234abcd', allowed_repos: ['My-Org/x', 'my-user/y'] };
  expect([...tokenParameters(resourceNames(), event)]).toEqual([
    ['my-org', '/sandbox/sb-1234abcd/github-token'],
    ['my-user', '/sandbox/sb-1234abcd/github-tokens/my-user'],
  ]);
});

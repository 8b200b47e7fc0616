import { describe, expect, test } from 'vitest';
import { parseGitHubFaults } from '../../lib/local/github/faults.ts';
import { InvalidInputError } from '../../lib/local/github/invalid-input.ts';
import { DEFAULT_SEED, parseSeed } from '../../lib/local/github/seed.ts';

const problemsOf = (parse: () => unknown): readonly string[] => {
  try {
    parse();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.problems;
    throw error;
  }
  return [];
};

const app = DEFAULT_SEED.app;
const account = { login: 'a', type: 'User', repos: ['r'] };
const installed = (installation: object) => ({
  accounts: [account],
  app: { slug: 's', permissions: { contents: 'read' }, installations: [installation] },
});

test('the default seed is valid, and has a repository that no example names and an account beside the App', () => {
  expect(parseSeed(DEFAULT_SEED)).toEqual(DEFAULT_SEED);
  expect(
    DEFAULT_SEED.accounts.flatMap(({ login, repos }) => repos.map((repo) => `${login}/${repo}`)),
  ).toEqual(['my-user/my-repo', 'my-org/another-repo', 'my-org/private-repo', 'other-org/their-repo']);
  expect(app.installations.map((entry) => entry.account)).not.toContain('other-org');
});

describe('a seed that cannot be used names the place and the reason', () => {
  test.each<[string, unknown, string[]]>([
    ['an unknown key', { ...DEFAULT_SEED, more: 1 }, ['seed: Unrecognized key: "more"']],
    [
      'a login that is no path segment',
      { accounts: [{ ...account, login: '../x' }], app: { ...app, installations: [] } },
      ['accounts[0].login: is not a GitHub login (letters, digits, single hyphens)'],
    ],
    ...['..', '.', 'x/y', 'x.git', 'a b', ''].map((name): [string, unknown, string[]] => [
      `the repository name '${name}'`,
      { accounts: [{ ...account, repos: [name] }], app: { ...app, installations: [] } },
      ['accounts[0].repos[0]: is not a repository name (1–100 of A–Z a–z 0–9 . _ -)'],
    ]),
    [
      'one account twice, in any case',
      { accounts: [account, { ...account, login: 'A' }], app: { ...app, installations: [] } },
      ["accounts[1].login: 'A' stands here twice"],
    ],
    [
      'an installation on no account',
      installed({ account: 'b', repositories: 'all' }),
      ["app.installations[0].account: no account is named 'b'"],
    ],
    [
      'an installation on a repository that is not there',
      installed({ account: 'a', repositories: ['r', 'q'] }),
      ["app.installations[0].repositories[1]: a has no repository 'q'"],
    ],
    [
      'more permission than the App has',
      installed({ account: 'a', repositories: 'all', permissions: { contents: 'write' } }),
      ['app.installations[0].permissions.contents: is more than the App itself asks for'],
    ],
    [
      'a permission that GitHub does not have',
      { accounts: [], app: { slug: 's', permissions: { content: 'read' }, installations: [] } },
      ['app.permissions.content: is not an App permission'],
    ],
  ])('%s', (_title, seed, problems) => {
    expect(problemsOf(() => parseSeed(seed))).toEqual(problems);
  });
});

test.each<[string, unknown, string]>([
  ['an unknown fault', { latency: 1 }, 'faults: Unrecognized key: "latency"'],
  [
    'a rule without an effect',
    { rules: [{ match: '*' }] },
    'rules[0]: a rule does one of latencyMs, status, throttle, reset, lost',
  ],
])('%s is refused', (_title, faults, problem) => {
  expect(problemsOf(() => parseGitHubFaults(faults))).toEqual([problem]);
});

import { expect, test } from 'vitest';
import { compileProfile, type SandboxPlan } from '../../lib/profile/compile-profile.ts';
import { parseProfile } from '../../lib/profile/parse-profile.ts';

const compiled = (text: string, file?: string): SandboxPlan =>
  compileProfile(parseProfile(text, { file: 'p.yaml' }).profile, file === undefined ? {} : { file });

const NONE = 'spec: { sourceAccess: { mode: none } }';

const compiledGithub = (section: string): NonNullable<SandboxPlan['github']> => {
  const { github } = compiled(`spec: { sourceAccess: { github: ${section} } }`);
  if (!github) throw new Error('the plan has no github');
  return github;
};

test('a profile that says nothing but mode none gets every default and no GitHub', () => {
  expect(compiled(NONE)).toEqual({
    name: 'profile',
    prefix: 'sb',
    labels: {},
    ttlSeconds: 0,
    substrate: 'docker',
    encryption: 'per-sandbox',
    allowedHosts: [],
    warnings: [],
  });
});

test('everything that a profile says is in the plan', () => {
  const text = `
metadata: { name: full, prefix: gh, labels: { team: platform } }
spec:
  lifecycle: { ttl: 2h }
  runtime: { substrate: eks }
  encryption: shared
  network: { egress: { allowedHosts: [Registry.Example.com, registry.example.com, "*.a.io"] } }
  sourceAccess:
    mode: allowlist
    github:
      allowedRepos: [My-User/My-Repo, "https://github.com/my-org/another-repo.git", github.com/my-user/second]
      allowedRefs: [main, "release/*", main]
      permissions: [push, clone, push, comment]
      allowForcePushes: true
      allowDeletions: false
      graphql: read
`;
  expect(compiled(text)).toEqual({
    name: 'full',
    prefix: 'gh',
    labels: { team: 'platform' },
    ttlSeconds: 7200,
    substrate: 'eks',
    encryption: 'shared',
    allowedHosts: ['registry.example.com', '*.a.io'],
    warnings: [],
    github: {
      verbs: ['clone', 'push', 'comment'],
      permissions: { contents: 'write', issues: 'write', metadata: 'read' },
      allowedRepos: ['my-user/my-repo', 'my-org/another-repo', 'my-user/second'],
      owners: [
        { owner: 'my-user', repositories: ['my-repo', 'second'] },
        { owner: 'my-org', repositories: ['another-repo'] },
      ],
      guard: { allowedRefs: ['main', 'release/*'], allowForcePushes: true, allowDeletions: false },
      graphql: 'read',
    },
  });
});

test.each([
  ['allowedRefs absent', '{ allowedRepos: [a/b] }', ['clone', 'fetch']],
  ['allowedRefs empty', '{ allowedRepos: [a/b], allowedRefs: [] }', ['clone', 'fetch']],
  ['allowedRefs given', '{ allowedRepos: [a/b], allowedRefs: [main] }', ['clone', 'fetch', 'push']],
  ['permissions given', '{ allowedRepos: [a/b], allowedRefs: [main], permissions: [fetch] }', ['fetch']],
])('with %s, the verbs of %s are %j', (_, section, verbs) => {
  expect(compiledGithub(section).verbs).toEqual(verbs);
});

test.each([
  [
    '[a/b, c/d, a/e]',
    [
      { owner: 'a', repositories: ['b', 'e'] },
      { owner: 'c', repositories: ['d'] },
    ],
  ],
  ['[a/b, A/B, github.com/a/b]', [{ owner: 'a', repositories: ['b'] }]],
  [
    '[a/b, c/d, "a/*"]',
    [
      { owner: 'a', repositories: 'all' },
      { owner: 'c', repositories: ['d'] },
    ],
  ],
  ['["*"]', []],
  ['["*", a/b]', []],
])('of %s each owner gets exactly its own: %j', (repos, owners) => {
  expect(compiledGithub(`{ allowedRepos: ${repos} }`).owners).toEqual(owners);
});

test.each([
  ['{ allowedRepos: [a/b] }', { allowForcePushes: false, allowDeletions: false }],
  [
    '{ allowedRepos: [a/b], allowedRefs: [] }',
    { allowedRefs: [], allowForcePushes: false, allowDeletions: false },
  ],
  ['{ allowedRepos: [a/b], allowDeletions: true }', { allowForcePushes: false, allowDeletions: true }],
])('the guard of %s is %j', (section, guard) => {
  expect(compiledGithub(section).guard).toEqual(guard);
});

test('GraphQL is refused where the profile does not name it', () => {
  expect(compiledGithub('{ allowedRepos: [a/b] }').graphql).toBe('none');
});

test.each([
  ['0', 0],
  ['"0"', 0],
  ['90s', 90],
  ['30m', 1_800],
  ['7d', 604_800],
])('a ttl of %s is %d seconds', (ttl, seconds) => {
  expect(compiled(`spec: { lifecycle: { ttl: ${ttl} }, sourceAccess: { mode: none } }`).ttlSeconds).toBe(
    seconds,
  );
});

test.each([
  ['profile.yaml', 'profile'],
  ['dir/my-profile.yml', 'my-profile'],
  ['learn.v2.yaml', 'learn.v2'],
  ['My Profile!.yaml', 'My-Profile'],
  ['.hidden.yaml', 'hidden'],
  ['-', 'profile'],
  ['\u00fc.yaml', 'profile'],
  [`${'x'.repeat(80)}.yaml`, 'x'.repeat(63)],
])('without a name of its own, the profile in %s is called %s', (file, name) => {
  expect(compiled(NONE, file).name).toBe(name);
});

test('its own name wins over that of the file', () => {
  expect(compiled(`metadata: { name: own }\n${NONE}`, 'other.yaml').name).toBe('own');
});

test.each([
  ['{ allowedRepos: [a/b] }', []],
  ['{ allowedRepos: [a/b, A/B] }', ['allowedRepos names a repository more than once (1 too many)']],
  ['{ allowedRepos: [a/b, "a/*", c/d] }', ['allowedRepos holds a wider entry that covers a/b']],
  ['{ allowedRepos: [a/b, "c/*", "*"] }', ['allowedRepos holds a wider entry that covers a/b, c/*']],
  [
    '{ allowedRepos: [a/b], allowedRefs: [main], permissions: [clone], allowForcePushes: true, allowDeletions: true }',
    [
      'allowedRefs changes nothing, since permissions holds no push',
      'allowForcePushes changes nothing, since permissions holds no push',
      'allowDeletions changes nothing, since permissions holds no push',
    ],
  ],
  [
    '{ allowedRepos: [a/b], permissions: [clone, workflow] }',
    ['the verb workflow lets push change workflow files, and permissions holds no push'],
  ],
  [
    '{ allowedRepos: [a/b], allowedRefs: [heads/main] }',
    ['allowedRefs: heads/main is a branch or tag of that very name; the full ref is refs/heads/main'],
  ],
  [
    '{ allowedRepos: [a/b], allowedRefs: [], permissions: [push] }',
    ['allowedRefs is empty: the token may push, and the guard denies every ref'],
  ],
])('%s is warned about with %j', (section, warnings) => {
  expect(compiled(`spec: { sourceAccess: { github: ${section} } }`).warnings).toEqual(warnings);
});

test('with mode none, a github section grants nothing and is warned about', () => {
  const plan = compiled('spec: { sourceAccess: { mode: none, github: { allowedRepos: ["*"] } } }');
  expect(plan.github).toBeUndefined();
  expect(plan.warnings).toEqual(['github changes nothing with mode: none']);
});

import { expect, test } from 'vitest';
import { parseProfile } from '../../lib/profile/parse-profile.ts';
import { ProfileError } from '../../lib/profile/profile-error.ts';

const problemsOf = (text: string | Uint8Array): ProfileError['problems'] => {
  try {
    parseProfile(text, { file: 'p.yaml' });
  } catch (error) {
    if (error instanceof ProfileError) return error.problems;
    throw error;
  }
  return [];
};

/** The lines of the message, without the file in front of each. */
const linesOf = (text: string | Uint8Array): string[] => {
  try {
    parseProfile(text, { file: 'p.yaml' });
  } catch (error) {
    if (error instanceof ProfileError)
      return error.message.split('\n').map((line) => line.replace(/^p\.yaml:/, ''));
    throw error;
  }
  return [];
};

const NONE = 'spec: { sourceAccess: { mode: none } }\n';

/** A profile whose `github` section holds these lines. */
const withGithub = (...lines: string[]): string =>
  ['spec:', '  sourceAccess:', '    github:', ...lines.map((line) => `      ${line}`), ''].join('\n');

test('the smallest profiles are valid', () => {
  expect(parseProfile(NONE, { file: 'p.yaml' })).toEqual({
    profile: { spec: { sourceAccess: { mode: 'none' } } },
    warnings: [],
  });
  expect(parseProfile(withGithub('allowedRepos: [a/b]'), { file: 'p.yaml' })).toEqual({
    profile: { spec: { sourceAccess: { github: { allowedRepos: ['a/b'] } } } },
    warnings: [],
  });
});

test('every problem of a profile comes at once, with file, line, column, value and fix', () => {
  const text = `apiVersion: klankermaker.ai/v1alpha1
kind: SandboxProfil
extends: base
metadata:
  name: a b
  prefix: Gh
  labels: { builtin: true, "x y": z, team: "" }
spec:
  lifecycle: { ttl: 1h30m, idleTimeout: 1h }
  runtime: { substrate: ec3, instanceTyp: x }
  executon: {}
  network: { egress: { allowedHosts: ["*", 10.0.0.1, "a.b:443"] } }
  sourceAccess:
    mode: alowlist
    github:
      allowedRepos: [my-repo, 12]
      allowedRefs: [1.0, "a b", main]
      permissions: [read, puhs]
      allowForcePushes: yes
      allowDeletion: true
`;
  expect(linesOf(text)).toEqual([
    '1:13: apiVersion: this must be klankermaker.ai/v1alpha2: klankermaker.ai/v1alpha1 -- Write klankermaker.ai/v1alpha2.',
    '2:7: kind: this must be SandboxProfile: SandboxProfil -- Write SandboxProfile.',
    '3:1: extends: extends is not followed: what it inherits would decide access, and this file would not show it -- Copy what is inherited into this file.',
    '5:9: metadata.name: this is no name for a profile: a b -- Use at most 63 letters, digits and . _ - such as my-profile.',
    '6:11: metadata.prefix: this is no prefix for a sandbox id: Gh -- Use at most 12 of a-z and 0-9, a letter first, such as gh.',
    '7:22: metadata.labels.builtin: YAML reads this as a boolean, not as text: true -- Write "true" in quotes.',
    '7:28: metadata.labels["x y"]: this is no label that an AWS tag could carry -- Use at most 100 letters, digits and . _ / - with a letter or digit at either end.',
    '7:44: metadata.labels.team: this is no value that an AWS tag could carry: "" -- Use 1 to 256 letters, digits, spaces and _ . : / = + @ - with no space at either end.',
    '9:21: spec.lifecycle.ttl: this is no time to live: 1h30m -- Write it in one unit, such as 90m for an hour and a half.',
    '10:25: spec.runtime.substrate: this must be one of docker, ec2, ecs, eks: ec3 -- Write ec2.',
    '10:30: spec.runtime.instanceTyp: km knows no such key here -- Did you mean instanceType?',
    '11:3: spec.executon: km knows no such key here -- Did you mean execution?',
    '12:39: spec.network.egress.allowedHosts[0]: this would let everything through: "*" -- Name the hosts, or the domains as *.example.com.',
    '12:44: spec.network.egress.allowedHosts[1]: the proxy lets names through, not IP addresses: 10.0.0.1 -- Write the host name.',
    '12:54: spec.network.egress.allowedHosts[2]: a host stands without a port: "a.b:443" -- Leave the port out; https is what the proxy lets through.',
    '14:11: spec.sourceAccess.mode: this must be one of allowlist, none: alowlist -- Write allowlist.',
    '16:22: spec.sourceAccess.github.allowedRepos[0]: the owner is missing: my-repo -- Write owner/my-repo, or "owner/*".',
    '16:31: spec.sourceAccess.github.allowedRepos[1]: YAML reads this as a number, not as text: 12 -- Write "12" in quotes.',
    '17:21: spec.sourceAccess.github.allowedRefs[0]: YAML reads this as a number, not as text: 1.0 -- Write "1.0" in quotes.',
    '17:26: spec.sourceAccess.github.allowedRefs[1]: a ref pattern cannot hold a space: "a b" -- Use letters, digits and . _ / + @ # % = , - with * ? and [ ] as wildcards.',
    '18:21: spec.sourceAccess.github.permissions[0]: this must be one of clone, fetch, push, comment, review, checks, workflow, actions: read -- Write clone and fetch.',
    '18:27: spec.sourceAccess.github.permissions[1]: this must be one of clone, fetch, push, comment, review, checks, workflow, actions: puhs -- Write push.',
    '19:25: spec.sourceAccess.github.allowForcePushes: this must be true or false: yes -- Write allowForcePushes: false',
    '20:7: spec.sourceAccess.github.allowDeletion: km knows no such key here -- Did you mean allowDeletions?',
  ]);
});

test('a problem says all that its line says, field by field', () => {
  expect(problemsOf(withGithub('allowedRepos:', '  - my-repo'))).toEqual([
    {
      file: 'p.yaml',
      line: 5,
      column: 11,
      path: 'spec.sourceAccess.github.allowedRepos[0]',
      value: 'my-repo',
      message: 'the owner is missing',
      fix: 'Write owner/my-repo, or "owner/*".',
    },
  ]);
});

test('a profile that is not valid fails under its code, as the user’s to mend', () => {
  expect(() => parseProfile('', { file: 'p.yaml' })).toThrow(
    expect.objectContaining({ name: 'ProfileError', code: 'ErrProfileInvalid', fault: 'user' }),
  );
});

const ADD_GITHUB = 'Add github: { allowedRepos: [my-user/my-repo] }, or mode: none for no GitHub at all';
const ADD_SOURCE =
  'Add sourceAccess: { github: { allowedRepos: [my-user/my-repo] } }, or mode: none for no GitHub at all';

test.each([
  [
    'no spec',
    'kind: SandboxProfile\n',
    '1:1: spec: this is missing -- Add spec: { sourceAccess: { github: { allowedRepos: [my-user/my-repo] } } }',
  ],
  [
    'an empty spec',
    'spec:\n',
    '1:6: spec: this is empty -- Write spec: { sourceAccess: { github: { allowedRepos: [my-user/my-repo] } } }, or leave the line out.',
  ],
  [
    'no sourceAccess',
    'kind: SandboxProfile\nspec: {}\n',
    `2:1: spec.sourceAccess: this is missing -- ${ADD_SOURCE}`,
  ],
  [
    'no github',
    'spec:\n  sourceAccess:\n    mode: allowlist\n',
    `2:3: spec.sourceAccess.github: this is missing -- ${ADD_GITHUB}`,
  ],
  [
    'an empty github',
    'spec:\n  sourceAccess:\n    github:\n',
    '3:12: spec.sourceAccess.github: this is empty -- Write github: { allowedRepos: [my-user/my-repo] }, or leave the line out.',
  ],
  [
    'no allowedRepos',
    withGithub('allowedRefs: [main]'),
    '3:5: spec.sourceAccess.github.allowedRepos: this is missing -- Add allowedRepos: [my-user/my-repo]',
  ],
  [
    'an empty allowedRepos',
    withGithub('allowedRepos: []'),
    '4:21: spec.sourceAccess.github.allowedRepos: this list is empty, which GitHub would read as every repository: [] -- Name a repository, or write mode: none for a sandbox without GitHub.',
  ],
  [
    'one repo instead of a list',
    withGithub('allowedRepos: a/b'),
    '4:21: spec.sourceAccess.github.allowedRepos: this must be a list: a/b -- Write [a/b], or one entry a line with - in front.',
  ],
  [
    'one ref instead of a list',
    withGithub('allowedRepos: [a/b]', 'allowedRefs: main'),
    '5:20: spec.sourceAccess.github.allowedRefs: this must be a list: main -- Write [main], or one entry a line with - in front.',
  ],
  [
    'an empty permissions',
    withGithub('allowedRepos: [a/b]', 'permissions: []'),
    '5:20: spec.sourceAccess.github.permissions: this list is empty: [] -- Write [clone, fetch], or mode: none for a sandbox without GitHub.',
  ],
  [
    'a map as a repo',
    withGithub('allowedRepos: [{ a: b }]'),
    '4:22: spec.sourceAccess.github.allowedRepos[0]: this must be text: { a: b } -- Write allowedRepos: [my-user/my-repo]',
  ],
  [
    'a ttl without unit',
    `${NONE.slice(0, -3)}, lifecycle: { ttl: 5 } }`,
    '1:57: spec.lifecycle.ttl: a number of seconds, minutes, hours or days needs its unit: 5 -- Write ttl: 2h',
  ],
  [
    'a ttl that is a list',
    `${NONE.slice(0, -3)}, lifecycle: { ttl: [] } }`,
    '1:57: spec.lifecycle.ttl: this must be text: [] -- Write ttl: 2h',
  ],
  [
    'a scalar',
    'a',
    '1:1: this must be a map of keys: a -- Write spec: { sourceAccess: { github: { allowedRepos: [my-user/my-repo] } } }',
  ],
  [
    'a list',
    '- a',
    '1:1: this must be a map of keys: - a -- Write spec: { sourceAccess: { github: { allowedRepos: [my-user/my-repo] } } }',
  ],
  [
    'a merge key',
    `<<: { a: 1 }\n${NONE}`,
    '1:1: ["<<"]: merge keys are not followed, since what they bring would decide access -- Write the keys out.',
  ],
  [
    'a key of every object',
    `${NONE}toString: 1\n`,
    '2:1: toString: km knows no such key here -- Leave it out; known here: apiVersion, kind, metadata, spec.',
  ],
  [
    'a number as a key',
    `${NONE}1: 1\n`,
    '2:1: 1: km knows no such key here -- Leave it out; known here: apiVersion, kind, metadata, spec.',
  ],
])('%s is told where it is and how to mend it', (_, text, line) => {
  expect(linesOf(text)).toEqual([line]);
});

test('each of the labels past what tags can carry is too many', () => {
  const labels = Array.from({ length: 41 }, (_, index) => `k${index}: v`).join(', ');
  expect(problemsOf(`metadata: { labels: { ${labels} } }\n${NONE}`)).toMatchObject([
    {
      path: 'metadata.labels',
      message: '41 labels are more than AWS tags can carry',
      fix: 'Keep 40 of them.',
    },
  ]);
});

const repos = (count: number, owner = 'my-org'): string =>
  Array.from({ length: count }, (_, index) => `${owner}/r${index}`).join(', ');

test('500 repositories of an owner are accepted, and of another owner too', () => {
  expect(problemsOf(withGithub(`allowedRepos: [${repos(500)}, ${repos(500, 'other')}]`))).toEqual([]);
});

test('more than 500 repositories of an owner are refused by name', () => {
  expect(problemsOf(withGithub(`allowedRepos: [a/b, ${repos(501)}]`))).toMatchObject([
    {
      line: 4,
      column: 21,
      message: '501 repositories of my-org, GitHub names at most 500 in one token',
      fix: 'Write "my-org/*", or split the profile.',
    },
  ]);
});

test('repeating a repository, in whatever form, does not count against the 500', () => {
  const text = withGithub(`allowedRepos: [${repos(500)}, My-Org/R1, https://github.com/my-org/r2.git]`);
  expect(problemsOf(text)).toEqual([]);
});

test('no secret that stands in a profile is shown', () => {
  const token = `ghp_${'a1'.repeat(18)}`;
  const text = withGithub(
    `allowedRepos: ["https://${token}@github.com/o/r", "https://user:hunter2@github.com/o/r", ${token}]`,
    `permissions: [github_pat_${'b2'.repeat(20)}]`,
  );
  const told = JSON.stringify(problemsOf(text)) + linesOf(text).join('\n');
  expect(told).not.toContain(token);
  expect(told).not.toContain('hunter2');
  expect(told).not.toContain('b2b2b2');
  expect(told).toContain('https://[redacted]@github.com/o/r');
});

test('no value can write to the terminal through a message', () => {
  const text = withGithub('allowedRepos: ["a\\e[2J\\n\\u202eb/c"]', 'permissions: ["x\\x07"]');
  for (const line of linesOf(text)) expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
});

test('the name of the file is told in full, and printable', () => {
  const file = `/a${'/long'.repeat(40)}/\u001b[2Jp.yaml`;
  expect(() => parseProfile('', { file })).toThrow(
    `/a${'/long'.repeat(40)}/\\u001b[2Jp.yaml:1:1: the file is empty`,
  );
});

test('a long value is cut short', () => {
  expect(problemsOf(withGithub(`allowedRefs: [${'x'.repeat(300)}]`, 'allowedRepos: [a/b]'))).toMatchObject([
    { value: `${'x'.repeat(79)}…` },
  ]);
});

test('of very many problems the message shows the first 50', () => {
  const lines = linesOf(withGithub(`allowedRepos: [${'x, '.repeat(60)}x]`));
  expect(lines).toHaveLength(51);
  expect(lines.at(-1)).toBe('and 11 more');
});

test('what Klanker reads and km does not is accepted, and named in one warning', () => {
  const text = `metadata: { name: dev, abstract: false }
spec:
  lifecycle: { ttl: 24h, idleTimeout: 4h, teardownPolicy: destroy }
  runtime: { substrate: ec2, spot: true, instanceType: t3.medium, region: us-east-1 }
  execution: { shell: /bin/bash, env: { 1: one, MODE: dev }, initCommands: [] }
  network: { enforcement: proxy, egress: { allowedDNSSuffixes: [.github.com], allowedHosts: [github.com] } }
  iam: { roleSessionDuration: 1h }
  sidecars: { dnsProxy: { enabled: true } }
  observability:
  sourceAccess: { mode: allowlist, github: { allowedRepos: [my-user/my-repo] } }
`;
  const { profile, warnings } = parseProfile(text, { file: 'p.yaml' });
  expect(warnings).toEqual([
    {
      file: 'p.yaml',
      line: 1,
      column: 24,
      path: 'metadata.abstract',
      message:
        'km accepts what Klanker reads and does nothing with it: metadata.abstract, spec.execution, spec.iam, ' +
        'spec.observability, spec.sidecars, spec.lifecycle.idleTimeout, spec.lifecycle.teardownPolicy, ' +
        'spec.network.enforcement, spec.network.egress.allowedDNSSuffixes, spec.runtime.instanceType, ' +
        'spec.runtime.region, spec.runtime.spot',
    },
  ]);
  expect(profile.spec.runtime?.substrate).toBe('ec2');
});

test('what is valid and most likely not meant is a warning with its place', () => {
  const text = withGithub(
    'allowedRepos: [my-org/a, My-Org/*]',
    'allowedRefs: [main]',
    'permissions: [clone]',
  );
  expect(parseProfile(text, { file: 'p.yaml' }).warnings).toEqual([
    {
      file: 'p.yaml',
      line: 4,
      column: 7,
      path: 'spec.sourceAccess.github.allowedRepos',
      message: 'allowedRepos holds a wider entry that covers my-org/a',
    },
    {
      file: 'p.yaml',
      line: 5,
      column: 7,
      path: 'spec.sourceAccess.github.allowedRefs',
      message: 'allowedRefs changes nothing, since permissions holds no push',
    },
  ]);
});

import { expect, test } from 'vitest';
import { resourceNames } from '../../lib/broker/names.ts';
import type { SandboxContext } from '../../lib/sandbox/context.ts';
import { policyFile } from '../../lib/sandbox/policy-file.ts';
import { closedPolicy, proxyPolicyOf, proxyPolicyOfPlan } from '../../lib/sandbox/proxy-policy.ts';
import { readPolicyFile } from '../../lib/sandbox/read-policy-file.ts';
import type { SandboxRecord } from '../../lib/sandbox/sandbox-record.ts';
import { sandbox } from '../doctor/healthy-facts.ts';

const context = { names: resourceNames(), region: 'us-east-1' } as SandboxContext;
const ENDPOINTS = {
  git: 'https://github.com',
  api: 'https://api.github.com',
  ssm: 'https://ssm.us-east-1.amazonaws.com',
};

const full = sandbox({
  guard: { allowedRefs: ['main', 'release/*'], allowForcePushes: true, allowDeletions: false },
  egress: { allowedHosts: ['registry.example.com', '*.a.io'], graphql: 'read' },
  event: {
    sandbox_id: 'sb-1234abcd',
    allowed_repos: ['My-User/my-repo', 'my-org/*'],
    permissions: { contents: 'write', metadata: 'read' },
  },
});
const { event: _event, ...withoutGitHub } = full;

test('a policy file has a line for everything that scripts and proxy go by', () => {
  expect(policyFile(context, full, ENDPOINTS)).toBe(`version 1
sandbox sb-1234abcd
region us-east-1
git https://github.com
api https://api.github.com
ssm https://ssm.us-east-1.amazonaws.com
token my-user /sandbox/sb-1234abcd/github-token
token my-org /sandbox/sb-1234abcd/github-tokens/my-org
repo my-user/my-repo
repo my-org/*
permission contents write
permission metadata read
refs listed
ref main
ref release/*
force yes
delete no
host registry.example.com
host *.a.io
graphql read
`);
});

test.each<[string, SandboxRecord]>([
  ['everything', full],
  ['no GitHub', withoutGitHub],
  ['any ref', { ...full, guard: { allowForcePushes: false, allowDeletions: true } }],
  ['no ref', { ...full, guard: { ...full.guard, allowedRefs: [] } }],
  ['nothing beside the repos', { ...full, egress: { allowedHosts: [], graphql: 'none' } }],
])('a proxy that reads the policy file of a sandbox with %s decides as one that reads its stack', (_, of) => {
  const read = readPolicyFile(policyFile(context, of, ENDPOINTS), 'policy');
  expect(read.policy).toEqual(proxyPolicyOf(of));
  expect(read.github).toEqual({ git: ENDPOINTS.git, api: ENDPOINTS.api });
  expect([read.region, read.ssm]).toEqual(['us-east-1', ENDPOINTS.ssm]);
  expect(read.tokens.size).toBe(of.event ? 2 : 0);
});

const TEXT = policyFile(context, full, ENDPOINTS);

test.each([
  ['no end of its last line', TEXT.trimEnd(), 'its last line has no end'],
  ['nothing in it', '\n', 'line 1 is none that it holds'],
  ['an unknown key', `${TEXT}allow all\n`, 'line 21 is none that it holds'],
  ['a key of every object', `${TEXT}constructor x\n`, 'line 21 is none that it holds'],
  ['an address as a host', `${TEXT}host 127.0.0.1\n`, 'line 21 is none that it holds'],
  ['a second api', `${TEXT}api https://evil.example\n`, 'it says api twice, again in line 21'],
  ['another version', TEXT.replace('version 1', 'version 2'), 'line 1 is none that it holds'],
  ['plain http', TEXT.replace('git https:', 'git http:'), 'line 4 is none that it holds'],
  [
    'a pattern of another language',
    TEXT.replace('ref main', 'ref (main|dev)'),
    'line 14 is none that it holds',
  ],
  ['carriage returns', TEXT.replaceAll('\n', '\r\n'), 'line 1 is none that it holds'],
  ['no api', TEXT.replace(/^api .*\n/m, ''), 'it does not say: api'],
  ['no refs', TEXT.replace(/^refs .*\n/m, ''), 'it does not say: refs'],
])('a policy file with %s is refused', (_, text, why) => {
  expect(() => readPolicyFile(text, '/etc/policy')).toThrow(
    expect.objectContaining({
      code: 'ErrProxyPolicyInvalid',
      message: `/etc/policy is no policy file of km: ${why}.`,
    }),
  );
});

test('the policy of a profile stands under its sandbox, or its own name', () => {
  const plan = {
    name: 'my-profile',
    prefix: 'sb',
    labels: {},
    ttlSeconds: 0,
    substrate: 'docker',
    encryption: 'per-sandbox',
    allowedHosts: ['a.io'],
    warnings: [],
  } as const;
  expect(proxyPolicyOfPlan(plan)).toEqual({
    ...closedPolicy('my-profile'),
    guard: NO_PUSH,
    allowedHosts: ['a.io'],
  });
  expect(proxyPolicyOfPlan(plan, 'sb-1234abcd').sandbox).toBe('sb-1234abcd');
});

const NO_PUSH = { allowForcePushes: false, allowDeletions: false };

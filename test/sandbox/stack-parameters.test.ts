import { expect, test } from 'vitest';
import {
  fromStackParameters,
  type SandboxStackInput,
  toStackParameters,
} from '../../lib/sandbox/stack-parameters.ts';

const input: SandboxStackInput = {
  prefix: 'km',
  id: 'sb-0123abcd',
  profileName: 'my-profile',
  substrate: 'docker',
  trustedPrincipalArns: ['arn:aws:iam::123456789012:role/A', 'arn:aws:iam::123456789012:role/*/A'],
  event: {
    sandbox_id: 'sb-0123abcd',
    allowed_repos: ['my-user/my-repo', 'my-org/*'],
    permissions: { contents: 'write', metadata: 'read' },
  },
  guard: { allowedRefs: ['main', 'release/*'], allowForcePushes: false, allowDeletions: true },
  egress: { allowedHosts: ['registry.example.com', '*.a.io'], graphql: 'read' },
  encryption: 'per-sandbox',
  paused: false,
  refreshStart: Date.parse('2026-11-20T10:45:00Z'),
  expiresAt: Date.parse('2026-11-20T12:00:00Z'),
};

const values = (from: SandboxStackInput): Record<string, string> =>
  Object.fromEntries(
    toStackParameters(from).map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]),
  );

const repos = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `my-org/repository-number-${index}`);

test('what a sandbox is made from can be read back from its stack', () => {
  const { prefix: _prefix, trustedPrincipalArns: _trusted, ...read } = input;
  expect(fromStackParameters(toStackParameters(input))).toEqual(read);
});

test('times are written as CloudFormation and Scheduler take them', () => {
  expect(values(input)).toMatchObject({
    RefreshStart: '2026-11-20T10:45:00Z',
    ExpiresAt: '2026-11-20T12:00:00',
  });
});

test('a sandbox without TTL, GitHub and refresh has these parameters empty', () => {
  const { event: _event, expiresAt: _expiresAt, refreshStart: _refreshStart, ...bare } = input;
  expect(values(bare)).toMatchObject({ RefreshEvent1: '', RefreshStart: '', ExpiresAt: '' });
  expect(fromStackParameters(toStackParameters(bare))).not.toHaveProperty('event');
});

test('a long list of repos travels in several parameters, none over 4,096 bytes, and comes back whole', () => {
  const long = { ...input, event: { ...input.event, allowed_repos: repos(500) } } as SandboxStackInput;
  const parameters = toStackParameters(long);
  expect(parameters.filter(({ ParameterValue = '' }) => Buffer.byteLength(ParameterValue) > 4_096)).toEqual(
    [],
  );
  expect(
    parameters.filter(
      ({ ParameterKey = '', ParameterValue }) => /^RefreshEvent/.test(ParameterKey) && ParameterValue,
    ),
  ).toHaveLength(4);
  expect(fromStackParameters(parameters).event).toEqual(long.event);
});

test('more than a stack carries is refused before anything is made', () => {
  const over = { ...input, event: { ...input.event, allowed_repos: repos(1_500) } } as SandboxStackInput;
  expect(() => toStackParameters(over)).toThrow(expect.objectContaining({ code: 'ErrProfileInvalid' }));
});

test('the stack of a sandbox from before there was a proxy lets nothing through beside its repos', () => {
  const older = toStackParameters(input).filter(({ ParameterKey }) => ParameterKey !== 'EgressPolicy');
  expect(fromStackParameters(older).egress).toEqual({ allowedHosts: [], graphql: 'none' });
});

test('a sandbox that reaches nothing beside its repos has the default of the template', () => {
  expect(values({ ...input, egress: { allowedHosts: [], graphql: 'none' } }).EgressPolicy).toBe('{}');
});

test('a sandbox with shared encryption carries the ARN of the key, and says the same as its event', () => {
  const event = { ...input.event, encryption: 'shared' } as SandboxStackInput['event'];
  const shared = {
    ...input,
    event,
    encryption: 'shared',
    sharedKeyArn: 'arn:aws:kms:…',
  } as SandboxStackInput;
  expect(values(shared)).toMatchObject({ Encryption: 'shared', SharedKeyArn: 'arn:aws:kms:…' });
  expect(fromStackParameters(toStackParameters(shared))).toMatchObject({ encryption: 'shared', event });
});

test('the stack of a sandbox from before there were pauses has a key of its own and is not paused', () => {
  const older = toStackParameters(input).filter(
    ({ ParameterKey = '' }) => !/^(Encryption|SharedKeyArn|Paused)$/.test(ParameterKey),
  );
  expect(fromStackParameters(older)).toMatchObject({ encryption: 'per-sandbox', paused: false });
});

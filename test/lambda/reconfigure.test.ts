import type { Stack, UpdateStackCommandInput } from '@aws-sdk/client-cloudformation';
import { describe, expect, test } from 'vitest';
import { event, ID } from '../broker/broker-scene.ts';
import { type LambdaScene, lambdaScene, reported } from './lambda-scene.ts';

const STACK_ID = `arn:aws:cloudformation:us-east-1:111122223333:stack/km-sandbox-${ID}/1`;
const repos = event(['my-user/my-repo']);
const chunks = (text: string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: 8 }, (_, index) => [
      `RefreshEvent${index + 1}`,
      text.slice(index * 4_000, (index + 1) * 4_000),
    ]),
  );

const PRESENT: Readonly<Record<string, string>> = {
  Prefix: 'km',
  SandboxId: ID,
  ProfileName: 'p',
  Substrate: 'docker',
  TrustedPrincipalArns: 'arn:aws:iam::111122223333:user/me',
  ...chunks(JSON.stringify(repos)),
  GuardPolicy: '{}',
  EgressPolicy: '{}',
  RefreshStart: '',
  ExpiresAt: '',
  Encryption: 'per-sandbox',
  SharedKeyArn: '',
  Paused: 'false',
  UpdatedAt: '',
};

interface CloudFormationScene extends LambdaScene {
  readonly updates: UpdateStackCommandInput[];
}

const named = (name: string, message: string) => Object.assign(new Error(message), { name });

const sceneOf = ({
  stack = {},
  present = PRESENT,
  answer = async () => ({}),
}: {
  readonly stack?: Partial<Stack>;
  readonly present?: Readonly<Record<string, string>>;
  readonly answer?: () => Promise<unknown>;
} = {}): CloudFormationScene => {
  const updates: UpdateStackCommandInput[] = [];
  const scene = lambdaScene();
  scene.stacks = {
    describeStacks: async ({ StackName }) => {
      if (StackName !== `km-sandbox-${ID}`)
        throw named('ValidationError', `Stack with id ${StackName} does not exist`);
      const Parameters = Object.entries(present).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      }));
      const found = {
        StackName,
        StackId: STACK_ID,
        StackStatus: 'CREATE_COMPLETE' as const,
        CreationTime: new Date(0),
        Parameters,
        ...stack,
      };
      return { $metadata: {}, Stacks: [found] };
    },
    updateStack: async (input) => {
      updates.push(input);
      return answer();
    },
  };
  return Object.assign(scene, { updates });
};

const change = (parameters: object, more: object = {}) => ({
  action: 'reconfigure',
  sandbox_id: ID,
  parameters,
  ...more,
});

test('changes what it is given, and leaves the template and every other parameter as they are', async () => {
  const scene = sceneOf();
  expect(await scene.invoke(change({ Paused: 'true' }))).toEqual({
    sandbox_id: ID,
    stack_id: STACK_ID,
    changed: true,
  });
  const [update] = scene.updates;
  expect(update).toEqual({
    StackName: STACK_ID,
    UsePreviousTemplate: true,
    Parameters: Object.keys(PRESENT).map((ParameterKey) =>
      ParameterKey === 'Paused'
        ? { ParameterKey, ParameterValue: 'true' }
        : { ParameterKey, UsePreviousValue: true },
    ),
    Capabilities: ['CAPABILITY_NAMED_IAM'],
    RoleARN: 'arn:aws:iam::111122223333:role/km-cloudformation-us-east-1',
    DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: false },
    ClientRequestToken: expect.stringMatching(/^reconfigure-[a-z0-9-]{1,100}$/),
  });
  expect(scene.lines).toEqual([
    { event: 'sandbox_reconfigured', sandbox_id: ID, parameters: ['Paused'], changed: true },
  ]);
});

test('takes another refresh event of the same sandbox, in chunks', async () => {
  const many = Array.from({ length: 300 }, (_, index) => `my-org/repo-${index}`);
  const text = chunks(JSON.stringify(event(many)));
  const scene = sceneOf();
  await scene.invoke(change(text));
  const given = scene.updates[0]?.Parameters?.filter(({ ParameterValue }) => ParameterValue !== undefined);
  expect(given).toEqual(
    Object.entries(text).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
  );
});

test('takes GitHub away by eight empty chunks', async () => {
  const scene = sceneOf();
  await scene.invoke(change(chunks('')));
  expect(scene.updates).toHaveLength(1);
});

test('answers that nothing has changed when CloudFormation says so', async () => {
  const scene = sceneOf({
    answer: () => Promise.reject(named('ValidationError', 'No updates are to be performed.')),
  });
  expect(await scene.invoke(change({ Paused: 'false' }))).toMatchObject({ changed: false });
});

describe('a stack of an earlier km', () => {
  const { Paused, EgressPolicy, Encryption, SharedKeyArn, UpdatedAt, ...earlier } = PRESENT;

  test('can be changed in what its template knows; what it never was need not be said', async () => {
    const scene = sceneOf({ present: earlier });
    await scene.invoke(change({ ExpiresAt: '2026-12-01T00:00:00', EgressPolicy: '{}', Paused: 'false' }));
    expect(scene.updates[0]?.Parameters?.map(({ ParameterKey }) => ParameterKey)).toEqual(
      Object.keys(earlier),
    );
  });

  test('can be updated without the moment that its template does not know', async () => {
    const scene = sceneOf({ present: earlier });
    await scene.invoke(change({ ...chunks(''), UpdatedAt: '2026-12-01T00:00:00Z' }));
    expect(scene.updates[0]?.Parameters?.map(({ ParameterKey }) => ParameterKey)).toEqual(
      Object.keys(earlier),
    );
  });

  test('twice within a second is seen twice', async () => {
    const now = '2026-12-01T00:00:59Z';
    const scene = sceneOf({ present: { ...PRESENT, UpdatedAt: now } });
    await scene.invoke(
      change({ GuardPolicy: '{"allowForcePushes":true,"allowDeletions":false}', UpdatedAt: now }),
    );
    expect(scene.updates[0]?.Parameters).toContainEqual({
      ParameterKey: 'UpdatedAt',
      ParameterValue: '2026-12-01T00:01:00Z',
    });
  });

  test('whose resources would not tell the change is not called unchanged', async () => {
    const answer = () => Promise.reject(named('ValidationError', 'No updates are to be performed.'));
    const scene = sceneOf({ present: earlier, answer });
    const given = change({ ProfileName: 'q', UpdatedAt: '2026-12-01T00:00:00Z' });
    const { errorType, errorMessage } = await reported(scene.invoke(given));
    expect(errorType).toBe('ErrSandboxUnchangeable');
    expect(errorMessage).toContain('in which ProfileName alone changes nothing');
  });

  test('cannot be paused: its template would not know how', async () => {
    const scene = sceneOf({ present: earlier });
    const { errorType, errorMessage } = await reported(scene.invoke(change({ Paused: 'true' })));
    expect(errorType).toBe('ErrSandboxUnchangeable');
    expect(errorMessage).toContain('it is of an earlier km, which knew no Paused');
    expect(scene.updates).toEqual([]);
  });
});

const other = JSON.stringify({ ...repos, sandbox_id: 'sb-0000beef' });

test.each<[string, object, string]>([
  ['the sandbox', change({ SandboxId: 'sb-0000beef' }), 'parameters holds "SandboxId", which cannot be'],
  ['the prefix', change({ Prefix: 'other' }), '"Prefix", which cannot be changed'],
  ['the substrate', change({ Substrate: 'ec2' }), '"Substrate", which cannot be changed'],
  [
    'whom its role trusts',
    change({ TrustedPrincipalArns: 'arn:aws:iam::111122223333:root' }),
    '"TrustedPrincipalArns", which cannot be changed',
  ],
  ['its encryption', change({ Encryption: 'shared' }), '"Encryption", which cannot be changed'],
  ['its key', change({ SharedKeyArn: 'arn:aws:kms:x' }), '"SharedKeyArn", which cannot be changed'],
  ['what every object has', change({ constructor: 'x' }), '"constructor", which cannot be changed'],
  ['nothing', change({}), 'parameters must name the parameters to change'],
  ['a list', change(['Paused']), 'parameters must name the parameters to change'],
  ['no text', change({ Paused: true }), 'parameters.Paused must be text, not true'],
  ['half a pause', change({ Paused: 'maybe' }), "parameters.Paused must be 'true' or 'false'"],
  ['a part of the event', change({ RefreshEvent1: '{}' }), 'must hold all of RefreshEvent1 to RefreshEvent8'],
  [
    'an event that is hidden behind an empty chunk',
    change({ ...chunks(''), RefreshEvent2: JSON.stringify(repos) }),
    'RefreshEvent1 must begin with what is not empty',
  ],
  ['an event that is no JSON', change(chunks('{')), 'RefreshEvent is not JSON'],
  ['an event of another sandbox', change(chunks(other)), `RefreshEvent is about sb-0000beef, not ${ID}`],
  [
    'an event without permissions',
    change(chunks(JSON.stringify({ ...repos, permissions: {} }))),
    'permissions must not be empty',
  ],
  ['too long a chunk', change({ ...chunks(''), RefreshEvent1: 'x'.repeat(4_001) }), 'at most 4000 bytes'],
  ['a profile with a path', change({ ProfileName: '../x' }), 'must be the name of a profile'],
  ['no guard policy', change({ GuardPolicy: '{"allowedRefs":1}' }), 'must be a guard policy of km'],
  ['no egress policy', change({ EgressPolicy: '{"allowedHosts":["*"]}' }), 'must be an egress policy of km'],
  ['a time that is none', change({ ExpiresAt: '2026-13-01T00:00:00' }), 'ExpiresAt must be a time such as'],
  ['a time of another form', change({ RefreshStart: '2026-12-01' }), 'RefreshStart must be a time such as'],
  ['another template', change({ Paused: 'true' }, { template: '{}' }), 'unknown "template"'],
  ['another role', change({ Paused: 'true' }, { role_arn: 'x' }), 'unknown "role_arn"'],
  ['its tags', change({ Paused: 'true' }, { tags: {} }), 'unknown "tags"'],
  ['another stack', { ...change({ Paused: 'true' }), sandbox_id: '../km-platform' }, 'must be a sandbox id'],
  ['a refresh too', { ...change({ Paused: 'true' }), allowed_repos: ['a/b'] }, 'unknown "allowed_repos"'],
])('refuses to change %s', async (_what, given, reason) => {
  const scene = sceneOf();
  const { errorType, errorMessage } = await reported(scene.invoke(given));
  expect(errorType).toBe('ErrRefreshEventInvalid');
  expect(errorMessage).toContain(reason);
  expect(scene.updates).toEqual([]);
});

test('refuses another encryption in the event: the tokens would be under a key that the role may not use', async () => {
  const scene = sceneOf();
  const text = chunks(JSON.stringify({ ...repos, encryption: 'shared' }));
  expect((await reported(scene.invoke(change(text)))).errorType).toBe('ErrSandboxUnchangeable');
  expect(scene.updates).toEqual([]);
});

test.each<[string, Parameters<typeof sceneOf>[0], string]>([
  ['is being changed', { stack: { StackStatus: 'UPDATE_IN_PROGRESS' } }, 'ErrSandboxBusy'],
  [
    'is being changed since it was looked at',
    {
      answer: () =>
        Promise.reject(
          named(
            'ValidationError',
            `Stack:${STACK_ID} is in UPDATE_IN_PROGRESS state and can not be updated.`,
          ),
        ),
    },
    'ErrSandboxBusy',
  ],
  ['is being deleted', { stack: { StackStatus: 'DELETE_IN_PROGRESS' } }, 'ErrSandboxBusy'],
  ['has failed', { stack: { StackStatus: 'ROLLBACK_COMPLETE' } }, 'ErrSandboxFailed'],
  ['is gone', { stack: { StackStatus: 'DELETE_COMPLETE' } }, 'ErrSandboxNotFound'],
  ['is not of this sandbox', { present: { ...PRESENT, SandboxId: 'sb-0000beef' } }, 'ErrSandboxFailed'],
  ['is refused', { answer: () => Promise.reject(named('AccessDenied', 'no')) }, 'ErrAws'],
])('of a stack that %s is an error with a code', async (_what, given, code) => {
  expect((await reported(sceneOf(given).invoke(change({ Paused: 'true' })))).errorType).toBe(code);
});

test('of a sandbox that there is not is an error with a code', async () => {
  const given = { ...change({ Paused: 'true' }), sandbox_id: 'sb-0000beef' };
  expect((await reported(sceneOf().invoke(given))).errorType).toBe('ErrSandboxNotFound');
});

import type { Stack } from '@aws-sdk/client-cloudformation';
import { describe, expect, test } from 'vitest';
import { resourceNames } from '../../lib/broker/names.ts';
import type { SandboxContext } from '../../lib/sandbox/context.ts';
import { destroySandbox } from '../../lib/sandbox/destroy-sandbox.ts';
import { allSandboxes, findSandbox } from '../../lib/sandbox/find-sandbox.ts';
import { withHealth } from '../../lib/sandbox/list-sandboxes.ts';
import { sandboxRecord } from '../../lib/sandbox/sandbox-record.ts';
import { toStackParameters } from '../../lib/sandbox/stack-parameters.ts';

const ID = 'sb-0123abcd';
const names = resourceNames();
const STACK_ID = `arn:aws:cloudformation:eu-west-1:123456789012:stack/km-sandbox-${ID}/0a1b`;
const ROLE = `arn:aws:iam::123456789012:role/km-sandbox-${ID}`;

const parameters = toStackParameters({
  prefix: 'km',
  id: ID,
  profileName: 'my-profile',
  substrate: 'docker',
  trustedPrincipalArns: [],
  event: { sandbox_id: ID, allowed_repos: ['my-user/my-repo'], permissions: { contents: 'read' } },
  guard: { allowForcePushes: false, allowDeletions: false },
  egress: { allowedHosts: [], graphql: 'none' },
  encryption: 'per-sandbox',
  paused: false,
});

/** A stack as an operator can make one by hand: CloudFormation takes any tags, parameters and outputs. */
const stack = (more: Partial<Stack> = {}): Stack => ({
  StackName: `km-sandbox-${ID}`,
  StackId: STACK_ID,
  StackStatus: 'CREATE_COMPLETE',
  CreationTime: new Date(0),
  Parameters: parameters,
  Tags: [{ Key: 'km:sandbox-id', Value: ID }],
  Outputs: [{ OutputKey: 'RoleArn', OutputValue: ROLE }],
  ...more,
});

const withParameter = (ParameterKey: string, ParameterValue: string): Partial<Stack> => ({
  Parameters: [
    ...parameters.filter((parameter) => parameter.ParameterKey !== ParameterKey),
    { ParameterKey, ParameterValue },
  ],
});

const FORGED: readonly (readonly [string, Partial<Stack>])[] = [
  ['an event of another sandbox', withParameter('RefreshEvent1', eventText('sb-ffffffff'))],
  ['an event that is no JSON', withParameter('RefreshEvent1', '{')],
  ['an event with a line break in a repo', withParameter('RefreshEvent1', eventText(ID, 'a/b\nrepo *'))],
  ['a guard policy that is none', withParameter('GuardPolicy', '{"allowedRefs":["a\\nb"]}')],
  ['an egress policy that is no JSON', withParameter('EgressPolicy', '{')],
  ['an egress policy with an address', withParameter('EgressPolicy', '{"allowedHosts":["169.254.169.254"]}')],
  ['an egress policy with a line break', withParameter('EgressPolicy', '{"allowedHosts":["a.io\\nrepo *"]}')],
  ['an egress policy in capitals', withParameter('EgressPolicy', '{"allowedHosts":["A.io"]}')],
  ['an egress policy that lets GraphQL write', withParameter('EgressPolicy', '{"graphql":"write"}')],
  ['an egress policy of another key', withParameter('EgressPolicy', '{"allowAll":true}')],
  ['the id of another sandbox', withParameter('SandboxId', 'sb-ffffffff')],
  ['a substrate that there is not', withParameter('Substrate', '\u001b[2J')],
  ['a profile name with a control sequence', withParameter('ProfileName', 'x\u001b]0;owned\u0007')],
  ['an encryption that there is not', withParameter('Encryption', 'none')],
  ['another encryption than its event', withParameter('Encryption', 'shared')],
  ['a pause that is neither', withParameter('Paused', 'yes')],
  ['a first refresh that is no time', withParameter('RefreshStart', 'soon')],
  ['an end that is no time', withParameter('ExpiresAt', 'never')],
];

function eventText(sandbox_id: string, repo = 'a/b'): string {
  return JSON.stringify({ sandbox_id, allowed_repos: [repo], permissions: { contents: 'read' } });
}

const contextOf = (...stacks: Stack[]): SandboxContext => {
  let status = 'CREATE_COMPLETE';
  const send = async (command: { input: { StackName?: string }; constructor: { name: string } }) => {
    if (command.constructor.name === 'DeleteStackCommand') {
      status = 'DELETE_COMPLETE';
      return {};
    }
    if (command.constructor.name === 'DescribeStackEventsCommand') {
      const event = { StackId: STACK_ID, PhysicalResourceId: STACK_ID };
      return { StackEvents: [{ ...event, EventId: status, ResourceStatus: status }] };
    }
    return { Stacks: stacks.filter(({ StackName }) => (command.input.StackName ?? StackName) === StackName) };
  };
  return {
    names,
    region: 'eu-west-1',
    client: <Client>() => ({ send }) as Client,
    now: async () => 0,
    sleep: async () => undefined,
    randomBytes: (count) => Buffer.alloc(count),
  };
};

describe("a sandbox's stack", () => {
  test('is read with its role', () => {
    expect(sandboxRecord(stack(), names)).toMatchObject({ id: ID, roleArn: ROLE, profile: 'my-profile' });
  });

  test('has the id that its name says, whatever its tag says', () => {
    const forged = stack({ Tags: [{ Key: 'km:sandbox-id', Value: '../../..\nrepo *' }] });
    expect(sandboxRecord(forged, names)).toMatchObject({ id: ID });
  });

  test.each(['km-sandbox-../../x', 'km-sandbox-', 'km-platform', 'other', `x-km-sandbox-${ID}`])(
    '%j is none, whatever its tags say',
    (StackName) => {
      expect(sandboxRecord(stack({ StackName }), names)).toBeUndefined();
    },
  );

  test.each([
    'arn:aws:iam::123456789012:role/Admin',
    `arn:aws:iam::999999999999:role/km-sandbox-${ID}`,
    'arn:aws:iam::123456789012:role/km-sandbox-sb-ffffffff',
    `arn:aws:iam::123456789012:role/x/km-sandbox-${ID}`,
  ])('that names %s as its role has none: nobody is made to assume it', (OutputValue) => {
    const forged = stack({ Outputs: [{ OutputKey: 'RoleArn', OutputValue }] });
    expect(sandboxRecord(forged, names)).not.toHaveProperty('roleArn');
  });

  test.each(FORGED)('with %s is not used', async (_what, more) => {
    await expect(findSandbox(contextOf(stack(more)), ID)).rejects.toThrow(
      expect.objectContaining({ name: 'KmError' }),
    );
  });

  test.each(FORGED)('with %s is listed as failed, and hides no other', async (_what, more) => {
    const OTHER = 'sb-11111111';
    const other = stack({
      StackName: `km-sandbox-${OTHER}`,
      Parameters: [
        ...parameters.filter(({ ParameterKey = '' }) => !/^(SandboxId|RefreshEvent1)$/.test(ParameterKey)),
        { ParameterKey: 'SandboxId', ParameterValue: OTHER },
      ],
    });
    const found = await allSandboxes(contextOf(stack(more), other));
    expect(found.map((sandbox) => [sandbox.id, withHealth(sandbox, [], 0).health])).toEqual([
      [ID, 'failed'],
      [OTHER, 'no-github'],
    ]);
  });

  test.each(FORGED)('with %s can be destroyed', async (_what, more) => {
    expect(await destroySandbox(contextOf(stack(more)), { id: ID, mode: 'EXPRESS' })).toMatchObject({
      existed: true,
    });
  });
});

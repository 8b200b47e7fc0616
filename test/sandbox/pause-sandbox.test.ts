import { DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DescribeParametersCommand } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import type { SandboxContext } from '../../lib/sandbox/context.ts';
import { pauseSandbox } from '../../lib/sandbox/pause-sandbox.ts';
import { revokeSandboxes } from '../../lib/sandbox/revoke-sandboxes.ts';
import { toStackParameters } from '../../lib/sandbox/stack-parameters.ts';
import { parametersLeft, tokenMetadata } from '../../lib/sandbox/token-metadata.ts';
import { ID, NOW, names, sandbox, TOKEN, token } from '../doctor/healthy-facts.ts';
import { STACK_ID } from './stack-scene.ts';

const MARK = { Name: TOKEN, Description: JSON.stringify({ destroyed: true }) };
const LIVE = { Name: TOKEN, Description: token(ID).description };
const FOREIGN = { Name: `${names.sandboxPath(ID)}/mine`, Description: 'mine' };
const PROBLEM = { code: 'ErrGitHubRateLimited', message: `${TOKEN}: GitHub refuses` };
const REVOKE = { action: 'revoke', sandbox_id: ID };

interface Scene {
  readonly paused: boolean;
  /** What DescribeParameters lists. */
  readonly left: readonly object[];
  readonly problems?: readonly object[];
}

/** One sandbox with its stack, what is left of its tokens, and a refresher that answers and is listened to. */
const scene = ({ paused, left, problems = [] }: Scene) => {
  const invoked: unknown[] = [];
  const { event, guard, egress } = sandbox();
  const Parameters = toStackParameters({
    ...{ prefix: 'km', id: ID, profileName: 'my-profile', substrate: 'docker', encryption: 'per-sandbox' },
    ...{ trustedPrincipalArns: [], guard, egress, paused, ...(event ? { event } : {}) },
  });
  const stack = {
    StackId: STACK_ID,
    StackName: names.stackName(ID),
    StackStatus: 'UPDATE_COMPLETE',
    Parameters,
  };
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof DescribeStacksCommand) return { Stacks: [stack] };
    if (command instanceof DescribeStackEventsCommand) return { StackEvents: [] };
    if (command instanceof DescribeParametersCommand) return { Parameters: left };
    if (!(command instanceof InvokeCommand)) throw new Error('unexpected');
    const asked = JSON.parse(String(command.input.Payload));
    invoked.push(asked);
    const parameters = problems.length > 0 ? [] : [TOKEN];
    const answer = asked.action === 'revoke' ? { revoked: 1, parameters, problems } : { changed: false };
    return { Payload: { transformToString: () => JSON.stringify(answer) } };
  };
  const context: SandboxContext = {
    names,
    region: 'us-east-1',
    client: <Client>() => ({ send }) as Client,
    now: async () => NOW,
    sleep: async () => undefined,
    randomBytes: (count) => new Uint8Array(count),
  };
  return { context, invoked };
};

test.each([
  ['a marked token', MARK],
  ['a live token', LIVE],
])('pausing a paused sandbox of which %s is left revokes again', async (_what, left) => {
  const { context, invoked } = scene({ paused: true, left: [left] });
  expect(await pauseSandbox(context, { id: ID })).toMatchObject({ changed: true });
  expect(invoked).toEqual([REVOKE]);
});

test.each([
  ['nothing', []],
  ['only what km did not write', [FOREIGN]],
])('pausing a paused sandbox of which %s is left does nothing', async (_what, left) => {
  const { context, invoked } = scene({ paused: true, left });
  expect(await pauseSandbox(context, { id: ID })).toMatchObject({ changed: false });
  expect(invoked).toEqual([]);
});

test.each([true, false])('a token that stays is an error of the pause, paused before: %s', async (paused) => {
  const { context } = scene({ paused, left: [MARK], problems: [PROBLEM] });
  await expect(pauseSandbox(context, { id: ID })).rejects.toMatchObject({
    code: 'ErrRevokeFailed',
    message: expect.stringContaining(PROBLEM.message),
  });
});

test('the kill switch asks once, and tells a token that stays once', async () => {
  const { context, invoked } = scene({ paused: true, left: [MARK], problems: [PROBLEM] });
  const [revoked] = await revokeSandboxes(context, { targets: [{ id: ID, hasStack: true }] });
  expect(revoked).toMatchObject({ paused: true, problems: [PROBLEM] });
  expect(invoked).toEqual([REVOKE]);
});

test('a mark is left of a sandbox, and is no token', async () => {
  const { context } = scene({ paused: true, left: [MARK, FOREIGN] });
  expect(await parametersLeft(context)).toEqual(new Map([[ID, { tokens: [], marked: [TOKEN] }]]));
  expect(await tokenMetadata(context)).toEqual(new Map());
});

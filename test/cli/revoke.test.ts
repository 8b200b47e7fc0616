import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DescribeParametersCommand } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { resourceNames } from '../../lib/broker/names.ts';
import type { Invocation } from '../../lib/cli/invocation.ts';
import { run } from '../../lib/cli/revoke.ts';
import type { Session } from '../../lib/cli/session.ts';
import { terminalScene } from './terminal-scene.ts';

const ID = 'sb-1234abcd';
const names = resourceNames();
const MARK = { Name: names.tokenParameter(ID), Description: JSON.stringify({ destroyed: true }) };

/** An account without stacks, in whose Parameter Store these are left. */
const revoking = async (
  left: readonly object[],
  { args = [], options = {} }: Partial<Pick<Invocation, 'args' | 'options'>>,
) => {
  const invoked: unknown[] = [];
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof DescribeStacksCommand) return { Stacks: [] };
    if (command instanceof DescribeParametersCommand) return { Parameters: left };
    if (!(command instanceof InvokeCommand)) throw new Error('unexpected');
    invoked.push(JSON.parse(String(command.input.Payload)));
    const answer = { revoked: 1, parameters: [MARK.Name], problems: [] };
    return { Payload: { transformToString: () => JSON.stringify(answer) } };
  };
  const context = { names, region: 'us-east-1', client: () => ({ send }), now: async () => 0 };
  const { terminal } = terminalScene();
  const session = async () => ({ context }) as unknown as Session;
  await run({ args, options, terminal, env: {}, session });
  return invoked;
};

test.each([
  ['by its id', { args: [ID] }],
  ['among all', { options: { all: true, yes: true } }],
])('a sandbox of which only a mark is left is revoked %s', async (_how, given) => {
  expect(await revoking([MARK], given)).toEqual([{ action: 'revoke', sandbox_id: ID }]);
});

test('a sandbox of which nothing is left is not found', async () => {
  await expect(revoking([], { args: [ID] })).rejects.toMatchObject({ code: 'ErrSandboxNotFound' });
});

import { expect, test } from 'vitest';
import { deleteSandboxStack } from '../../lib/sandbox/destroy-sandbox.ts';
import { event, STACK_ID, stackScene } from './stack-scene.ts';

const ID = 'sb-1234abcd';
const deletion = { id: ID, stackId: STACK_ID, mode: 'EXPRESS' } as const;

const refused = (message: string): Error => Object.assign(new Error(message), { name: 'ValidationError' });

const before = [event('CREATE_IN_PROGRESS'), event('CREATE_COMPLETE', 'Key')];
const gone = [
  ...before,
  event('DELETE_IN_PROGRESS'),
  event('DELETE_COMPLETE', 'Key'),
  event('DELETE_COMPLETE'),
];

test('names what was removed, also when the creation ends while its deletion is asked for', async () => {
  const completed = event('CREATE_COMPLETE');
  const { context } = stackScene({
    polls: [before, [...before, completed], [...before, completed, ...gone.slice(2)]],
  });
  expect(await deleteSandboxStack(context, deletion)).toEqual({
    id: ID,
    existed: true,
    removed: [{ type: 'AWS::Test::Resource', name: 'physical-Key' }],
  });
});

test('a stack that somebody else has just deleted is not waited for', async () => {
  const { context, calls } = stackScene({ polls: [gone] });
  expect(await deleteSandboxStack(context, deletion)).toEqual({ id: ID, existed: false, removed: [] });
  expect(calls).toEqual(['DescribeStackEvents']);
});

test('a stack that is busy is asked to go again until it may', async () => {
  const busy = refused(`Stack [${STACK_ID}] cannot be deleted while in status ROLLBACK_IN_PROGRESS`);
  const { context, calls, slept } = stackScene({ polls: [before, gone], deletions: [busy, busy] });
  expect(await deleteSandboxStack(context, deletion)).toMatchObject({ existed: true });
  expect(calls.filter((operation) => operation === 'DeleteStack')).toHaveLength(3);
  expect(slept.slice(0, 2)).toEqual([2_000, 2_000]);
});

test.each([
  [
    'another refusal',
    refused(`Stack [${STACK_ID}] cannot be deleted while TerminationProtection is enabled`),
  ],
  ['no permission', Object.assign(new Error('_IN_PROGRESS'), { name: 'AccessDenied' })],
])('%s is told at once', async (_what, error) => {
  const { context, slept } = stackScene({ polls: [before], deletions: [error] });
  await expect(deleteSandboxStack(context, deletion)).rejects.toBe(error);
  expect(slept).toEqual([]);
});

test('a stack that stays busy is given up after five minutes', async () => {
  const busy = refused('cannot be deleted while in status UPDATE_IN_PROGRESS');
  const { context, slept } = stackScene({ polls: [before], deletions: Array(500).fill(busy) });
  await expect(deleteSandboxStack(context, deletion)).rejects.toBe(busy);
  expect(slept.reduce((sum, ms) => sum + ms, 0)).toBe(300_000);
});

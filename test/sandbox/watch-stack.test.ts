import { describe, expect, test } from 'vitest';
import { watchStack } from '../../lib/sandbox/watch-stack.ts';
import { event, STACK_ID, stackScene } from './stack-scene.ts';

const started = event('CREATE_IN_PROGRESS');

describe('watching a creation', () => {
  test.each([
    ['CREATE_COMPLETE', ['CREATE_COMPLETE']],
    ['ROLLBACK_COMPLETE', ['ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE']],
    ['ROLLBACK_FAILED', ['ROLLBACK_IN_PROGRESS', 'ROLLBACK_FAILED']],
    ['CREATE_FAILED', ['CREATE_FAILED']],
    ['DELETE_COMPLETE', ['DELETE_IN_PROGRESS', 'DELETE_COMPLETE']],
    ['DELETE_FAILED', ['DELETE_IN_PROGRESS', 'DELETE_FAILED']],
  ])('ends with %s, and not before', async (status, statuses) => {
    const events = [started, ...statuses.map((one) => event(one))];
    const { context } = stackScene({ polls: events.map((_event, index) => events.slice(0, index + 1)) });
    const seen: string[] = [];
    const end = await watchStack(context, {
      operation: 'create',
      stackId: STACK_ID,
      onEvent: ({ ResourceStatus = '' }) => seen.push(ResourceStatus),
    });
    expect(end?.status).toBe(status);
    expect(seen).toEqual(events.map(({ ResourceStatus }) => ResourceStatus));
  });

  test('tells what failed first, and not what was only stopped by it', async () => {
    const events = [
      started,
      event('CREATE_FAILED', 'Role', 'not authorized'),
      event('CREATE_FAILED', 'Key', 'Resource creation cancelled'),
      event('ROLLBACK_IN_PROGRESS'),
      event('DELETE_COMPLETE', 'Key'),
      event('ROLLBACK_COMPLETE'),
    ];
    const { context } = stackScene({ polls: [events] });
    expect(await watchStack(context, { operation: 'create', stackId: STACK_ID })).toEqual({
      status: 'ROLLBACK_COMPLETE',
      failures: ['Role (AWS::Test::Resource): not authorized'],
    });
  });

  test("is not ended by a resource's own status", async () => {
    const events = [started, event('CREATE_COMPLETE', 'Key'), event('CREATE_COMPLETE')];
    const { context, calls } = stackScene({ polls: [events.slice(0, 2), events] });
    await watchStack(context, { operation: 'create', stackId: STACK_ID });
    expect(calls).toHaveLength(2);
  });
});

describe('watching a deletion', () => {
  test('is not ended by the creation that it interrupts', async () => {
    const events = [
      event('CREATE_COMPLETE'),
      event('ROLLBACK_COMPLETE'),
      event('DELETE_IN_PROGRESS'),
      event('DELETE_COMPLETE'),
    ];
    const { context } = stackScene({ polls: events.map((_event, index) => events.slice(0, index + 1)) });
    expect(await watchStack(context, { operation: 'delete', stackId: STACK_ID })).toEqual({
      status: 'DELETE_COMPLETE',
      failures: [],
    });
  });
});

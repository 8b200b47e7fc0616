import { expect, test } from 'vitest';
import type { LambdaModel, Outcome } from '../../scripts/simulate/lambda-model.ts';
import { createRetryQueueModel } from '../../scripts/simulate/retry-queue-model.ts';
import { createVirtualTime } from '../../scripts/simulate/virtual-time.ts';

interface Record_ {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
}

const FAILS: Outcome = { value: { batchItemFailures: [{ itemIdentifier: 'm-1' }] } };
const WORKS: Outcome = { value: { batchItemFailures: [] } };

const scene = (answers: (attempt: number, record: Record_) => Outcome, tookMs = 1_000) => {
  const time = createVirtualTime(0);
  const attempts: number[] = [];
  const lambda: LambdaModel = {
    invoke: async (event) => {
      attempts.push(Math.round(time.now() / 1_000));
      const [record] = (event as { Records: readonly Record_[] }).Records;
      await time.sleep(tookMs);
      return answers(attempts.length, record as Record_);
    },
    invokeLater: () => undefined,
    report: () => {
      throw new Error('nobody asks');
    },
  };
  const queue = createRetryQueueModel({ time, lambda: () => lambda, maxReceives: 7, visibilityMs: 120_000 });
  return { time, queue, attempts };
};

test('a message that fails comes back every two minutes, seven times, and is then a dead letter', async () => {
  const { time, queue, attempts } = scene(() => FAILS);
  queue.sendFailed({ sandbox_id: 'sb-1' });
  await time.run(3_600_000);
  expect(attempts).toEqual([0, 120, 240, 360, 481, 601, 721]);
  expect(queue.report()).toEqual({ messages: 1, receives: 7, deadLetters: 1, deepest: 1 });
});

test('a message that is done does not come back', async () => {
  const { time, queue, attempts } = scene((attempt) => (attempt === 2 ? WORKS : FAILS));
  queue.sendFailed({ sandbox_id: 'sb-1' });
  await time.run(3_600_000);
  expect(attempts).toEqual([0, 120]);
  expect(queue.report()).toMatchObject({ receives: 2, deadLetters: 0 });
});

test.each<[string, Outcome]>([
  ['an invocation that throws', { error: new Error('it broke') }],
  ['one that is throttled', { throttled: true }],
])('%s gives its message back', async (_name, outcome) => {
  const { time, queue, attempts } = scene((attempt) => (attempt === 1 ? outcome : WORKS));
  queue.sendFailed({ sandbox_id: 'sb-1' });
  await time.run(3_600_000);
  expect(attempts).toEqual([0, 120]);
});

test('the function may hide its message for another time, counted from then', async () => {
  const { time, queue, attempts } = scene((attempt, { receiptHandle }) => {
    if (attempt === 2) return WORKS;
    queue.changeVisibility(receiptHandle, 300);
    return FAILS;
  });
  queue.sendFailed({ sandbox_id: 'sb-1' });
  await time.run(3_600_000);
  expect(attempts).toEqual([0, 301]);
});

test('the record is the one that Lambda sends of an invocation that failed', async () => {
  const bodies: unknown[] = [];
  const { time, queue } = scene((_attempt, { body }) => {
    bodies.push(JSON.parse(body));
    return WORKS;
  });
  await time.run(5_000);
  queue.sendFailed({ sandbox_id: 'sb-1' });
  await time.run(10_000);
  expect(bodies).toMatchObject([
    {
      timestamp: '1970-01-01T00:00:05.000Z',
      requestContext: { condition: 'RetriesExhausted' },
      requestPayload: { sandbox_id: 'sb-1' },
    },
  ]);
});

test('Lambda reads a queue by five at a time first', async () => {
  const { time, queue, attempts } = scene(() => WORKS, 10_000);
  for (let index = 0; index < 12; index += 1) queue.sendFailed({ sandbox_id: `sb-${index}` });
  await time.run(60_000);
  expect(attempts).toEqual([0, 0, 0, 0, 0, 10, 10, 10, 10, 10, 20, 20]);
});

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { queueUrl } from '../../lambda/refresh/queue-url.ts';
import { openDelayMessage } from '../../lambda/refresh/sqs-calls.ts';
import { REFRESH_EVERY_MS } from '../../lib/broker/refresh-period.ts';
import { firstRefreshAfterMs } from '../../lib/broker/refresh-start.ts';
import { retryDelaySeconds } from '../../lib/broker/retry-delay.ts';
import { event } from '../broker/broker-scene.ts';
import { type LambdaScene, sceneWithTokens } from './lambda-scene.ts';

const repos = event(['my-user/my-repo', 'my-org/x']);
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:km-refresh-retry';
const records = {
  Records: [
    {
      messageId: 'm0',
      eventSource: 'aws:sqs',
      eventSourceARN: QUEUE,
      receiptHandle: 'handle',
      body: JSON.stringify(repos),
    },
  ],
};

/** The delays of messages that fail, when GitHub answers mints of an installation so. */
const delaysWhen = async (answers: Readonly<Record<number, () => Response>>) => {
  const scene = await sceneWithTokens(repos);
  scene.world.advance(REFRESH_EVERY_MS);
  scene.github.intercept = ({ name }) =>
    answers[Number(/^POST \/app\/installations\/(\d+)\//.exec(name)?.[1])]?.();
  const delays: [message: unknown, seconds: number][] = [];
  scene.delay = async (message, seconds) => {
    delays.push([message, seconds]);
  };
  const answer = await scene.invoke(records);
  return { scene, delays, answer };
};

const broken = () => Response.json({ message: 'Server Error' }, { status: 502 });
const limited = (seconds: number) => () =>
  Response.json({ message: 'slow down' }, { status: 403, headers: { 'retry-after': String(seconds) } });

describe('a retry that fails', () => {
  test('waits 90 to 150 seconds, by chance', async () => {
    const { delays, answer } = await delaysWhen({ 1: broken });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    // The frozen world's chance is always the most.
    expect(delays).toEqual([[{ queueArn: QUEUE, receiptHandle: 'handle' }, 151]]);
  });

  test.each([
    [0, undefined, 90],
    [0.5, undefined, 120],
    [0.999, undefined, 150],
    [0, 300_000, 300],
    [0.999, 300_000, 360],
    [0.5, 10_000, 120],
    [0.5, 3_600_000, 600],
  ])('with the chance %s and asked for %s ms waits %s s', (chance, waitMs, seconds) => {
    expect(retryDelaySeconds(() => chance, waitMs)).toBe(seconds);
  });

  test("waits past its owner's rate limit", async () => {
    const { delays } = await delaysWhen({ 1: limited(300) });
    expect(delays.map(([, seconds]) => seconds)).toEqual([361]);
  });

  test("does not wait for another owner's limit", async () => {
    const { delays } = await delaysWhen({ 1: limited(300), 2: broken });
    expect(delays.map(([, seconds]) => seconds)).toEqual([151]);
  });

  test('waits for the sooner of two limits', async () => {
    const { delays } = await delaysWhen({ 1: limited(500), 2: limited(200) });
    expect(delays.map(([, seconds]) => seconds)).toEqual([261]);
  });

  test('goes back also when it cannot be delayed', async () => {
    const scene: LambdaScene = await sceneWithTokens(repos);
    scene.github.intercept = ({ name }) => (name.startsWith('POST') ? broken() : undefined);
    scene.delay = async () => {
      throw new Error('AccessDenied');
    };
    expect(await scene.invoke(records)).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(scene.lines.map((line) => line.event)).toContain('retry_not_delayed');
  });

  test('that succeeds is not delayed', async () => {
    expect((await delaysWhen({})).delays).toEqual([]);
  });
});

test('a message is hidden by one request to the queue of its ARN', async () => {
  const seen: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    seen.push([request.headers['x-amz-target'], JSON.parse(Buffer.concat(chunks).toString())]);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const delay = openDelayMessage({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
    });
    await delay({ queueArn: QUEUE, receiptHandle: 'handle' }, 120);
    expect(seen).toEqual([
      [
        'AmazonSQS.ChangeMessageVisibility',
        {
          QueueUrl: 'https://sqs.us-east-1.amazonaws.com/000000000000/km-refresh-retry',
          ReceiptHandle: 'handle',
          VisibilityTimeout: 120,
        },
      ],
    ]);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  expect(queueUrl('arn:aws-cn:sqs:cn-north-1:1:q')).toBe('https://sqs.cn-north-1.amazonaws.com.cn/1/q');
});

test('sandboxes that are created at once refresh at times spread over a period, each always at its own', () => {
  const offsets = Array.from({ length: 3_000 }, (_, index) =>
    firstRefreshAfterMs(`sb-${index.toString(16).padStart(8, '0')}`),
  );
  expect(Math.max(...offsets)).toBeLessThanOrEqual(REFRESH_EVERY_MS);
  expect(Math.min(...offsets)).toBeGreaterThan(5 * 60_000);
  const perMinute = new Map<number, number>();
  for (const offset of offsets) {
    const slot = Math.floor(offset / 60_000);
    perMinute.set(slot, (perMinute.get(slot) ?? 0) + 1);
  }
  // 86 a slot on average; at once, all would be in one.
  expect(Math.max(...perMinute.values())).toBeLessThan(130);
  expect(firstRefreshAfterMs('sb-1234abcd')).toBe(firstRefreshAfterMs('sb-1234abcd'));
});

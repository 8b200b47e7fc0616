import type { LambdaModel } from './lambda-model.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface RetryQueueModelOptions {
  readonly time: VirtualTime;
  readonly lambda: () => LambdaModel;
  /** Attempts until a message is a dead letter. */
  readonly maxReceives: number;
  readonly visibilityMs: number;
}

export interface RetryQueueModel {
  /** Puts in the record that Lambda sends of an asynchronous invocation that failed. */
  readonly sendFailed: (event: unknown) => void;
  /** As the function asks for a message that it holds. */
  readonly changeVisibility: (receiptHandle: string, seconds: number) => void;
  readonly report: () => RetryQueueReport;
}

export interface RetryQueueReport {
  readonly messages: number;
  readonly receives: number;
  readonly deadLetters: number;
  /** The most messages there were at once. */
  readonly deepest: number;
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAt: number;
  receives: number;
  visibleAt: number;
}

const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:km-refresh-retry';

/** How long Lambda's poller takes to see a message. */
const SEEN_MS = 100;
/** Lambda reads a queue by five at a time first, and by 300 more each minute, up to 1,250. */
const FIRST_POLLERS = 5;
const MORE_POLLERS = 300;
const MOST_POLLERS = 1_250;

/** The retry queue and Lambda's reading of it, one message a call, with its dead-letter queue. */
export const createRetryQueueModel = (options: RetryQueueModelOptions): RetryQueueModel => {
  const { time, lambda, maxReceives, visibilityMs } = options;
  const held = new Map<string, Message>();
  const waiting: Message[] = [];
  const counts = { messages: 0, receives: 0, deadLetters: 0, deepest: 0 };
  let depth = 0;
  let polling = 0;
  let busySince: number | undefined;

  const pollers = (): number =>
    busySince === undefined
      ? FIRST_POLLERS
      : Math.min(MOST_POLLERS, FIRST_POLLERS + Math.floor((time.now() - busySince) / 60_000) * MORE_POLLERS);

  const receive = async (message: Message): Promise<void> => {
    polling += 1;
    message.receives += 1;
    message.visibleAt = time.now() + visibilityMs;
    counts.receives += 1;
    const receiptHandle = `${message.id}#${message.receives}`;
    held.set(receiptHandle, message);
    const outcome = await lambda().invoke({
      Records: [
        {
          messageId: message.id,
          receiptHandle,
          body: message.body,
          attributes: {
            SentTimestamp: String(Math.floor(message.sentAt)),
            ApproximateReceiveCount: String(message.receives),
          },
          eventSource: 'aws:sqs',
          eventSourceARN: QUEUE_ARN,
        },
      ],
    });
    held.delete(receiptHandle);
    polling -= 1;
    if (waiting.length === 0 && polling === 0) busySince = undefined;
    const failed =
      !('value' in outcome) ||
      ((outcome.value as { batchItemFailures?: readonly unknown[] }).batchItemFailures?.length ?? 0) > 0;
    if (failed) appear(message);
    else depth -= 1;
    next();
  };

  const next = (): void => {
    while (waiting.length > 0 && polling < pollers()) {
      const message = waiting.shift();
      if (message) void receive(message);
    }
    // Nothing calls again while all pollers wait for the same slow answers.
    if (waiting.length > 0) time.at(time.now() + 5_000, next);
  };

  const appear = (message: Message): void => {
    time.at(message.visibleAt + SEEN_MS, () => {
      if (message.receives >= maxReceives) {
        counts.deadLetters += 1;
        depth -= 1;
        return;
      }
      busySince ??= time.now();
      waiting.push(message);
      next();
    });
  };

  return {
    sendFailed: (event) => {
      counts.messages += 1;
      depth += 1;
      counts.deepest = Math.max(counts.deepest, depth);
      const now = time.now();
      const body = JSON.stringify({
        version: '1.0',
        timestamp: new Date(now).toISOString(),
        requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
        requestPayload: event,
      });
      appear({ id: `m-${counts.messages}`, body, sentAt: now, receives: 0, visibleAt: now });
    },
    changeVisibility: (receiptHandle, seconds) => {
      const message = held.get(receiptHandle);
      if (message) message.visibleAt = time.now() + seconds * 1_000;
    },
    report: () => ({ ...counts }),
  };
};

import { randomUUID } from 'node:crypto';
import type { Caller, Cloud } from '../cloud.ts';
import { queueUrl } from './async-invokes.ts';
import type { FunctionRecord } from './function-store.ts';
import type { Invocation } from './run-function.ts';

/** An SQS queue whose messages a function is given. */
export interface EventSourceMapping {
  readonly uuid: string;
  readonly functionName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly enabled: boolean;
  /** The function tells which messages of a batch failed: `ReportBatchItemFailures`. */
  readonly reportFailures: boolean;
  readonly lastModified: number;
}

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes: Readonly<Record<string, string>>;
}

const WAIT_SECONDS = 20;
/** After a failure of the queue itself, on the machine's clock. */
const PAUSE_MS = 2000;

const eventOf = (cloud: Cloud, mapping: EventSourceMapping, messages: readonly Message[]): string =>
  JSON.stringify({
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes,
      messageAttributes: {},
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: mapping.queueArn,
      awsRegion: cloud.region,
    })),
  });

/** The messages that are done with; the others come again after their visibility timeout. */
const doneOf = (mapping: EventSourceMapping, messages: readonly Message[], result: Invocation): Message[] => {
  if (result.failed) return [];
  if (!mapping.reportFailures) return [...messages];
  const answer = JSON.parse(result.payload) as {
    batchItemFailures?: { itemIdentifier?: string }[] | null;
  } | null;
  const failures = (answer?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  const known = failures.every((id) => messages.some(({ MessageId }) => MessageId === id));
  return known ? messages.filter(({ MessageId }) => !failures.includes(MessageId)) : [];
};

/**
 * Polls a queue as the function's role and hands it the messages, batch by batch.
 *
 * Returns what stops it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function pollQueue(
  cloud: Cloud,
  mapping: EventSourceMapping,
  target: () => FunctionRecord,
  run: (record: FunctionRecord, event: { requestId: string; payload: string }) => Promise<Invocation>,
): () => void {
  let stopped = false;
  let resume = (): void => {};
  const QueueUrl = queueUrl(cloud, mapping.queueArn);

  const handle = async (caller: Caller, messages: readonly Message[]): Promise<void> => {
    const result = await run(target(), {
      requestId: randomUUID(),
      payload: eventOf(cloud, mapping, messages),
    });
    const done = doneOf(mapping, messages, result);
    if (done.length === 0) return;
    const Entries = done.map(({ MessageId, ReceiptHandle }) => ({ Id: MessageId, ReceiptHandle }));
    await cloud.call('sqs', 'DeleteMessageBatch', { QueueUrl, Entries }, caller);
  };

  /** Received after the poller was stopped: for whoever polls next. */
  const giveBack = async (caller: Caller, messages: readonly Message[]): Promise<void> => {
    for (const { ReceiptHandle } of messages) {
      const input = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
      await cloud.call('sqs', 'ChangeMessageVisibility', input, caller);
    }
  };

  const once = async (): Promise<void> => {
    const { caller } = cloud.assumeRole(target().roleArn, 'lambda-event-source', 'lambda.amazonaws.com');
    const input = {
      QueueUrl,
      MaxNumberOfMessages: Math.min(10, mapping.batchSize),
      WaitTimeSeconds: WAIT_SECONDS,
      MessageSystemAttributeNames: ['All'],
    };
    const { Messages } = await cloud.call('sqs', 'ReceiveMessage', input, caller);
    const messages: Message[] = Messages ?? [];
    if (stopped) await giveBack(caller, messages);
    else if (messages.length > 0) await cloud.clock.busy(handle(caller, messages));
  };

  const loop = async (): Promise<void> => {
    while (!stopped) {
      try {
        await once();
      } catch (error) {
        cloud.log('lambda_poll_failed', {
          queue: mapping.queueArn,
          message: String((error as Error).message),
        });
        await new Promise<void>((resolve) => {
          resume = resolve;
          setTimeout(resolve, PAUSE_MS).unref();
        });
      }
    }
  };
  void loop();
  return () => {
    stopped = true;
    resume();
  };
}

import { asKmError } from '../../lib/broker/broker-log.ts';
import { ownersToRetry, SANDBOX_GONE } from '../../lib/broker/owners-to-retry.ts';
import { refresh } from '../../lib/broker/refresh.ts';
import { parseRefreshEvent } from '../../lib/broker/refresh-event.ts';
import { retryDelaySeconds } from '../../lib/broker/retry-delay.ts';
import { type Invocation, type Runtime, workDeadline } from './invocation.ts';
import { unknownEvent } from './lambda-error.ts';
import { isStackEvent, onCutOffStackEvent, onStackEvent, type StackEvent } from './on-stack-event.ts';
import { sandboxIn } from './sandbox-in.ts';

interface QueueRecord {
  readonly messageId: string;
  readonly body: string;
  readonly receiptHandle?: unknown;
  readonly eventSourceARN?: unknown;
  readonly attributes?: { readonly SentTimestamp?: unknown };
}

/** Names the messages that go back to the queue; the others are done. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Failed {
  readonly event: Readonly<Record<string, unknown>>;
  /** When the invocation had ended, in milliseconds since the epoch; `NaN` when it is not told. */
  readonly at: number;
}

/** The event in a message: as it is, or in the record that Lambda sends of an invocation that failed. */
const failedIn = ({ body, attributes }: QueueRecord): Failed => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw unknownEvent();
  }
  const ofLambda = isRecord(value) && isRecord(value.requestContext) ? value : undefined;
  const event = ofLambda ? ofLambda.requestPayload : value;
  if (!isRecord(event)) throw unknownEvent();
  const at = ofLambda ? Date.parse(String(ofLambda.timestamp)) : Number(attributes?.SentTimestamp);
  return { event, at };
};

const sandboxOf = (record: QueueRecord): ReturnType<typeof sandboxIn> => {
  try {
    return sandboxIn(failedIn(record).event);
  } catch {
    return {};
  }
};

/** From a message back to when its invocation began: the function's longest time, and some for clocks that differ. */
const INVOCATION_MS = 90_000;

const retry = async (runtime: Runtime, record: QueueRecord, invocation: Invocation): Promise<void> => {
  const { event, at } = failedIn(record);
  if ('RequestType' in event) {
    if (!isStackEvent(runtime, event)) throw unknownEvent();
    const stackEvent = event as unknown as StackEvent;
    // A Create or Update that CloudFormation has given up on would write tokens that no stack takes back.
    if (event.RequestType !== 'Delete') return onCutOffStackEvent(runtime, stackEvent);
    return onStackEvent(runtime, stackEvent, invocation);
  }
  if (event.action === 'survey') {
    // The schedule's next one sees more than this one could.
    runtime.log({ event: 'retry_dropped', action: 'survey', reason: 'the next survey is due' });
    return;
  }
  const parsed = parseRefreshEvent(event);
  const since = Number.isNaN(at) ? Number.POSITIVE_INFINITY : at - INVOCATION_MS;
  const { owners, dropped } = await ownersToRetry(runtime.broker, parsed, since);
  const base = { event: 'retry_dropped', sandbox_id: parsed.sandbox_id };
  if (owners.size === 0 && dropped.every(({ reason }) => reason === SANDBOX_GONE)) {
    runtime.log({ ...base, reason: SANDBOX_GONE });
    return;
  }
  for (const { owner, reason } of dropped) runtime.log({ ...base, owner, reason });
  if (owners.size === 0) return;
  await refresh(runtime.broker, parsed, {
    deadline: workDeadline(runtime, invocation),
    onlyExisting: true,
    owners,
  }).catch((thrown: unknown) => {
    // It went while it was being refreshed, and nothing was left of that.
    if (asKmError(thrown).code !== 'ErrSandboxNotFound') throw thrown;
  });
};

/** Hides a message that failed until its next attempt. Never throws: without it the queue's own time counts. */
const delay = async (runtime: Runtime, record: QueueRecord, waitMs: number | undefined): Promise<void> => {
  const { receiptHandle, eventSourceARN: queueArn } = record;
  if (typeof receiptHandle !== 'string' || typeof queueArn !== 'string') return;
  const seconds = retryDelaySeconds(runtime.broker.world.random, waitMs);
  await runtime.delayMessage({ queueArn, receiptHandle }, seconds).catch((error: unknown) => {
    const { code, message } = asKmError(error);
    runtime.log({ event: 'retry_not_delayed', message_id: record.messageId, code, message });
  });
};

/**
 * Answers messages of the retry queue. What fails goes back, one by one, for a time that differs from message to message, and after its last attempt to the
 * dead-letter queue, as does what is no event of the refresher. A survey that failed is dropped: the next one is due. CloudFormation is
 * told of a Create or Update that was cut off, so that it waits no longer.
 *
 * IAM: as `refresh`; `ssm:GetParameterHistory` on the sandbox's token parameters; `sqs:ChangeMessageVisibility` on the queue.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export const onRetryRecords = async (
  runtime: Runtime,
  records: readonly QueueRecord[],
  invocation: Invocation,
): Promise<BatchAnswer> => {
  const failures: { itemIdentifier: string }[] = [];
  for (const record of records) {
    runtime.broker.metrics.retried();
    const { messageId } = record;
    try {
      await retry(runtime, record, invocation);
    } catch (thrown) {
      const { code, message, waitMs } = asKmError(thrown);
      runtime.log({ event: 'retry_failed', ...sandboxOf(record), message_id: messageId, code, message });
      failures.push({ itemIdentifier: messageId });
      await delay(runtime, record, waitMs);
    }
  }
  return { batchItemFailures: failures };
};

/** Whether records come from SQS, which is all that the function is subscribed to. */
export const areQueueRecords = (records: unknown): records is readonly QueueRecord[] =>
  Array.isArray(records) &&
  records.length > 0 &&
  records.every(
    (record) =>
      isRecord(record) &&
      record.eventSource === 'aws:sqs' &&
      typeof record.messageId === 'string' &&
      typeof record.body === 'string',
  );

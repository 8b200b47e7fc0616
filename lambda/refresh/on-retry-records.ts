import { asKmError } from '../../lib/broker/broker-log.ts';
import { refresh } from '../../lib/broker/refresh.ts';
import { parseRefreshEvent } from '../../lib/broker/refresh-event.ts';
import { type Invocation, type Runtime, workDeadline } from './invocation.ts';
import { unknownEvent } from './lambda-error.ts';
import { isStackEvent, onStackEvent, type StackEvent } from './on-stack-event.ts';

interface QueueRecord {
  readonly messageId: string;
  readonly body: string;
}

/** Names the messages that go back to the queue; the others are done. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The event in a message: as it is, or in the record that Lambda sends of an invocation that failed. */
const eventIn = (body: string): Readonly<Record<string, unknown>> => {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw unknownEvent();
  }
  const event = isRecord(value) && isRecord(value.requestContext) ? value.requestPayload : value;
  if (!isRecord(event)) throw unknownEvent();
  return event;
};

const retry = async (runtime: Runtime, body: string, invocation: Invocation): Promise<void> => {
  const event = eventIn(body);
  if ('RequestType' in event) {
    // A Create or Update that CloudFormation has given up on would write tokens that no stack takes back.
    if (event.RequestType !== 'Delete' || !isStackEvent(runtime, event)) throw unknownEvent();
    return onStackEvent(runtime, event as unknown as StackEvent, invocation);
  }
  const parsed = parseRefreshEvent(event);
  const existing = await runtime.broker.store.list(runtime.broker.names.sandboxPath(parsed.sandbox_id));
  if (existing.length === 0) {
    runtime.log({ event: 'retry_dropped', sandbox_id: parsed.sandbox_id, reason: 'the sandbox is gone' });
    return;
  }
  await refresh(runtime.broker, parsed, {
    deadline: workDeadline(runtime, invocation),
    onlyExisting: true,
  });
};

/**
 * Answers messages of the retry queue. What fails goes back, one by one, and after its last attempt to the
 * dead-letter queue, as does what is no event of the refresher.
 *
 * IAM: as `refresh`, and `ssm:GetParametersByPath` on the sandbox's path.
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
  for (const { messageId, body } of records) {
    try {
      await retry(runtime, body, invocation);
    } catch (thrown) {
      const { code, message } = asKmError(thrown);
      runtime.log({ event: 'retry_failed', message_id: messageId, code, message });
      failures.push({ itemIdentifier: messageId });
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

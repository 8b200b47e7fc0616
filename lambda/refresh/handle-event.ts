import type { Invocation, Runtime } from './invocation.ts';
import { lambdaError, unknownEvent } from './lambda-error.ts';
import { onAction } from './on-action.ts';
import { onRefresh } from './on-refresh.ts';
import { areQueueRecords, onRetryRecords } from './on-retry-records.ts';
import { isStackEvent, onStackEvent, type StackEvent } from './on-stack-event.ts';
import { sandboxIn } from './sandbox-in.ts';

/** The field that only one kind of event has. */
const KINDS = ['sandbox_id', 'action', 'RequestType', 'Records'] as const;

const dispatch = async (runtime: Runtime, event: unknown, invocation: Invocation): Promise<unknown> => {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) throw unknownEvent();
  const fields = event as Readonly<Record<string, unknown>>;
  // The actions that are about one sandbox.
  const namesOne = fields.action === 'revoke' || fields.action === 'reconfigure';
  const kinds = KINDS.filter((kind) => kind in fields && !(namesOne && kind === 'sandbox_id'));
  if (kinds.length !== 1) throw unknownEvent();
  switch (kinds[0]) {
    case 'sandbox_id':
      return onRefresh(runtime, event, invocation);
    case 'action':
      return onAction(runtime, fields, invocation);
    case 'RequestType':
      if (!isStackEvent(runtime, fields)) throw unknownEvent();
      return onStackEvent(runtime, event as StackEvent, invocation);
    default:
      if (!areQueueRecords(fields.Records)) throw unknownEvent();
      return onRetryRecords(runtime, fields.Records, invocation);
  }
};

/**
 * Answers any event of the function: a refresh event, an action (check, inspect, prove, probe, revoke, reconfigure, survey), a stack event, or records of the retry queue.
 * Ends with the metrics of what was done. An event of no kind, or of more than one, is refused.
 *
 * @throws an `Error` whose name is one of km's codes, for Lambda to report; the event is not in it, nor in the log.
 */
export const handleEvent = async (
  runtime: Runtime,
  event: unknown,
  invocation: Invocation,
): Promise<unknown> => {
  try {
    return await dispatch(runtime, event, invocation);
  } catch (thrown) {
    const error = lambdaError(thrown);
    runtime.log({
      event: 'invocation_failed',
      ...sandboxIn(event),
      code: error.name,
      message: error.message,
    });
    throw error;
  } finally {
    for (const line of runtime.broker.metrics.take()) runtime.writeMetrics(line);
  }
};

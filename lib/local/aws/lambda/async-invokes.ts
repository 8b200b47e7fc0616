import type { Cloud, Table } from '../cloud.ts';
import { type FunctionRecord, type FunctionStore, sessionName } from './function-store.ts';
import type { Invocation } from './run-function.ts';

/** An event on its way to a function that nobody waits for. */
interface QueuedEvent {
  readonly requestId: string;
  readonly functionName: string;
  /** JSON. */
  readonly payload: string;
  readonly queuedAt: number;
  readonly attempts: number;
  /** When it is tried next, on the cloud's clock. */
  readonly due: number;
  readonly running: boolean;
}

/** What happened to the event in the end. */
type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html: one minute, then two. */
const RETRY_DELAYS_MS = [60_000, 120_000];
const INTERRUPTED: Invocation = {
  payload: JSON.stringify({ errorType: 'Runtime.ExitError', errorMessage: 'The local cloud was stopped' }),
  failed: true,
  log: '',
};

/**
 * The queue of asynchronous invocations: persisted, retried as the function's event invoke configuration says, and sent
 * to its destinations as the function's role.
 */
export class AsyncInvokes {
  readonly #cloud: Cloud;
  readonly #store: FunctionStore;
  readonly #run: (record: FunctionRecord, event: QueuedEvent) => Promise<Invocation>;
  readonly #queue: Table<QueuedEvent>;
  #stopped = false;

  constructor(
    cloud: Cloud,
    store: FunctionStore,
    run: (record: FunctionRecord, event: QueuedEvent) => Promise<Invocation>,
  ) {
    this.#cloud = cloud;
    this.#store = store;
    this.#run = run;
    this.#queue = cloud.table('lambda-async-events');
  }

  add(record: FunctionRecord, requestId: string, payload: string): void {
    const now = this.#cloud.clock.now();
    const event = {
      requestId,
      functionName: record.name,
      payload,
      queuedAt: now,
      attempts: 0,
      due: now,
      running: false,
    };
    this.#queue.set(requestId, event);
    void this.#cloud.clock.busy(this.#attempt(event));
  }

  /** Takes up what a stopped cloud has left: an event that was running then has failed once. */
  resume(): void {
    for (const event of this.#queue.values()) {
      if (event.running) void this.#cloud.clock.busy(this.#failed(event, INTERRUPTED));
      else this.#later(event);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  #later(event: QueuedEvent): void {
    this.#queue.set(event.requestId, event);
    this.#cloud.clock.at(event.due, () => this.#attempt(event));
  }

  async #attempt(event: QueuedEvent): Promise<void> {
    const record = this.#store.find(event.functionName);
    if (record === undefined || this.#stopped) {
      if (!this.#stopped) this.#queue.delete(event.requestId);
      return;
    }
    this.#queue.set(event.requestId, { ...event, running: true });
    const result = await this.#run(record, event).catch(
      (error): Invocation => ({
        payload: JSON.stringify({ errorType: 'AccessDeniedException', errorMessage: String(error.message) }),
        failed: true,
        log: '',
      }),
    );
    if (this.#stopped) return;
    if (result.failed) await this.#failed(event, result);
    else await this.#end(record, event, 'Success', result);
  }

  async #failed(before: QueuedEvent, result: Invocation): Promise<void> {
    const event = { ...before, attempts: before.attempts + 1, running: false };
    const record = this.#store.find(event.functionName);
    if (record === undefined) {
      this.#queue.delete(event.requestId);
      return;
    }
    const { maximumRetryAttempts, maximumEventAgeSeconds } = this.#store.invokeConfig(event.functionName);
    if (event.attempts > maximumRetryAttempts) return this.#end(record, event, 'RetriesExhausted', result);
    const due = this.#cloud.clock.now() + (RETRY_DELAYS_MS[event.attempts - 1] ?? 0);
    if (due - event.queuedAt > maximumEventAgeSeconds * 1000) {
      return this.#end(record, event, 'EventAgeExceeded', result);
    }
    this.#later({ ...event, due });
  }

  async #end(
    record: FunctionRecord,
    event: QueuedEvent,
    condition: Condition,
    result: Invocation,
  ): Promise<void> {
    this.#queue.delete(event.requestId);
    const config = this.#store.invokeConfig(event.functionName);
    const destination = condition === 'Success' ? config.onSuccess : config.onFailure;
    if (destination === undefined) return;
    const attempts = condition === 'Success' ? event.attempts + 1 : event.attempts;
    const body = {
      version: '1.0',
      timestamp: new Date(this.#cloud.clock.now()).toISOString(),
      requestContext: {
        requestId: event.requestId,
        functionArn: `${record.arn}:$LATEST`,
        condition,
        approximateInvokeCount: attempts,
      },
      requestPayload: JSON.parse(event.payload),
      responseContext: {
        statusCode: 200,
        executedVersion: '$LATEST',
        ...(result.failed ? { functionError: 'Unhandled' } : {}),
      },
      responsePayload: JSON.parse(result.payload),
    };
    try {
      const { caller } = this.#cloud.assumeRole(
        record.roleArn,
        sessionName(record.name),
        'lambda.amazonaws.com',
      );
      const input = { QueueUrl: queueUrl(this.#cloud, destination), MessageBody: JSON.stringify(body) };
      await this.#cloud.call('sqs', 'SendMessage', input, caller);
    } catch (error) {
      this.#cloud.log('lambda_destination_failed', {
        function: record.name,
        message: String((error as Error).message),
      });
    }
  }
}

/** The URL of the queue that an ARN names. */
export const queueUrl = ({ endpoint, accountId }: Cloud, arn: string): string =>
  `${endpoint}/${accountId}/${arn.slice(arn.lastIndexOf(':') + 1)}`;

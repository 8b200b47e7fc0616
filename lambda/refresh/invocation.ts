import type { Broker } from '../../lib/broker/broker.ts';
import type { DescribeParameters } from '../../lib/broker/describe-parameters.ts';
import type { StackCalls } from '../../lib/broker/reconfigure.ts';
import type { Fetch } from '../../lib/fetch.ts';

/** What of Lambda's context the handlers use. */
export interface Invocation {
  /** Milliseconds until Lambda ends the invocation. */
  readonly remainingMs: () => number;
}

/** A message that the function was given and has not answered yet. */
export interface QueueMessage {
  readonly queueArn: string;
  readonly receiptHandle: string;
}

/** What every handler of the function works with. */
export interface Runtime {
  readonly broker: Broker;
  readonly fetch: Fetch;
  /** Rejects when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** What is stored below a path, by its Descriptions only. */
  readonly describeParameters: DescribeParameters;
  /** Loads what changes the stacks of sandboxes. */
  readonly openStacks: () => Promise<StackCalls>;
  /** Hides a message of the queue for that long from now. `sqs:ChangeMessageVisibility`. */
  readonly delayMessage: (message: QueueMessage, seconds: number) => Promise<void>;
  /** Whether a stack may be answered over http on loopback, as in the local cloud. */
  readonly answersLoopback: boolean;
  /** Writes one line in embedded metric format: JSON and nothing else. */
  readonly writeMetrics: (line: object) => void;
  /** Writes one line of JSON. Never given an event, a token or a key. */
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** Kept back from the time left, so that what must be revoked and answered still can be. */
const RESERVE_MS = 9_000;

/** Until when GitHub and Parameter Store may be asked in this invocation, in milliseconds since the epoch. */
export const workDeadline = (runtime: Runtime, invocation: Invocation): number =>
  runtime.broker.now() + Math.max(0, invocation.remainingMs() - RESERVE_MS);

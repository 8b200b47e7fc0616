import { randomUUID } from 'node:crypto';
import { AwsError, type Caller, type Cloud, type Table } from '../cloud.ts';
import type { ScheduleRecord, ScheduleStore, ScheduleTarget } from './schedule-store.ts';

/** One firing of a schedule, until its target has taken it. */
interface Delivery {
  readonly id: string;
  readonly group: string;
  readonly name: string;
  /** What it was due for. */
  readonly scheduled: number;
  readonly attempts: number;
  /** When it is tried next, on the cloud's clock. */
  readonly due: number;
  /** The schedule's own: an update does not change what has fired. */
  readonly arn: string;
  readonly target: ScheduleTarget;
}

/** Universal targets that the local cloud calls: ARN suffix to service and operation. */
const UNIVERSAL: Readonly<Record<string, readonly [service: string, operation: string]>> = {
  'cloudformation:deleteStack': ['cloudformation', 'DeleteStack'],
};
const UNIVERSAL_ARN = /^arn:aws:scheduler:::aws-sdk:(.+)$/;
const LAMBDA_ARN = /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(?::[\w$]+)?$/;
/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html */
const DEFAULT_ATTEMPTS = 185;
const DEFAULT_AGE_SECONDS = 86_400;
const LONGEST_BACKOFF_MS = 3_600_000;

/** Throws ValidationException for a target that the local cloud cannot call. */
export function checkTarget(target: ScheduleTarget): void {
  const universal = UNIVERSAL_ARN.exec(target.Arn)?.[1];
  const known = universal === undefined ? LAMBDA_ARN.test(target.Arn) : Object.hasOwn(UNIVERSAL, universal);
  if (!known) {
    throw new AwsError(
      'ValidationException',
      `Provided Arn ${target.Arn} is not a target of the local cloud.`,
    );
  }
  if (universal === undefined) return;
  try {
    JSON.parse(target.Input ?? '');
  } catch {
    throw new AwsError('ValidationException', 'Input of a universal target must be valid JSON.');
  }
}

/**
 * Delivers what schedules fire, as the target's role: persisted, tried again with growing pauses as the retry policy
 * says, and sent to the dead-letter queue in the end.
 */
export class Deliveries {
  readonly #cloud: Cloud;
  readonly #store: ScheduleStore;
  readonly #table: Table<Delivery>;

  constructor(cloud: Cloud, store: ScheduleStore) {
    this.#cloud = cloud;
    this.#store = store;
    this.#table = cloud.table('scheduler-deliveries');
  }

  resume(): void {
    for (const delivery of this.#table.values()) this.#later(delivery);
  }

  async fire(schedule: ScheduleRecord, scheduled: number): Promise<void> {
    const { group, name, arn, target } = schedule;
    const delivery = { id: randomUUID(), group, name, arn, target, scheduled, attempts: 0, due: scheduled };
    this.#table.set(delivery.id, delivery);
    await this.#attempt(delivery);
  }

  #later(delivery: Delivery): void {
    this.#table.set(delivery.id, delivery);
    this.#cloud.clock.at(delivery.due, () => this.#attempt(delivery));
  }

  async #attempt(delivery: Delivery): Promise<void> {
    // what is left of a deleted schedule is not delivered
    if (delivery.attempts > 0 && this.#store.find(delivery.group, delivery.name) === undefined) {
      this.#table.delete(delivery.id);
      return;
    }
    try {
      const caller = this.#callerFor(delivery);
      await this.#call(delivery, caller);
      this.#table.delete(delivery.id);
      this.#cloud.log('schedule_fired', {
        schedule: delivery.name,
        due: new Date(delivery.scheduled).toISOString(),
      });
    } catch (error) {
      await this.#failed({ ...delivery, attempts: delivery.attempts + 1 }, error as AwsError);
    }
  }

  #callerFor({ group, name, target }: Delivery): Caller {
    const context = {
      'aws:SourceArn': this.#store.groupArn(group),
      'aws:SourceAccount': this.#cloud.accountId,
    };
    const session = `scheduler-${name}`.slice(0, 64);
    return this.#cloud.assumeRole(target.RoleArn, session, 'scheduler.amazonaws.com', { context }).caller;
  }

  async #call(delivery: Delivery, caller: Caller): Promise<void> {
    const { target } = delivery;
    const input = this.#input(delivery);
    const universal = UNIVERSAL[UNIVERSAL_ARN.exec(target.Arn)?.[1] ?? ''];
    if (universal !== undefined) {
      await this.#cloud.call(universal[0], universal[1], JSON.parse(input), caller);
      return;
    }
    const invocation = { FunctionName: target.Arn, InvocationType: 'Event', Payload: input };
    await this.#cloud.call('lambda', 'Invoke', invocation, caller);
  }

  /** The target's input with the context attributes filled in. */
  #input({ id, arn, target, scheduled, attempts }: Delivery): string {
    const values: Readonly<Record<string, string>> = {
      'schedule-arn': arn,
      'scheduled-time': new Date(scheduled).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      'execution-id': id,
      'attempt-number': String(attempts + 1),
    };
    return (target.Input ?? '{}').replace(
      /<aws\.scheduler\.([a-z-]+)>/g,
      (text, name: string) => values[name] ?? text,
    );
  }

  async #failed(delivery: Delivery, error: AwsError): Promise<void> {
    const { name, target, attempts, scheduled } = delivery;
    const { MaximumRetryAttempts = DEFAULT_ATTEMPTS, MaximumEventAgeInSeconds = DEFAULT_AGE_SECONDS } =
      target.RetryPolicy ?? {};
    this.#cloud.log('schedule_delivery_failed', { schedule: name, attempts, message: error.message });
    const due = this.#cloud.clock.now() + Math.min(LONGEST_BACKOFF_MS, 1000 * 2 ** attempts);
    if (attempts <= MaximumRetryAttempts && due <= scheduled + MaximumEventAgeInSeconds * 1000) {
      this.#later({ ...delivery, due });
      return;
    }
    this.#table.delete(delivery.id);
    const arn = target.DeadLetterConfig?.Arn;
    if (arn === undefined) return;
    const QueueUrl = `${this.#cloud.endpoint}/${this.#cloud.accountId}/${arn.slice(arn.lastIndexOf(':') + 1)}`;
    try {
      const message = { QueueUrl, MessageBody: this.#input(delivery) };
      await this.#cloud.call('sqs', 'SendMessage', message, this.#callerFor(delivery));
    } catch (lost) {
      this.#cloud.log('schedule_delivery_lost', { schedule: name, message: (lost as Error).message });
    }
  }
}

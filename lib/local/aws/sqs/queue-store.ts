import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { AwsError, type Cloud, type Table } from '../cloud.ts';

export interface QueueRecord {
  readonly name: string;
  readonly arn: string;
  /** As they were set; what is not there has its default. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly created: number;
  readonly modified: number;
}

export interface MessageRecord {
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly senderId: string;
  readonly sent: number;
  /** Hidden until then, on the cloud's clock. */
  readonly visible: number;
  readonly receives: number;
  readonly firstReceived?: number;
  /** What the latest receipt handle ends in. */
  readonly receipt?: string;
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
export const DEFAULT_ATTRIBUTES: Readonly<Record<string, string>> = {
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
};

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** The queues of a cloud and their messages, in persisted tables, with those who wait for messages. */
export class QueueStore {
  readonly #cloud: Cloud;
  readonly #queues: Table<QueueRecord>;
  readonly #messages: Table<MessageRecord>;
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #changed: (queue: string) => void;

  /** @param changed hears of every queue of whose messages some came, went, or were hidden or shown */
  constructor(cloud: Cloud, changed: (queue: string) => void) {
    this.#changed = changed;
    this.#cloud = cloud;
    this.#queues = cloud.table('sqs-queues');
    this.#messages = cloud.table('sqs-messages');
  }

  arnOf(name: string): string {
    return `arn:aws:sqs:${this.#cloud.region}:${this.#cloud.accountId}:${name}`;
  }

  urlOf(name: string): string {
    return `${this.#cloud.endpoint}/${this.#cloud.accountId}/${name}`;
  }

  /** The name in a queue's URL: its last part, whatever port the cloud then had. */
  nameOf(url: unknown): string {
    return String(url).slice(String(url).lastIndexOf('/') + 1);
  }

  all(): QueueRecord[] {
    return this.#queues.values();
  }

  find(name: string): QueueRecord | undefined {
    return this.#queues.get(name);
  }

  /** Throws QueueDoesNotExist. */
  get(name: string): QueueRecord {
    const queue = this.find(name);
    if (queue !== undefined) return queue;
    throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
  }

  set(queue: QueueRecord): void {
    this.#queues.set(queue.name, queue);
  }

  delete(name: string): void {
    this.purge(name);
    this.#queues.delete(name);
  }

  purge(name: string): void {
    for (const message of this.messages(name)) this.remove(message);
  }

  attribute(queue: QueueRecord, name: string): string | undefined {
    return queue.attributes[name] ?? DEFAULT_ATTRIBUTES[name];
  }

  messages(name: string): MessageRecord[] {
    return this.#messages.values().filter(({ queue }) => queue === name);
  }

  send(queue: QueueRecord, body: string, senderId: string, delaySeconds: number): MessageRecord {
    const now = this.#cloud.clock.now();
    const message: MessageRecord = {
      id: randomUUID(),
      queue: queue.name,
      body,
      senderId,
      sent: now,
      visible: now + delaySeconds * 1000,
      receives: 0,
    };
    this.#put(message);
    return message;
  }

  /** Takes up to `most` visible messages, hides them, and moves those that came too often to the dead-letter queue. */
  receive(queue: QueueRecord, most: number, visibilitySeconds: number): MessageRecord[] {
    const now = this.#cloud.clock.now();
    const kept = now - Number(this.attribute(queue, 'MessageRetentionPeriod')) * 1000;
    const redrive = redriveOf(queue);
    const taken: MessageRecord[] = [];
    for (const message of this.messages(queue.name)) {
      if (message.sent < kept) this.remove(message);
      else if (message.visible > now || taken.length >= most) continue;
      else if (
        redrive !== undefined &&
        message.receives >= redrive.most &&
        this.find(redrive.queue) !== undefined
      ) {
        const { receipt: _, ...rest } = message;
        this.#put({ ...rest, queue: redrive.queue, visible: now });
        this.#changed(queue.name);
      } else {
        const received = {
          ...message,
          receives: message.receives + 1,
          firstReceived: message.firstReceived ?? now,
          receipt: randomBytes(12).toString('base64url'),
          visible: now + visibilitySeconds * 1000,
        };
        this.#put(received);
        taken.push(received);
      }
    }
    return taken;
  }

  /** The message that a receipt handle stands for; undefined once it is gone or was received again. */
  received(queue: QueueRecord, handle: string): MessageRecord | undefined {
    const [id = '', receipt = ''] = Buffer.from(handle, 'base64url').toString().split('/');
    if (receipt === '') {
      throw new AwsError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${handle}" is not a valid receipt handle.`,
      );
    }
    const message = this.#messages.get(id);
    return message?.queue === queue.name && message.receipt === receipt ? message : undefined;
  }

  hide(message: MessageRecord, seconds: number): void {
    this.#put({ ...message, visible: this.#cloud.clock.now() + seconds * 1000 });
  }

  remove(message: MessageRecord): void {
    this.#messages.delete(message.id);
    this.#changed(message.queue);
  }

  /** How many messages of a queue can be received, were received, and wait for their first time. */
  depth(name: string): { readonly visible: number; readonly received: number; readonly delayed: number } {
    const now = this.#cloud.clock.now();
    const messages = this.messages(name);
    const hidden = messages.filter(({ visible }) => visible > now);
    const received = hidden.filter(({ receives }) => receives > 0).length;
    return { visible: messages.length - hidden.length, received, delayed: hidden.length - received };
  }

  /** Resolves when the queue may have something, after `ms` of the machine's time, or when the cloud stops. */
  wait(name: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting);
      const end = (): void => {
        clearTimeout(timer);
        waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms).unref();
      waiting.add(end);
    });
  }

  /** Puts every hidden message on the clock again, after a restart. */
  resume(): void {
    for (const message of this.#messages.values()) this.#wakeWhenVisible(message);
  }

  stop(): void {
    for (const name of this.#waiting.keys()) this.#wake(name);
  }

  #put(message: MessageRecord): void {
    this.#messages.set(message.id, message);
    this.#changed(message.queue);
    this.#wakeWhenVisible(message);
  }

  #wakeWhenVisible({ id, queue, visible }: MessageRecord): void {
    const wake = (): void => {
      if (this.#messages.get(id)?.visible !== visible) return;
      this.#changed(queue);
      this.#wake(queue);
    };
    if (visible <= this.#cloud.clock.now()) wake();
    else this.#cloud.clock.at(visible, wake);
  }

  #wake(name: string): void {
    for (const end of [...(this.#waiting.get(name) ?? [])]) end();
  }
}

export const receiptHandle = ({ id, receipt }: MessageRecord): string =>
  Buffer.from(`${id}/${receipt}`).toString('base64url');

const redriveOf = (queue: QueueRecord): { readonly queue: string; readonly most: number } | undefined => {
  const policy = queue.attributes.RedrivePolicy;
  if (policy === undefined) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy);
  return {
    queue: deadLetterTargetArn.slice(deadLetterTargetArn.lastIndexOf(':') + 1),
    most: Number(maxReceiveCount),
  };
};

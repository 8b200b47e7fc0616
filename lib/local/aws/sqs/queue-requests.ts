import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call, type Cloud } from '../cloud.ts';
import { DEFAULT_ATTRIBUTES, type QueueRecord, type QueueStore } from './queue-store.ts';

/** What the operations of the service work with. */
export interface SqsRoom {
  readonly cloud: Cloud;
  readonly store: QueueStore;
  /** The cloud is being stopped: nobody waits for messages any more. */
  readonly stopped: () => boolean;
}

const SETTABLE = [...Object.keys(DEFAULT_ATTRIBUTES), 'Policy', 'RedrivePolicy', 'RedriveAllowPolicy'];
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
};

/** Asks the policies, the queue's own included, and gives the queue. Throws QueueDoesNotExist. */
export const authorizedQueue = (
  { cloud, store }: SqsRoom,
  call: Call,
  action = call.operation,
): QueueRecord => {
  const name = store.nameOf(call.input.QueueUrl);
  const policy = store.find(name)?.attributes.Policy;
  cloud.authorize(call, {
    action: `sqs:${action}`,
    resource: store.arnOf(name),
    resourcePolicy: policy === undefined ? { Statement: [] } : JSON.parse(policy),
    resourcePolicyRule: 'alternative',
  });
  return store.get(name);
};

const checkValue = (name: string, value: string): void => {
  const invalid = (): never => {
    throw new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
  };
  const range = RANGES[name];
  if (range !== undefined && !(/^\d+$/.test(value) && Number(value) >= range[0] && Number(value) <= range[1]))
    invalid();
  if (!['Policy', 'RedrivePolicy', 'RedriveAllowPolicy'].includes(name)) return;
  try {
    const parsed = JSON.parse(value);
    const complete = typeof parsed.deadLetterTargetArn === 'string' && Number(parsed.maxReceiveCount) >= 1;
    if (name === 'RedrivePolicy' && !complete) invalid();
  } catch {
    invalid();
  }
};

/** The attributes with the changes; an empty value takes an attribute back to its default. */
const merged = (before: Readonly<Record<string, string>>, changes: Readonly<Record<string, string>>) => {
  const attributes: Record<string, string> = { ...before };
  for (const [name, raw] of Object.entries(changes)) {
    if (!SETTABLE.includes(name)) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    const value = String(raw);
    if (value === '') delete attributes[name];
    else {
      checkValue(name, value);
      attributes[name] = value;
    }
  }
  return attributes;
};

export function createQueue({ cloud, store }: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueName', 'Attributes', 'tags']);
  const { QueueName: name, Attributes = {}, tags = {} } = call.input;
  if (!/^[\w-]{1,80}$/.test(String(name))) {
    throw new AwsError(
      'InvalidParameterValue',
      `Queue name ${name} is not supported: 1 to 80 letters, digits, - and _`,
    );
  }
  cloud.authorize(call, { action: 'sqs:CreateQueue', resource: store.arnOf(name) });
  const attributes = merged({}, Attributes);
  const there = store.find(name);
  const same =
    there !== undefined &&
    Object.entries(attributes).every(([key, value]) => there.attributes[key] === value);
  if (there !== undefined && !same) {
    throw new AwsError(
      'QueueNameExists',
      `A queue already exists with the same name and a different value for attributes`,
    );
  }
  const now = cloud.clock.now();
  if (there === undefined) {
    store.set({ name, arn: store.arnOf(name), attributes, tags, created: now, modified: now });
  }
  return { QueueUrl: store.urlOf(name) };
}

export function setQueueAttributes(room: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueUrl', 'Attributes']);
  const queue = authorizedQueue(room, call);
  const attributes = merged(queue.attributes, call.input.Attributes ?? {});
  room.store.set({ ...queue, attributes, modified: room.cloud.clock.now() });
  return {};
}

export function getQueueAttributes(room: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueUrl', 'AttributeNames']);
  const queue = authorizedQueue(room, call);
  const depth = room.store.depth(queue.name);
  const seconds = (ms: number): string => String(Math.floor(ms / 1000));
  const all: Record<string, string> = {
    ...DEFAULT_ATTRIBUTES,
    ...queue.attributes,
    QueueArn: queue.arn,
    CreatedTimestamp: seconds(queue.created),
    LastModifiedTimestamp: seconds(queue.modified),
    ApproximateNumberOfMessages: String(depth.visible),
    ApproximateNumberOfMessagesNotVisible: String(depth.received),
    ApproximateNumberOfMessagesDelayed: String(depth.delayed),
  };
  const wanted: string[] = call.input.AttributeNames ?? [];
  const names = wanted.includes('All') ? Object.keys(all) : wanted.filter((name) => Object.hasOwn(all, name));
  return names.length === 0 ? {} : { Attributes: Object.fromEntries(names.map((name) => [name, all[name]])) };
}

export function getQueueUrl({ cloud, store }: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueName']);
  const name = String(call.input.QueueName);
  cloud.authorize(call, { action: 'sqs:GetQueueUrl', resource: store.arnOf(name) });
  return { QueueUrl: store.urlOf(store.get(name).name) };
}

export function listQueues({ cloud, store }: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueNamePrefix']);
  cloud.authorize(call, { action: 'sqs:ListQueues', resource: '*' });
  const names = store.all().map(({ name }) => name);
  const QueueUrls = names
    .filter((name) => name.startsWith(call.input.QueueNamePrefix ?? ''))
    .map((name) => store.urlOf(name));
  return QueueUrls.length === 0 ? {} : { QueueUrls };
}

export function deleteQueue(room: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueUrl']);
  room.store.delete(authorizedQueue(room, call).name);
  return {};
}

export function purgeQueue(room: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueUrl']);
  room.store.purge(authorizedQueue(room, call).name);
  return {};
}

/** ListQueueTags, TagQueue and UntagQueue. */
export function queueTags(room: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueUrl', 'Tags', 'TagKeys']);
  const queue = authorizedQueue(room, call);
  if (call.operation === 'ListQueueTags') return { Tags: queue.tags };
  const gone: string[] = call.input.TagKeys ?? [];
  const kept = Object.entries(queue.tags).filter(([key]) => !gone.includes(key));
  room.store.set({ ...queue, tags: { ...Object.fromEntries(kept), ...call.input.Tags } });
  return {};
}

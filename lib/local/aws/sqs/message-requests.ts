import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call } from '../cloud.ts';
import { authorizedQueue, type SqsRoom } from './queue-requests.ts';
import { type MessageRecord, md5, receiptHandle } from './queue-store.ts';

const invalid = (name: string): AwsError =>
  new AwsError('InvalidParameterValue', `Value for parameter ${name} is invalid.`);

const within = (name: string, value: number, least: number, most: number): number => {
  if (value >= least && value <= most) return value;
  throw invalid(name);
};

export function sendMessage(room: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueUrl', 'MessageBody', 'DelaySeconds']);
  const queue = authorizedQueue(room, call);
  const { MessageBody: body, DelaySeconds } = call.input;
  if (typeof body !== 'string' || body === '') {
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  }
  if (Buffer.byteLength(body) > Number(room.store.attribute(queue, 'MaximumMessageSize'))) {
    throw new AwsError(
      'InvalidParameterValue',
      'One or more parameters are invalid. Reason: Message is too long.',
    );
  }
  const delay = within(
    'DelaySeconds',
    Number(DelaySeconds ?? room.store.attribute(queue, 'DelaySeconds')),
    0,
    900,
  );
  const message = room.store.send(queue, body, call.caller.userId, delay);
  return { MessageId: message.id, MD5OfMessageBody: md5(body) };
}

const messageView = (message: MessageRecord, names: readonly string[]): object => {
  const all: Record<string, string> = {
    SenderId: message.senderId,
    SentTimestamp: String(message.sent),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceived),
  };
  const wanted = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(message),
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(wanted.length === 0 ? {} : { Attributes: Object.fromEntries(wanted) }),
  };
};

export async function receiveMessage(room: SqsRoom, call: Call): Promise<object> {
  acceptMembers(call, [
    'QueueUrl',
    'MaxNumberOfMessages',
    'VisibilityTimeout',
    'WaitTimeSeconds',
    'AttributeNames',
    'MessageSystemAttributeNames',
    'MessageAttributeNames',
    'ReceiveRequestAttemptId',
  ]);
  const { input } = call;
  const { store } = room;
  const queue = authorizedQueue(room, call);
  const most = within('MaxNumberOfMessages', Number(input.MaxNumberOfMessages ?? 1), 1, 10);
  const hidden = Number(input.VisibilityTimeout ?? store.attribute(queue, 'VisibilityTimeout'));
  const wait = Number(input.WaitTimeSeconds ?? store.attribute(queue, 'ReceiveMessageWaitTimeSeconds'));
  const end = performance.now() + within('WaitTimeSeconds', wait, 0, 20) * 1000;
  let messages = store.receive(queue, most, within('VisibilityTimeout', hidden, 0, 43_200));
  while (messages.length === 0 && performance.now() < end && !room.stopped()) {
    await store.wait(queue.name, end - performance.now());
    // the queue may have changed, or gone, meanwhile
    messages = room.stopped() ? [] : store.receive(store.get(queue.name), most, hidden);
  }
  if (messages.length === 0) return {};
  const names = [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])];
  return { Messages: messages.map((message) => messageView(message, names)) };
}

export function deleteMessage(room: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueUrl', 'ReceiptHandle']);
  const queue = authorizedQueue(room, call);
  const message = room.store.received(queue, String(call.input.ReceiptHandle));
  if (message !== undefined) room.store.remove(message);
  return {};
}

export function deleteMessageBatch(room: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueUrl', 'Entries']);
  const queue = authorizedQueue(room, call, 'DeleteMessage');
  const entries: { Id: string; ReceiptHandle: string }[] = call.input.Entries ?? [];
  if (entries.length === 0)
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  const Successful: object[] = [];
  const Failed: object[] = [];
  for (const { Id, ReceiptHandle } of entries) {
    try {
      const message = room.store.received(queue, String(ReceiptHandle));
      if (message !== undefined) room.store.remove(message);
      Successful.push({ Id });
    } catch (error) {
      const { code, message } = error as AwsError;
      Failed.push({ Id, Code: code, Message: message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}

export function changeMessageVisibility(room: SqsRoom, call: Call): object {
  acceptMembers(call, ['QueueUrl', 'ReceiptHandle', 'VisibilityTimeout']);
  const queue = authorizedQueue(room, call);
  const seconds = within('VisibilityTimeout', Number(call.input.VisibilityTimeout), 0, 43_200);
  const message = room.store.received(queue, String(call.input.ReceiptHandle));
  if (message === undefined || message.visible <= room.cloud.clock.now()) {
    throw new AwsError('MessageNotInflight', 'The specified message is not in flight.');
  }
  room.store.hide(message, seconds);
  return {};
}

import { type Call, type Cloud, notImplemented, type Service } from '../cloud.ts';
import {
  changeMessageVisibility,
  deleteMessage,
  deleteMessageBatch,
  receiveMessage,
  sendMessage,
} from './message-requests.ts';
import { depthTeller } from './queue-depth.ts';
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listQueues,
  purgeQueue,
  queueTags,
  type SqsRoom,
  setQueueAttributes,
} from './queue-requests.ts';
import { QueueStore } from './queue-store.ts';

type Answer = (room: SqsRoom, call: Call) => object | Promise<object>;

const ANSWERS: Readonly<Record<string, Answer>> = {
  CreateQueue: createQueue,
  DeleteQueue: deleteQueue,
  GetQueueAttributes: getQueueAttributes,
  SetQueueAttributes: setQueueAttributes,
  GetQueueUrl: getQueueUrl,
  ListQueues: listQueues,
  PurgeQueue: purgeQueue,
  ListQueueTags: queueTags,
  TagQueue: queueTags,
  UntagQueue: queueTags,
  SendMessage: sendMessage,
  ReceiveMessage: receiveMessage,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ChangeMessageVisibility: changeMessageVisibility,
};

/**
 * SQS: standard queues with visibility timeouts on the cloud's clock, dead-letter queues and queue policies. No FIFO
 * queues, no message attributes.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
 */
export function createSqs(cloud: Cloud): Service {
  let stopped = false;
  const tellDepth = depthTeller(cloud, () => room.store);
  const room: SqsRoom = { cloud, store: new QueueStore(cloud, tellDepth), stopped: () => stopped };
  return {
    name: 'sqs',
    async handle(call) {
      const answer = ANSWERS[call.operation];
      if (answer === undefined) throw notImplemented(call);
      return answer(room, call);
    },
    async start() {
      room.store.resume();
    },
    async stop() {
      stopped = true;
      room.store.stop();
    },
  };
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;
let QueueUrl = '';
let queues = 0;

beforeAll(async () => {
  local = await startWorkloadCloud();
});
afterAll(() => local[Symbol.asyncDispose]());

const sqs = (operation: string, input: object = {}) => local.json('sqs', operation, input);

const makeQueue = async (Attributes: Record<string, string> = {}): Promise<string> => {
  queues += 1;
  const answer = await sqs('CreateQueue', { QueueName: `queue-${queues}`, Attributes });
  return answer.QueueUrl;
};

const receive = async (url: string, more: object = {}) => {
  const { Messages = [] } = await sqs('ReceiveMessage', { QueueUrl: url, MaxNumberOfMessages: 10, ...more });
  return Messages;
};

const counts = async (url: string) => {
  const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl: url, AttributeNames: ['All'] });
  return [Attributes.ApproximateNumberOfMessages, Attributes.ApproximateNumberOfMessagesNotVisible];
};

describe('messages', () => {
  beforeAll(async () => {
    QueueUrl = await makeQueue({ VisibilityTimeout: '120' });
  });

  test('are hidden once received, come again after the visibility timeout on the moved clock, and go when deleted', async () => {
    await sqs('SendMessage', { QueueUrl, MessageBody: 'hello' });
    const [first] = await receive(QueueUrl, { AttributeNames: ['All'] });
    expect(first).toMatchObject({ Body: 'hello', MD5OfBody: '5d41402abc4b2a76b9719d911017c592' });
    expect(first.Attributes.ApproximateReceiveCount).toBe('1');
    expect(await receive(QueueUrl)).toEqual([]);
    expect(await counts(QueueUrl)).toEqual(['0', '1']);

    await local.cloud.clock.advance(119_000);
    expect(await receive(QueueUrl)).toEqual([]);
    await local.cloud.clock.advance(2_000);
    const [again] = await receive(QueueUrl, { AttributeNames: ['All'] });
    expect(again).toMatchObject({ MessageId: first.MessageId, Attributes: { ApproximateReceiveCount: '2' } });
    expect(again.ReceiptHandle).not.toBe(first.ReceiptHandle);

    await sqs('DeleteMessage', { QueueUrl, ReceiptHandle: again.ReceiptHandle });
    expect(await counts(QueueUrl)).toEqual(['0', '0']);
  });

  test('wake a receiver that waits for them', async () => {
    const waiting = receive(QueueUrl, { WaitTimeSeconds: 20 });
    await sqs('SendMessage', { QueueUrl, MessageBody: 'awaited' });
    const [message] = await waiting;
    expect(message.Body).toBe('awaited');
    const Entries = [
      { Id: 'one', ReceiptHandle: message.ReceiptHandle },
      { Id: 'bad', ReceiptHandle: 'nonsense' },
    ];
    expect(await sqs('DeleteMessageBatch', { QueueUrl, Entries })).toMatchObject({
      Successful: [{ Id: 'one' }],
      Failed: [{ Id: 'bad', Code: 'ReceiptHandleIsInvalid' }],
    });
  });

  test('can be delayed, and given back early', async () => {
    await sqs('SendMessage', { QueueUrl, MessageBody: 'late', DelaySeconds: 60 });
    expect(await receive(QueueUrl)).toEqual([]);
    await local.cloud.clock.advance(61_000);
    const [message] = await receive(QueueUrl);
    const { ReceiptHandle } = message;
    await sqs('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    expect(await receive(QueueUrl)).toHaveLength(1);
    await sqs('PurgeQueue', { QueueUrl });
    expect(await counts(QueueUrl)).toEqual(['0', '0']);
  });

  test('stay hidden as long as they were last told to, and keep the time they were sent when they die', async () => {
    const dead = await makeQueue();
    const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl: dead, AttributeNames: ['QueueArn'] });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: 3 });
    const url = await makeQueue({ VisibilityTimeout: '120', RedrivePolicy });
    const sent = local.cloud.clock.now();
    await sqs('SendMessage', { QueueUrl: url, MessageBody: 'spread' });
    for (const VisibilityTimeout of [90, 150, 600]) {
      const [{ ReceiptHandle }] = await receive(url);
      await sqs('ChangeMessageVisibility', { QueueUrl: url, ReceiptHandle, VisibilityTimeout });
      await local.cloud.clock.advance((VisibilityTimeout - 5) * 1000);
      expect(await receive(url)).toEqual([]);
      await local.cloud.clock.advance(6000);
      await expect(
        sqs('ChangeMessageVisibility', { QueueUrl: url, ReceiptHandle, VisibilityTimeout }),
      ).rejects.toMatchObject({ name: 'MessageNotInflight' });
    }
    expect(await receive(url)).toEqual([]);
    const { Messages } = await sqs('ReceiveMessage', {
      QueueUrl: dead,
      MessageSystemAttributeNames: ['SentTimestamp'],
    });
    expect(Messages).toMatchObject([{ Body: 'spread' }]);
    expect(Number(Messages[0].Attributes.SentTimestamp) - sent).toBeLessThan(60_000);
  });

  test('end with the retention period', async () => {
    const url = await makeQueue({ MessageRetentionPeriod: '60' });
    await sqs('SendMessage', { QueueUrl: url, MessageBody: 'old' });
    await local.cloud.clock.advance(61_000);
    expect(await receive(url)).toEqual([]);
  });

  test('that came too often go to the dead-letter queue', async () => {
    const dead = await makeQueue();
    const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl: dead, AttributeNames: ['QueueArn'] });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount: 2 });
    const url = await makeQueue({ VisibilityTimeout: '10', RedrivePolicy });
    await sqs('SendMessage', { QueueUrl: url, MessageBody: 'poison' });
    for (let turn = 0; turn < 2; turn += 1) {
      expect(await receive(url)).toHaveLength(1);
      await local.cloud.clock.advance(11_000);
    }
    expect(await receive(url)).toEqual([]);
    expect((await receive(dead)).map(({ Body }: { Body: string }) => Body)).toEqual(['poison']);
  });
});

describe('queues', () => {
  test('are made once, and again only with the same attributes', async () => {
    const again = { QueueName: 'same', Attributes: { VisibilityTimeout: '60' } };
    const { QueueUrl: url } = await sqs('CreateQueue', again);
    expect(await sqs('CreateQueue', again)).toEqual({ QueueUrl: url });
    await expect(
      sqs('CreateQueue', { QueueName: 'same', Attributes: { VisibilityTimeout: '61' } }),
    ).rejects.toMatchObject({ name: 'QueueNameExists' });
    expect(await sqs('GetQueueUrl', { QueueName: 'same' })).toEqual({ QueueUrl: url });
    expect((await sqs('ListQueues', { QueueNamePrefix: 'sam' })).QueueUrls).toEqual([url]);
    await sqs('DeleteQueue', { QueueUrl: url });
    await expect(sqs('GetQueueUrl', { QueueName: 'same' })).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });

  test.each([
    [
      'an unknown attribute',
      'CreateQueue',
      { QueueName: 'x', Attributes: { Colour: 'red' } },
      'InvalidAttributeName',
    ],
    [
      'a value out of range',
      'CreateQueue',
      { QueueName: 'x', Attributes: { VisibilityTimeout: '43201' } },
      'InvalidAttributeValue',
    ],
    ['a FIFO queue', 'CreateQueue', { QueueName: 'x.fifo' }, 'InvalidParameterValue'],
    ['an operation it does not know', 'AddPermission', {}, 'NotImplemented'],
    [
      'message attributes',
      'SendMessage',
      { QueueUrl: 'x', MessageBody: 'x', MessageAttributes: {} },
      'NotImplemented',
    ],
  ])('refuse %s', async (_, operation, input, name) => {
    await expect(sqs(operation, input)).rejects.toMatchObject({ name });
  });

  test('heed their own policy: it may allow, and its deny wins', async () => {
    const url = await makeQueue();
    const role = await local.makeRole('sender', []);
    const credentials = await local.session(role);
    const send = () => local.json('sqs', 'SendMessage', { QueueUrl: url, MessageBody: 'x' }, credentials);
    await expect(send()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const statement = (Effect: string, more: object = {}) => ({
      Effect,
      Principal: { AWS: role },
      Action: 'sqs:SendMessage',
      Resource: `arn:aws:sqs:us-east-1:000000000000:queue-${queues}`,
      ...more,
    });
    const setPolicy = (...Statement: object[]) =>
      sqs('SetQueueAttributes', {
        QueueUrl: url,
        Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) },
      });
    await setPolicy(statement('Allow'));
    await expect(send()).resolves.toHaveProperty('MessageId');
    await setPolicy(statement('Allow'), statement('Deny'));
    await expect(send()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('keep their tags', async () => {
    const url = await makeQueue();
    await sqs('TagQueue', { QueueUrl: url, Tags: { a: '1', b: '2' } });
    await sqs('UntagQueue', { QueueUrl: url, TagKeys: ['a'] });
    expect(await sqs('ListQueueTags', { QueueUrl: url })).toEqual({ Tags: { b: '2' } });
  });
});

const cli = await promisify(execFile)('aws', ['--version']).then(
  () => true,
  () => false,
);

test.runIf(cli)('the AWS CLI sends and receives', async () => {
  const url = await makeQueue();
  const { admin, url: endpoint } = local.cloud;
  const aws = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(
      'aws',
      ['sqs', '--endpoint-url', endpoint, ...args, '--queue-url', url, '--output', 'json'],
      {
        env: {
          ...process.env,
          AWS_DEFAULT_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: admin.accessKeyId,
          AWS_SECRET_ACCESS_KEY: admin.secretAccessKey,
        },
      },
    );
    return JSON.parse(stdout);
  };
  const { MessageId } = await aws('send-message', '--message-body', 'from the command line');
  const { Messages } = await aws('receive-message');
  expect(Messages).toMatchObject([{ MessageId, Body: 'from the command line' }]);
});

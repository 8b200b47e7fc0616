import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Credentials } from './sign-request.ts';
import { ACCOUNT, policy } from './test-cloud.ts';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;
let topics = 0;
let Name = '';
let TopicArn = '';

beforeAll(async () => {
  local = await startWorkloadCloud();
});
afterAll(() => local[Symbol.asyncDispose]());
beforeEach(() => {
  topics += 1;
  Name = `topic-${topics}`;
  TopicArn = `arn:aws:sns:us-east-1:${ACCOUNT}:${Name}`;
});

const sns = (
  action: string,
  input: Readonly<Record<string, string>> = {},
  credentials?: Credentials,
): Promise<string> => local.query('sns', action, input, credentials);

const fieldOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
const attributeOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<key>${name}</key><value>([^<]*)</value>`).exec(xml)?.[1];

const mailsTo = async (to: string): Promise<{ kind: string; subject: string; body: string }[]> =>
  JSON.parse((await local.admin('GET', `mail?to=${encodeURIComponent(to)}`)).text).mails;

const confirm = (to: string) => local.admin('POST', 'mail/confirm', { to });

describe('a topic', () => {
  test('is made once, and again only with the same attributes and tags', async () => {
    const input = { Name, 'Attributes.entry.1.key': 'DisplayName', 'Attributes.entry.1.value': 'Alarms' };
    expect(fieldOf(await sns('CreateTopic', input), 'TopicArn')).toBe(TopicArn);
    expect(fieldOf(await sns('CreateTopic', { Name }), 'TopicArn')).toBe(TopicArn);
    await expect(sns('CreateTopic', { ...input, 'Attributes.entry.1.value': 'x' })).rejects.toMatchObject({
      name: 'InvalidParameter',
      message: expect.stringContaining('already exists with different attributes'),
    });
    await expect(
      sns('CreateTopic', { Name, 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': '1' }),
    ).rejects.toMatchObject({ message: expect.stringContaining('different tags') });
    const attributes = await sns('GetTopicAttributes', { TopicArn });
    expect(attributeOf(attributes, 'DisplayName')).toBe('Alarms');
    expect(attributeOf(attributes, 'Owner')).toBe(ACCOUNT);
  });

  test('that is deleted is gone with its subscriptions, and may be deleted again', async () => {
    await sns('CreateTopic', { Name });
    await sns('Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'gone@example.com' });
    await sns('DeleteTopic', { TopicArn });
    await sns('DeleteTopic', { TopicArn });
    await expect(sns('Publish', { TopicArn, Message: 'x' })).rejects.toMatchObject({
      name: 'NotFound',
      status: 404,
    });
    expect(await sns('ListSubscriptions')).not.toContain(TopicArn);
  });

  test('keeps its tags', async () => {
    await sns('CreateTopic', { Name, 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': '1' });
    await sns('TagResource', {
      ResourceArn: TopicArn,
      'Tags.member.1.Key': 'b',
      'Tags.member.1.Value': '2',
    });
    await sns('UntagResource', { ResourceArn: TopicArn, 'TagKeys.member.1': 'a' });
    const tags = await sns('ListTagsForResource', { ResourceArn: TopicArn });
    expect(tags).toContain('<Tags><member><Key>b</Key><Value>2</Value></member></Tags>');
  });

  test.each([
    ['a name with a space', 'CreateTopic', { Name: 'a b' }, 'InvalidParameter'],
    ['a subject of two lines', 'Publish', { Message: 'x', Subject: 'a\nb' }, 'InvalidParameter'],
    ['no message', 'Publish', {}, 'InvalidParameter'],
    ['an address that is none', 'Subscribe', { Protocol: 'email', Endpoint: 'x' }, 'InvalidParameter'],
    ['SMS', 'Subscribe', { Protocol: 'sms', Endpoint: '+1' }, 'NotImplemented'],
    [
      'message attributes',
      'Publish',
      { Message: 'x', 'MessageAttributes.entry.1.Name': 'a' },
      'NotImplemented',
    ],
    ['what it does not know', 'CreatePlatformApplication', {}, 'NotImplemented'],
  ])('refuses %s', async (_, action, input, name) => {
    await sns('CreateTopic', { Name });
    const given = action === 'CreateTopic' ? input : { TopicArn, ...input };
    await expect(sns(action, given)).rejects.toMatchObject({ name });
  });
});

describe('mail', () => {
  test('goes to an address once its owner has confirmed, and no longer after Unsubscribe', async () => {
    const to = 'ops@example.com';
    await sns('CreateTopic', { Name });
    const answer = await sns('Subscribe', { TopicArn, Protocol: 'email', Endpoint: to });
    expect(fieldOf(answer, 'SubscriptionArn')).toBe('pending confirmation');
    await sns('Publish', { TopicArn, Message: 'too early' });
    expect((await mailsTo(to)).map(({ kind }) => kind)).toEqual(['confirmation']);
    const pending = await sns('ListSubscriptionsByTopic', { TopicArn });
    expect(fieldOf(pending, 'SubscriptionArn')).toBe('PendingConfirmation');

    const { confirmed } = JSON.parse((await confirm(to)).text);
    expect(confirmed).toEqual([expect.stringContaining(`${TopicArn}:`)]);
    await sns('Publish', { TopicArn, Subject: 'ALARM', Message: 'tokens are old' });
    expect((await mailsTo(to)).at(-1)).toMatchObject({
      kind: 'notification',
      subject: 'ALARM',
      body: 'tokens are old',
    });

    await sns('Unsubscribe', { SubscriptionArn: confirmed[0] });
    await sns('Publish', { TopicArn, Message: 'too late' });
    expect(await mailsTo(to)).toHaveLength(2);
  });

  test('is confirmed by its token too, which is in the mail alone', async () => {
    await sns('CreateTopic', { Name });
    const to = 'token@example.com';
    await sns('Subscribe', { TopicArn, Protocol: 'email-json', Endpoint: to });
    await expect(sns('ConfirmSubscription', { TopicArn, Token: 'guess' })).rejects.toMatchObject({
      message: 'Invalid parameter: Token',
    });
    const Token = /token (\w+)/.exec((await mailsTo(to))[0]?.body ?? '')?.[1] ?? '';
    const SubscriptionArn =
      fieldOf(await sns('ConfirmSubscription', { TopicArn, Token }), 'SubscriptionArn') ?? '';
    const attributes = await sns('GetSubscriptionAttributes', { SubscriptionArn });
    expect(attributeOf(attributes, 'PendingConfirmation')).toBe('false');
    await sns('Publish', { TopicArn, Message: 'hello' });
    expect(JSON.parse((await mailsTo(to)).at(-1)?.body ?? '')).toMatchObject({ TopicArn, Message: 'hello' });
  });

  test('that nobody confirms within 48 hours is forgotten, on the moved clock', async () => {
    await sns('CreateTopic', { Name });
    await sns('Subscribe', { TopicArn, Protocol: 'email', Endpoint: 'late@example.com' });
    await local.cloud.clock.advance(48 * 3_600_000);
    expect(JSON.parse((await confirm('late@example.com')).text)).toEqual({ confirmed: [] });
    expect(await sns('ListSubscriptionsByTopic', { TopicArn })).not.toContain('late@');
  });

  test('is shown to nobody without the admin token', async () => {
    expect((await fetch(`${local.cloud.url}/_km/mail`)).status).toBe(403);
    expect((await confirm(undefined as never)).status).toBe(400);
  });
});

describe('a queue', () => {
  const received = async (QueueUrl: string): Promise<string[]> => {
    const { Messages = [] } = await local.json('sqs', 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: 10,
    });
    return Messages.map(({ Body }: { Body: string }) => Body);
  };

  test('gets what is published, when its policy lets SNS send for this topic', async () => {
    await sns('CreateTopic', { Name });
    const { QueueUrl } = await local.json('sqs', 'CreateQueue', { QueueName: Name });
    const Endpoint = `arn:aws:sqs:us-east-1:${ACCOUNT}:${Name}`;
    const answer = await sns('Subscribe', { TopicArn, Protocol: 'sqs', Endpoint });
    const SubscriptionArn = fieldOf(answer, 'SubscriptionArn') ?? '';
    expect(SubscriptionArn).toContain(`${TopicArn}:`);
    await sns('Publish', { TopicArn, Message: 'lost' });
    expect(await received(QueueUrl)).toEqual([]);

    const allow = (source: string) => ({
      Effect: 'Allow' as const,
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: Endpoint,
      Condition: { ArnEquals: { 'aws:SourceArn': source } },
    });
    const setPolicy = (source: string) =>
      local.json('sqs', 'SetQueueAttributes', {
        QueueUrl,
        Attributes: { Policy: JSON.stringify(policy(allow(source))) },
      });
    await setPolicy(`${TopicArn}-other`);
    await sns('Publish', { TopicArn, Message: 'lost too' });
    expect(await received(QueueUrl)).toEqual([]);
    await setPolicy(TopicArn);
    await sns('Publish', { TopicArn, Message: 'in an envelope' });
    expect((await received(QueueUrl)).map((body) => JSON.parse(body))).toMatchObject([
      { Type: 'Notification', TopicArn, Message: 'in an envelope' },
    ]);
    await sns('SetSubscriptionAttributes', {
      SubscriptionArn,
      AttributeName: 'RawMessageDelivery',
      AttributeValue: 'true',
    });
    await sns('Publish', { TopicArn, Message: 'raw' });
    expect(await received(QueueUrl)).toEqual(['raw']);
  });
});

describe('authorization', () => {
  test('by identity policies, in the words of SNS', async () => {
    await sns('CreateTopic', { Name });
    const role = await local.makeRole(`publisher-${Name}`, [
      { Effect: 'Allow', Action: 'sns:Publish', Resource: TopicArn },
    ]);
    const credentials = await local.session(role);
    await expect(sns('Publish', { TopicArn, Message: 'x' }, credentials)).resolves.toContain('MessageId');
    await expect(sns('DeleteTopic', { TopicArn }, credentials)).rejects.toMatchObject({
      name: 'AuthorizationError',
      status: 403,
      message: expect.stringContaining('is not authorized to perform: SNS:DeleteTopic'),
    });
  });

  const set = (AttributeValue: string) =>
    sns('SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue });
  const statement = (Action: string, Resource = TopicArn) =>
    JSON.stringify(policy({ Effect: 'Allow', Principal: { AWS: '*' }, Action, Resource }));

  test('by the topic policy, which speaks of this topic and of topic actions only', async () => {
    await sns('CreateTopic', { Name });
    const role = await local.makeRole(`nobody-${Name}`, []);
    const credentials = await local.session(role);
    await expect(sns('Publish', { TopicArn, Message: 'x' }, credentials)).rejects.toMatchObject({
      name: 'AuthorizationError',
    });
    await set(statement('sns:Publish'));
    await expect(sns('Publish', { TopicArn, Message: 'x' }, credentials)).resolves.toContain('MessageId');
    await expect(set(statement('sns:*'))).rejects.toMatchObject({
      name: 'InvalidParameter',
      message: 'Invalid parameter: Policy statement action out of service scope!',
    });
    await expect(set(statement('sns:Publish', '*'))).rejects.toMatchObject({ name: 'InvalidParameter' });
  });
});

test('a topic with a key is published to by those who may use the key', async () => {
  const { KeyMetadata } = JSON.parse((await local.raw('TrentService.CreateKey', {})).text);
  await sns('CreateTopic', {
    Name,
    'Attributes.entry.1.key': 'KmsMasterKeyId',
    'Attributes.entry.1.value': KeyMetadata.Arn,
  });
  const role = await local.makeRole(`keyless-${Name}`, [
    { Effect: 'Allow', Action: 'sns:Publish', Resource: TopicArn },
  ]);
  await expect(sns('Publish', { TopicArn, Message: 'x' }, await local.session(role))).rejects.toMatchObject({
    name: 'KMSAccessDenied',
  });
  await expect(sns('Publish', { TopicArn, Message: 'x' })).resolves.toContain('MessageId');
});

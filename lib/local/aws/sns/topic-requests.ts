import type { Call, Cloud } from '../cloud.ts';
import { AwsError } from '../cloud.ts';
import { list, type Operation, optionalText, pageOf, text } from '../operations.ts';
import { deliver } from './deliver.ts';
import { readTopicPolicy } from './topic-policy.ts';
import { invalid, type TopicRecord, type TopicStore } from './topic-store.ts';

/** What the operations of the service work with. */
export interface SnsRoom {
  readonly cloud: Cloud;
  readonly store: TopicStore;
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const SETTABLE = ['DisplayName', 'KmsMasterKeyId', 'Policy', 'SignatureVersion'];
export const PAGE = 100;

/** A map: `{name: value}` from inside, `{entry: [{key, value}]}` from the query protocol. */
export const mapOf = (value: unknown): Record<string, string> => {
  if (value === undefined || value === null || value === '') return {};
  const { entry } = value as { entry?: { key: string; value: string }[] };
  if (!Array.isArray(entry)) return value as Record<string, string>;
  return Object.fromEntries(entry.map(({ key, value: each }) => [key, each]));
};

/** Asks the policies, the topic's own included, and gives the topic. Throws NotFound. */
export const authorizedTopic = (
  { cloud, store }: SnsRoom,
  call: Call,
  member = 'TopicArn',
  context: Readonly<Record<string, string>> = {},
): TopicRecord => {
  const arn = text(call, member, { code: 'InvalidParameter' });
  if (!/^arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/.test(arn)) throw invalid(member);
  const topic = store.find(arn);
  cloud.authorize(call, {
    action: `SNS:${call.operation}`,
    resource: arn,
    // of services alone: what the account's own principals may do is for the identity policies to say
    context: call.caller.kind === 'service' ? { ...context, 'aws:SourceOwner': cloud.accountId } : context,
    resourcePolicy: topic === undefined ? { Statement: [] } : store.policyOf(topic),
    resourcePolicyRule: 'alternative',
  });
  return store.get(arn);
};

/** The attributes with the changes. Throws InvalidParameter. */
const merged = (
  topicArn: string,
  before: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string>>,
): Record<string, string> => {
  const attributes: Record<string, string> = { ...before };
  for (const [name, value] of Object.entries(changes)) {
    if (!SETTABLE.includes(name))
      throw new AwsError('NotImplemented', `The local cloud does not implement the attribute ${name}`, 501);
    if (name === 'KmsMasterKeyId' && value === 'alias/aws/sns')
      throw new AwsError('NotImplemented', `The local cloud does not implement the key ${value}`, 501);
    if (name === 'Policy' && value !== '') readTopicPolicy(value, topicArn);
    if (name === 'SignatureVersion' && !/^[12]?$/.test(value)) throw invalid('SignatureVersion');
    if (value === '') delete attributes[name];
    else attributes[name] = value;
  }
  return attributes;
};

/** A message for a topic with a key is encrypted under it, as whoever publishes: they must be allowed to. */
const encrypt = async ({ cloud }: SnsRoom, call: Call, topic: TopicRecord): Promise<void> => {
  const { KmsMasterKeyId: KeyId } = topic.attributes;
  if (KeyId === undefined) return;
  const EncryptionContext = { 'aws:sns:topicArn': topic.arn };
  const via = call.caller.kind === 'service' ? undefined : 'sns';
  try {
    const input = { KeyId, KeySpec: 'AES_256', EncryptionContext };
    const { CiphertextBlob } = await cloud.call('kms', 'GenerateDataKey', input, call.caller, via);
    await cloud.call('kms', 'Decrypt', { CiphertextBlob, EncryptionContext }, call.caller, via);
  } catch (error) {
    const { code, message } = error as AwsError;
    const kind = /Denied/.test(code) ? 'AccessDenied' : /NotFound/.test(code) ? 'NotFound' : 'InvalidState';
    throw new AwsError(`KMS${kind}`, message);
  }
};

/** CreateTopic … Publish, ListTopics and the tags of topics. */
export const topicOperations = (room: SnsRoom): Record<string, Operation> => {
  const { cloud, store } = room;

  const tags: Operation = (call) => {
    const topic = authorizedTopic(room, call, 'ResourceArn');
    if (call.operation === 'ListTagsForResource') {
      return { Tags: Object.entries(topic.tags).map(([Key, Value]) => ({ Key, Value })) };
    }
    const gone = list<string>(call, 'TagKeys');
    const kept = Object.entries(topic.tags).filter(([key]) => !gone.includes(key));
    const added = list<Tag>(call, 'Tags').map(({ Key, Value }) => [Key, Value] as const);
    store.set({ ...topic, tags: Object.fromEntries([...kept, ...added]) });
    return {};
  };

  return {
    CreateTopic(call) {
      const name = text(call, 'Name', { code: 'InvalidParameter' });
      if (!/^[\w-]{1,256}$/.test(name)) throw invalid('Topic Name');
      const arn = store.arnOf(name);
      cloud.authorize(call, { action: 'SNS:CreateTopic', resource: arn });
      const there = store.find(arn);
      const given = mapOf(call.input.Attributes);
      const attributes = merged(arn, there?.attributes ?? {}, given);
      const own = Object.fromEntries(list<Tag>(call, 'Tags').map(({ Key, Value }) => [Key, Value]));
      if (there === undefined) {
        store.set({ name, arn, attributes, tags: own });
        return { TopicArn: arn };
      }
      if (Object.keys(given).some((key) => given[key] !== there.attributes[key]))
        throw invalid('Attributes Reason: Topic already exists with different attributes');
      if (Object.keys(own).some((key) => own[key] !== there.tags[key]))
        throw invalid('Tags Reason: Topic already exists with different tags');
      return { TopicArn: arn };
    },
    DeleteTopic(call) {
      const arn = text(call, 'TopicArn', { code: 'InvalidParameter' });
      const topic = store.find(arn);
      if (topic !== undefined) authorizedTopic(room, call);
      else cloud.authorize(call, { action: 'SNS:DeleteTopic', resource: arn });
      store.delete(arn);
      return {};
    },
    GetTopicAttributes(call) {
      const topic = authorizedTopic(room, call);
      const all = store.subscriptions(topic.arn);
      const pending = all.filter(({ token }) => token !== undefined).length;
      const Attributes = new Map(
        Object.entries({
          ...topic.attributes,
          TopicArn: topic.arn,
          Owner: cloud.accountId,
          Policy: JSON.stringify(store.policyOf(topic)),
          DisplayName: topic.attributes.DisplayName ?? '',
          SubscriptionsConfirmed: String(all.length - pending),
          SubscriptionsPending: String(pending),
          SubscriptionsDeleted: '0',
        }),
      );
      return { Attributes };
    },
    SetTopicAttributes(call) {
      const topic = authorizedTopic(room, call);
      const change = {
        [text(call, 'AttributeName', { code: 'InvalidParameter' })]:
          optionalText(call, 'AttributeValue') ?? '',
      };
      store.set({ ...topic, attributes: merged(topic.arn, topic.attributes, change) });
      return {};
    },
    ListTopics(call) {
      cloud.authorize(call, { action: 'SNS:ListTopics', resource: '*' });
      const { items, next } = pageOf(store.all(), optionalText(call, 'NextToken'), PAGE, 'InvalidParameter');
      const Topics = items.map(({ arn }) => ({ TopicArn: arn }));
      return { Topics, ...(next === undefined ? {} : { NextToken: next }) };
    },
    async Publish(call) {
      const member = call.input.TopicArn === undefined ? 'TargetArn' : 'TopicArn';
      const topic = authorizedTopic(room, call, member);
      const message = text(call, 'Message', { code: 'InvalidParameter' });
      const subject = optionalText(call, 'Subject', { code: 'InvalidParameter', min: 1, max: 99 });
      if (message === '') throw invalid('Empty message');
      if (subject !== undefined && !/^[\x21-\x7e][\x20-\x7e]*$/.test(subject)) throw invalid('Subject');
      await encrypt(room, call, topic);
      const more = subject === undefined ? {} : { subject };
      return { MessageId: await deliver(cloud, store, topic, { message, ...more }) };
    },
    ListTagsForResource: tags,
    TagResource: tags,
    UntagResource: tags,
  };
};

import {
  document,
  isTrue,
  type Properties,
  pick,
  type ResourceContext,
  type ResourceType,
  required,
  retag,
  sameValue,
  tagList,
  unlessGone,
} from './resource-type.ts';

const ATTRIBUTES = ['DisplayName', 'KmsMasterKeyId', 'SignatureVersion'] as const;

const subscribe = (context: ResourceContext, TopicArn: string, { Protocol, Endpoint }: Properties) =>
  context.call('sns', 'Subscribe', { TopicArn, Protocol, Endpoint, ReturnSubscriptionArn: true });

/** Brings the subscriptions that a topic itself names to what they are to be. */
const setSubscriptions = async (
  context: ResourceContext,
  TopicArn: string,
  wanted: readonly Properties[] = [],
  before: readonly Properties[] = [],
): Promise<void> => {
  const isIn = (all: readonly Properties[], one: Properties): boolean =>
    all.some(({ Protocol, Endpoint }) => Protocol === one.Protocol && Endpoint === one.Endpoint);
  for (const one of wanted) if (!isIn(before, one)) await subscribe(context, TopicArn, one);
  for (const one of before) {
    if (isIn(wanted, one)) continue;
    // tells the ARN of the one that is there
    const { SubscriptionArn } = await subscribe(context, TopicArn, one);
    await unlessGone(context.call('sns', 'Unsubscribe', { SubscriptionArn }));
  }
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html */
export const topic: ResourceType = {
  properties: [...ATTRIBUTES, 'Subscription', 'Tags', 'TopicName'],
  replacing: ['TopicName'],
  async create(context, properties) {
    const TopicName = String(properties.TopicName ?? context.name(256));
    const { TopicArn } = await context.call('sns', 'CreateTopic', {
      Name: TopicName,
      Attributes: pick(properties, ATTRIBUTES),
      Tags: tagList(context, properties.Tags),
    });
    context.identify(TopicArn);
    await setSubscriptions(context, TopicArn, properties.Subscription);
    return { physicalId: TopicArn, attributes: { TopicArn, TopicName } };
  },
  async update(context, made, properties, before) {
    const TopicArn = made.physicalId;
    for (const AttributeName of ATTRIBUTES) {
      if (sameValue(properties[AttributeName], before[AttributeName])) continue;
      const AttributeValue = String(properties[AttributeName] ?? '');
      await context.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName, AttributeValue });
    }
    await setSubscriptions(context, TopicArn, properties.Subscription, before.Subscription);
    await retag(context, properties, before, {
      tag: (Tags) => context.call('sns', 'TagResource', { ResourceArn: TopicArn, Tags }),
      untag: (TagKeys) => context.call('sns', 'UntagResource', { ResourceArn: TopicArn, TagKeys }),
    });
    return made;
  },
  delete: (context, TopicArn) => unlessGone(context.call('sns', 'DeleteTopic', { TopicArn })),
};

const rawDelivery = (properties: Properties): string => String(isTrue(properties.RawMessageDelivery));

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html */
export const subscription: ResourceType = {
  properties: ['Endpoint', 'Protocol', 'RawMessageDelivery', 'TopicArn'],
  replacing: ['Endpoint', 'Protocol', 'TopicArn'],
  async create(context, properties) {
    const RawMessageDelivery = rawDelivery(properties);
    const { SubscriptionArn } = await context.call('sns', 'Subscribe', {
      TopicArn: required(properties, 'TopicArn'),
      Protocol: required(properties, 'Protocol'),
      Endpoint: required(properties, 'Endpoint'),
      Attributes: RawMessageDelivery === 'true' ? { RawMessageDelivery } : {},
      ReturnSubscriptionArn: true,
    });
    return { physicalId: SubscriptionArn, attributes: { Arn: SubscriptionArn } };
  },
  async update(context, made, properties) {
    await context.call('sns', 'SetSubscriptionAttributes', {
      SubscriptionArn: made.physicalId,
      AttributeName: 'RawMessageDelivery',
      AttributeValue: rawDelivery(properties),
    });
    return made;
  },
  delete: (context, SubscriptionArn) => unlessGone(context.call('sns', 'Unsubscribe', { SubscriptionArn })),
};

const setPolicy = async (
  context: ResourceContext,
  topics: readonly string[],
  AttributeValue: string,
): Promise<void> => {
  for (const TopicArn of topics) {
    await context.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue });
  }
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html */
export const topicPolicy: ResourceType = {
  properties: ['PolicyDocument', 'Topics'],
  replacing: [],
  async create(context, properties) {
    const physicalId = context.name();
    context.identify(physicalId);
    await setPolicy(context, properties.Topics ?? [], document(properties.PolicyDocument));
    return { physicalId, attributes: { Id: physicalId } };
  },
  async update(context, made, properties, before) {
    const topics: string[] = properties.Topics ?? [];
    await setPolicy(context, topics, document(properties.PolicyDocument));
    const gone = (before.Topics ?? []).filter((arn: string) => !topics.includes(arn));
    await setPolicy(context, gone, '');
    return made;
  },
  delete: (context, _, properties) => unlessGone(setPolicy(context, properties.Topics ?? [], '')),
};

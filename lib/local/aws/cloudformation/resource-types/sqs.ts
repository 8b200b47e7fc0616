import {
  asMap,
  document,
  type Properties,
  type ResourceContext,
  type ResourceType,
  retag,
  tagMap,
  unlessGone,
} from './resource-type.ts';

const ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
] as const;

const attributes = (properties: Properties): Record<string, string> =>
  Object.fromEntries(
    ATTRIBUTES.filter((name) => properties[name] !== undefined).map((name) => {
      const value = properties[name];
      return [name, typeof value === 'object' ? JSON.stringify(value) : String(value)];
    }),
  );

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html */
export const queue: ResourceType = {
  properties: [...ATTRIBUTES, 'QueueName', 'Tags'],
  replacing: ['QueueName'],
  async create(context, properties) {
    const QueueName = String(properties.QueueName ?? context.name(80));
    const { QueueUrl } = await context.call('sqs', 'CreateQueue', {
      QueueName,
      Attributes: attributes(properties),
      tags: tagMap(context, properties.Tags),
    });
    const Arn = `arn:aws:sqs:${context.region}:${context.accountId}:${QueueName}`;
    return { physicalId: QueueUrl, attributes: { Arn, QueueName, QueueUrl } };
  },
  async update(context, made, properties, before) {
    const cleared = Object.fromEntries(Object.keys(attributes(before)).map((name) => [name, '']));
    const Attributes = { ...cleared, ...attributes(properties) };
    const QueueUrl = made.physicalId;
    await context.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes });
    await retag(context, properties, before, {
      tag: (tags) => context.call('sqs', 'TagQueue', { QueueUrl, Tags: asMap(tags) }),
      untag: (TagKeys) => context.call('sqs', 'UntagQueue', { QueueUrl, TagKeys }),
    });
    return made;
  },
  delete: (context, QueueUrl) => unlessGone(context.call('sqs', 'DeleteQueue', { QueueUrl })),
};

const setPolicy = async (
  context: ResourceContext,
  queues: readonly string[],
  Policy: string,
): Promise<void> => {
  for (const QueueUrl of queues) {
    await context.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
  }
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queuepolicy.html */
export const queuePolicy: ResourceType = {
  properties: ['PolicyDocument', 'Queues'],
  replacing: [],
  async create(context, properties) {
    const physicalId = context.name();
    context.identify(physicalId);
    await setPolicy(context, properties.Queues ?? [], document(properties.PolicyDocument));
    return { physicalId, attributes: { Id: physicalId } };
  },
  async update(context, made, properties, before) {
    const queues: string[] = properties.Queues ?? [];
    await setPolicy(context, queues, document(properties.PolicyDocument));
    await setPolicy(
      context,
      (before.Queues ?? []).filter((url: string) => !queues.includes(url)),
      '',
    );
    return made;
  },
  delete: (context, _, properties) => unlessGone(setPolicy(context, properties.Queues ?? [], '')),
};

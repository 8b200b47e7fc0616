import type { Cloud, Service } from '../cloud.ts';
import { type Members, serviceOf } from '../operations.ts';
import { subscriptionOperations } from './subscription-requests.ts';
import { topicOperations } from './topic-requests.ts';
import { TopicStore } from './topic-store.ts';

const MEMBERS: Members = {
  CreateTopic: 'Name Attributes Tags',
  DeleteTopic: 'TopicArn',
  GetTopicAttributes: 'TopicArn',
  SetTopicAttributes: 'TopicArn AttributeName AttributeValue',
  ListTopics: 'NextToken',
  Publish: 'TopicArn TargetArn Message Subject',
  ListTagsForResource: 'ResourceArn',
  TagResource: 'ResourceArn Tags',
  UntagResource: 'ResourceArn TagKeys',
  Subscribe: 'TopicArn Protocol Endpoint Attributes ReturnSubscriptionArn',
  ConfirmSubscription: 'TopicArn Token',
  Unsubscribe: 'SubscriptionArn',
  GetSubscriptionAttributes: 'SubscriptionArn',
  SetSubscriptionAttributes: 'SubscriptionArn AttributeName AttributeValue',
  ListSubscriptions: 'NextToken',
  ListSubscriptionsByTopic: 'TopicArn NextToken',
};

/**
 * SNS: standard topics with their policies and keys. Queues get what is published; mails are kept in a mailbox, once
 * their receiver has confirmed. No FIFO topics, no message attributes, no filters.
 *
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Operations.html
 */
export const createSns = (cloud: Cloud): Service => {
  const room = { cloud, store: new TopicStore(cloud) };
  return serviceOf('sns', { ...topicOperations(room), ...subscriptionOperations(room) }, MEMBERS);
};

import { randomBytes } from 'node:crypto';
import { AwsError, type Call } from '../cloud.ts';
import { flag, type Operation, optionalText, pageOf, text } from '../operations.ts';
import { sendConfirmation } from './deliver.ts';
import { authorizedTopic, mapOf, PAGE, type SnsRoom } from './topic-requests.ts';
import { invalid, type SubscriptionRecord } from './topic-store.ts';

const SETTABLE = ['RawMessageDelivery'];
const ENDPOINTS = {
  email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  'email-json': /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  sqs: /^arn:aws:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}$/,
} as const;

const protocolOf = (call: Call): SubscriptionRecord['protocol'] => {
  const protocol = text(call, 'Protocol', { code: 'InvalidParameter' });
  if (Object.hasOwn(ENDPOINTS, protocol)) return protocol as SubscriptionRecord['protocol'];
  throw new AwsError('NotImplemented', `The local cloud implements no subscriptions by ${protocol}`, 501);
};

const checked = (attributes: Record<string, string>, protocol: SubscriptionRecord['protocol']) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (!SETTABLE.includes(name))
      throw new AwsError('NotImplemented', `The local cloud does not implement the attribute ${name}`, 501);
    if (!/^(true|false)$/.test(value)) throw invalid(`Attributes Reason: ${name}: must be true or false`);
    if (value === 'true' && protocol !== 'sqs')
      throw invalid(
        `Attributes Reason: Delivery protocol [${protocol}] does not support raw message delivery.`,
      );
  }
  return attributes;
};

const view = (subscription: SubscriptionRecord, accountId: string): object => ({
  SubscriptionArn: subscription.token === undefined ? subscription.arn : 'PendingConfirmation',
  Owner: accountId,
  Protocol: subscription.protocol,
  Endpoint: subscription.endpoint,
  TopicArn: subscription.topicArn,
});

/** Subscribe, ConfirmSubscription, Unsubscribe and the reading of subscriptions. */
export const subscriptionOperations = (room: SnsRoom): Record<string, Operation> => {
  const { cloud, store } = room;

  /** These actions know no resources: a policy allows them on `*` or not at all. */
  const authorized = (call: Call): SubscriptionRecord => {
    cloud.authorize(call, { action: `SNS:${call.operation}`, resource: '*' });
    const arn = text(call, 'SubscriptionArn', { code: 'InvalidParameter' });
    const { length } = arn.split(':');
    if (length < 6)
      throw invalid(`SubscriptionArn Reason: An ARN must have at least 6 elements, not ${length}`);
    return store.subscription(arn);
  };

  const page = (call: Call, all: readonly SubscriptionRecord[]): object => {
    const { items, next } = pageOf(all, optionalText(call, 'NextToken'), PAGE, 'InvalidParameter');
    const Subscriptions = items.map((each) => view(each, cloud.accountId));
    return { Subscriptions, ...(next === undefined ? {} : { NextToken: next }) };
  };

  return {
    Subscribe(call) {
      const protocol = protocolOf(call);
      const endpoint = text(call, 'Endpoint', { code: 'InvalidParameter' });
      const topic = authorizedTopic(room, call, 'TopicArn', {
        'sns:Protocol': protocol,
        'sns:Endpoint': endpoint,
      });
      if (!ENDPOINTS[protocol].test(endpoint))
        throw invalid(protocol === 'sqs' ? 'SQS endpoint ARN' : 'Email address');
      const attributes = checked(mapOf(call.input.Attributes), protocol);
      const there = store
        .subscriptions(topic.arn)
        .find((each) => each.protocol === protocol && each.endpoint === endpoint);
      // a queue of the same account needs nobody's confirmation
      const token = protocol === 'sqs' ? {} : { token: randomBytes(32).toString('hex') };
      const subscription =
        there ?? store.subscribe({ topicArn: topic.arn, protocol, endpoint, attributes, ...token });
      const pending = subscription.token !== undefined;
      if (pending) sendConfirmation(cloud, topic, subscription);
      const told = !pending || flag(call, 'ReturnSubscriptionArn');
      return { SubscriptionArn: told ? subscription.arn : 'pending confirmation' };
    },
    ConfirmSubscription(call) {
      const topic = authorizedTopic(room, call);
      const token = text(call, 'Token', { code: 'InvalidParameter' });
      const found = store.subscriptions(topic.arn).find((each) => each.token === token);
      if (found === undefined) throw invalid('Token');
      store.confirm(found);
      return { SubscriptionArn: found.arn };
    },
    Unsubscribe(call) {
      store.unsubscribe(authorized(call).arn);
      return {};
    },
    GetSubscriptionAttributes(call) {
      const { arn, topicArn, protocol, endpoint, attributes, token } = authorized(call);
      const Attributes = new Map(
        Object.entries({
          RawMessageDelivery: 'false',
          ...attributes,
          SubscriptionArn: arn,
          TopicArn: topicArn,
          Protocol: protocol,
          Endpoint: endpoint,
          Owner: cloud.accountId,
          PendingConfirmation: String(token !== undefined),
          ConfirmationWasAuthenticated: String(protocol === 'sqs'),
        }),
      );
      return { Attributes };
    },
    SetSubscriptionAttributes(call) {
      const subscription = authorized(call);
      const name = text(call, 'AttributeName', { code: 'InvalidParameter' });
      const change = checked({ [name]: optionalText(call, 'AttributeValue') ?? '' }, subscription.protocol);
      store.change({ ...subscription, attributes: { ...subscription.attributes, ...change } });
      return {};
    },
    ListSubscriptions(call) {
      cloud.authorize(call, { action: 'SNS:ListSubscriptions', resource: '*' });
      return page(call, store.subscriptions());
    },
    ListSubscriptionsByTopic(call) {
      return page(call, store.subscriptions(authorizedTopic(room, call).arn));
    },
  };
};

import { randomUUID } from 'node:crypto';
import { type Cloud, serviceCaller } from '../cloud.ts';
import { recordMail } from './mailbox.ts';
import { invalid, type SubscriptionRecord, type TopicRecord, type TopicStore } from './topic-store.ts';

export interface Publication {
  readonly id: string;
  readonly message: string;
  readonly subject?: string;
}

/** What subscribers without raw delivery are given. Unsigned: nobody here could check a signature. */
const envelope = (cloud: Cloud, topic: TopicRecord, { id, message, subject }: Publication): string =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: id,
    TopicArn: topic.arn,
    ...(subject === undefined ? {} : { Subject: subject }),
    Message: message,
    Timestamp: new Date(cloud.clock.now()).toISOString(),
    SignatureVersion: topic.attributes.SignatureVersion ?? '1',
  });

const mail = (subscription: SubscriptionRecord, topic: TopicRecord) => ({
  to: subscription.endpoint,
  topic_arn: topic.arn,
  subscription_arn: subscription.arn,
});

/** Asks the owner of an address whether it wants what a topic publishes. */
export const sendConfirmation = (cloud: Cloud, topic: TopicRecord, subscription: SubscriptionRecord): void =>
  recordMail(cloud, {
    ...mail(subscription, topic),
    kind: 'confirmation',
    subject: 'AWS Notification - Subscription Confirmation',
    body: `You have chosen to subscribe to the topic:\n${topic.arn}\n\nTo confirm this subscription, confirm the token ${subscription.token}`,
  });

const deliverOne = async (
  cloud: Cloud,
  topic: TopicRecord,
  subscription: SubscriptionRecord,
  publication: Publication,
): Promise<void> => {
  const { protocol, endpoint, attributes } = subscription;
  if (protocol !== 'sqs') {
    const { subject = 'AWS Notification Message', message } = publication;
    const body = protocol === 'email' ? message : envelope(cloud, topic, publication);
    recordMail(cloud, { ...mail(subscription, topic), kind: 'notification', subject, body });
    return;
  }
  const raw = attributes.RawMessageDelivery === 'true';
  const QueueUrl = `${cloud.endpoint}/${cloud.accountId}/${endpoint.slice(endpoint.lastIndexOf(':') + 1)}`;
  const MessageBody = raw ? publication.message : envelope(cloud, topic, publication);
  const caller = serviceCaller('sns.amazonaws.com', topic.arn);
  await cloud.call('sqs', 'SendMessage', { QueueUrl, MessageBody }, caller);
};

/** Hands a message to every confirmed subscriber; what one does not take is told in the log, and lost. */
export const deliver = async (
  cloud: Cloud,
  store: TopicStore,
  topic: TopicRecord,
  text: { readonly message: string; readonly subject?: string },
): Promise<string> => {
  if (Buffer.byteLength(text.message) > 262_144) throw invalid('Message too long');
  const publication: Publication = { id: randomUUID(), ...text };
  for (const subscription of store.subscriptions(topic.arn)) {
    if (subscription.token !== undefined) continue;
    await deliverOne(cloud, topic, subscription, publication).catch((error: Error) =>
      cloud.log('sns_not_delivered', { subscription: subscription.arn, message: error.message }),
    );
  }
  return publication.id;
};

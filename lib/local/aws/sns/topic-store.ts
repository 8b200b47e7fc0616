import { randomUUID } from 'node:crypto';
import { AwsError, type Cloud, type PolicyDocument, type Table } from '../cloud.ts';

export interface TopicRecord {
  readonly name: string;
  readonly arn: string;
  /** As they were set: DisplayName, KmsMasterKeyId, Policy, SignatureVersion. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SubscriptionRecord {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: 'email' | 'email-json' | 'sqs';
  readonly endpoint: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** What confirms it; absent once it is confirmed. */
  readonly token?: string;
  readonly created: number;
}

/** https://aws.amazon.com/about-aws/whats-new/2023/05/amazon-sns-automatic-deletion-unconfirmed-subscriptions/ */
const UNCONFIRMED_KEPT_MS = 48 * 3_600_000;

/** Throws InvalidParameter. */
export const invalid = (what: string): AwsError =>
  new AwsError('InvalidParameter', `Invalid parameter: ${what}`);

/** What a topic's owner and, by aws:SourceOwner, services in the owner's name may do while it has no other policy. */
const defaultPolicy = (arn: string, accountId: string): PolicyDocument & { Id: string } => ({
  Version: '2008-10-17',
  Id: '__default_policy_ID',
  Statement: [
    {
      Sid: '__default_statement_ID',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: [
        'SNS:GetTopicAttributes',
        'SNS:SetTopicAttributes',
        'SNS:AddPermission',
        'SNS:RemovePermission',
        'SNS:DeleteTopic',
        'SNS:Subscribe',
        'SNS:ListSubscriptionsByTopic',
        'SNS:Publish',
      ],
      Resource: arn,
      Condition: { StringEquals: { 'AWS:SourceOwner': accountId } },
    },
  ],
});

/** The topics of a cloud and their subscriptions, in persisted tables. */
export class TopicStore {
  readonly #cloud: Cloud;
  readonly #topics: Table<TopicRecord>;
  readonly #subscriptions: Table<SubscriptionRecord>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#topics = cloud.table('sns-topics');
    this.#subscriptions = cloud.table('sns-subscriptions');
  }

  arnOf(name: string): string {
    return `arn:aws:sns:${this.#cloud.region}:${this.#cloud.accountId}:${name}`;
  }

  all(): TopicRecord[] {
    return this.#topics.values();
  }

  find(arn: string): TopicRecord | undefined {
    return this.#topics.get(arn);
  }

  /** Throws NotFound. */
  get(arn: string): TopicRecord {
    const topic = this.find(arn);
    if (topic !== undefined) return topic;
    throw new AwsError('NotFound', 'Topic does not exist', 404);
  }

  set(topic: TopicRecord): void {
    this.#topics.set(topic.arn, topic);
  }

  /** The topic goes with its subscriptions. */
  delete(arn: string): void {
    for (const subscription of this.subscriptions(arn)) this.#subscriptions.delete(subscription.arn);
    this.#topics.delete(arn);
  }

  policyOf(topic: TopicRecord): PolicyDocument {
    const { Policy } = topic.attributes;
    return Policy === undefined ? defaultPolicy(topic.arn, this.#cloud.accountId) : JSON.parse(Policy);
  }

  /** Of one topic, or all, without those that nobody confirmed in time. */
  subscriptions(topicArn?: string): SubscriptionRecord[] {
    const oldest = this.#cloud.clock.now() - UNCONFIRMED_KEPT_MS;
    for (const { arn, token, created } of this.#subscriptions.values()) {
      if (token !== undefined && created <= oldest) this.#subscriptions.delete(arn);
    }
    const all = this.#subscriptions.values();
    return topicArn === undefined ? all : all.filter((each) => each.topicArn === topicArn);
  }

  /** Throws NotFound. */
  subscription(arn: string): SubscriptionRecord {
    const found = this.subscriptions().find((each) => each.arn === arn);
    if (found !== undefined) return found;
    throw new AwsError('NotFound', 'Subscription does not exist', 404);
  }

  subscribe(record: Omit<SubscriptionRecord, 'arn' | 'created'>): SubscriptionRecord {
    const subscription: SubscriptionRecord = {
      ...record,
      arn: `${record.topicArn}:${randomUUID()}`,
      created: this.#cloud.clock.now(),
    };
    this.#subscriptions.set(subscription.arn, subscription);
    return subscription;
  }

  change(subscription: SubscriptionRecord): void {
    this.#subscriptions.set(subscription.arn, subscription);
  }

  /** Its endpoint gets what is published from now on. */
  confirm(subscription: SubscriptionRecord): void {
    const { token: _, ...confirmed } = subscription;
    this.#subscriptions.set(subscription.arn, confirmed);
  }

  unsubscribe(arn: string): void {
    this.#subscriptions.delete(arn);
  }
}

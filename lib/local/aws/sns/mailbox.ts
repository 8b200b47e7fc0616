import { randomUUID } from 'node:crypto';
import type { Cloud, Table } from '../cloud.ts';
import { TopicStore } from './topic-store.ts';

/** An e-mail that SNS would have sent. */
export interface Mail {
  readonly id: string;
  /** ISO 8601, on the cloud's clock. */
  readonly at: string;
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly topic_arn: string;
  readonly subscription_arn: string;
  readonly kind: 'confirmation' | 'notification';
}

/** The newest are kept. */
const MAILS_KEPT = 500;

const tableOf = (cloud: Pick<Cloud, 'table'>): Table<Mail> => cloud.table('sns-mails');

/** Keeps a mail in place of sending it. */
export const recordMail = (cloud: Cloud, mail: Omit<Mail, 'id' | 'at'>): void => {
  const table = tableOf(cloud);
  const id = randomUUID();
  table.set(id, { id, at: new Date(cloud.clock.now()).toISOString(), ...mail });
  for (const old of table.keys().slice(0, -MAILS_KEPT)) table.delete(old);
};

/** The mails to an address, or to all, oldest first. */
export const mailsTo = (cloud: Pick<Cloud, 'table'>, address?: string): Mail[] =>
  tableOf(cloud)
    .values()
    .filter(({ to }) => address === undefined || to === address);

/** The click on "Confirm subscription" in every such mail to an address; the ARNs of what it confirmed. */
export const confirmByMail = (cloud: Cloud, address: string): string[] => {
  const store = new TopicStore(cloud);
  const pending = store.subscriptions().filter(({ endpoint, token }) => endpoint === address && token);
  for (const subscription of pending) store.confirm(subscription);
  return pending.map(({ arn }) => arn);
};

import { type Check, fail, ok, warn } from '../check.ts';
import { needPlatform } from './platform.ts';

/** What could not be refreshed for half an hour, and what is being tried again. */
export const queues: Check = {
  id: 'dead-letter-queue',
  title: 'Dead-letter queue',
  async run(facts) {
    await needPlatform(facts);
    const { names } = facts.context;
    const [dead, retried] = await Promise.all([
      facts.queue(names.deadLetterQueue),
      facts.queue(names.retryQueue),
    ]);
    if (dead.messages > 0) {
      return [
        fail(
          `${dead.messages} refresh(es) given up after half an hour of trying`,
          `aws sqs purge-queue --queue-url ${dead.url}   # as an administrator, once the sandboxes have tokens again`,
        ),
      ];
    }
    if (retried.messages > 0) {
      return [
        warn(`empty, but ${retried.messages} refresh(es) being tried again`, 'km doctor   # in half an hour'),
      ];
    }
    return [ok('empty, and nothing is being tried again')];
  },
};

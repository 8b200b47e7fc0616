import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;
const logGroupName = '/test/group';

beforeAll(async () => {
  local = await startWorkloadCloud();
  await logs('CreateLogGroup', { logGroupName, tags: { a: '1' } });
  for (const logStreamName of ['one', 'two']) {
    await logs('CreateLogStream', { logGroupName, logStreamName });
  }
});
afterAll(() => local[Symbol.asyncDispose]());

const logs = (operation: string, input: object = {}) => local.json('logs', operation, input);

const put = (logStreamName: string, ...messages: string[]) =>
  logs('PutLogEvents', {
    logGroupName,
    logStreamName,
    logEvents: messages.map((message) => ({ timestamp: local.cloud.clock.now(), message })),
  });

const found = async (input: object): Promise<string[]> => {
  const { events } = await logs('FilterLogEvents', { logGroupName, ...input });
  return events.map(({ message }: { message: string }) => message);
};

describe('events', () => {
  beforeAll(async () => {
    await put('one', 'alpha error 1', 'beta ok 2');
    await put('two', 'gamma error 3');
  });

  test.each([
    ['all of the group', {}, ['alpha error 1', 'beta ok 2', 'gamma error 3']],
    ['by stream', { logStreamNames: ['two'] }, ['gamma error 3']],
    ['by the start of the stream', { logStreamNamePrefix: 'on' }, ['alpha error 1', 'beta ok 2']],
    ['by a term', { filterPattern: 'error' }, ['alpha error 1', 'gamma error 3']],
    ['by a phrase', { filterPattern: '"ok 2"' }, ['beta ok 2']],
    ['by one of two terms', { filterPattern: '?alpha ?"ok 2"' }, ['alpha error 1', 'beta ok 2']],
    ['without a term', { filterPattern: 'error -alpha' }, ['gamma error 3']],
    ['before a time', { endTime: 1 }, []],
    ['by a field, of events that are JSON', { filterPattern: '{ $.sandbox_id = "sb-1" }' }, []],
  ])('are found: %s', async (_, input, messages) => {
    expect(await found(input)).toEqual(messages);
  });

  test('come page by page', async () => {
    const first = await logs('FilterLogEvents', { logGroupName, limit: 2 });
    expect(first.events).toHaveLength(2);
    const second = await logs('FilterLogEvents', { logGroupName, limit: 2, nextToken: first.nextToken });
    expect(second.events).toHaveLength(1);
    expect(second.nextToken).toBeUndefined();
  });

  test('of one stream are read from either end', async () => {
    const stream = { logGroupName, logStreamName: 'one' };
    const tail = await logs('GetLogEvents', { ...stream, limit: 1 });
    expect(tail.events.map(({ message }: { message: string }) => message)).toEqual(['beta ok 2']);
    const head = await logs('GetLogEvents', { ...stream, limit: 1, startFromHead: true });
    expect(head.events.map(({ message }: { message: string }) => message)).toEqual(['alpha error 1']);
  });

  test('are kept as long as the retention policy says, on the moved clock, and only the newest 2000', async () => {
    await logs('PutRetentionPolicy', { logGroupName, retentionInDays: 1 });
    await local.cloud.clock.advance(86_400_000 + 1000);
    expect(await found({})).toEqual([]);
    const many = Array.from({ length: 2010 }, (_, index) => `event ${index}`);
    await put('one', ...many);
    const { events, nextToken } = await logs('FilterLogEvents', { logGroupName });
    expect(events[0].message).toBe('event 10');
    const rest = await logs('FilterLogEvents', { logGroupName, nextToken });
    expect(rest.events.at(-1).message).toBe('event 2009');
  });
});

test('streams are listed, the latest first when asked for', async () => {
  const { logStreams } = await logs('DescribeLogStreams', {
    logGroupName,
    orderBy: 'LastEventTime',
    descending: true,
  });
  expect(logStreams.map(({ logStreamName }: { logStreamName: string }) => logStreamName)).toEqual([
    'one',
    'two',
  ]);
});

test('groups are described with their retention, and keep their tags', async () => {
  await logs('PutRetentionPolicy', { logGroupName, retentionInDays: 30 });
  const { logGroups } = await logs('DescribeLogGroups', { logGroupNamePrefix: '/test' });
  const arn = 'arn:aws:logs:us-east-1:000000000000:log-group:/test/group';
  expect(logGroups).toMatchObject([{ logGroupName, retentionInDays: 30, arn: `${arn}:*`, logGroupArn: arn }]);
  await logs('TagResource', { resourceArn: arn, tags: { b: '2' } });
  await logs('UntagResource', { resourceArn: arn, tagKeys: ['a'] });
  expect(await logs('ListTagsForResource', { resourceArn: arn })).toEqual({ tags: { b: '2' } });
});

test.each([
  ['a group twice', 'CreateLogGroup', { logGroupName }, 'ResourceAlreadyExistsException'],
  [
    'a stream twice',
    'CreateLogStream',
    { logGroupName, logStreamName: 'one' },
    'ResourceAlreadyExistsException',
  ],
  ['a group that is not there', 'DeleteLogGroup', { logGroupName: 'none' }, 'ResourceNotFoundException'],
  [
    'events of a stream that is not there',
    'PutLogEvents',
    { logGroupName, logStreamName: 'x' },
    'ResourceNotFoundException',
  ],
  [
    'a retention that is not on the list',
    'PutRetentionPolicy',
    { logGroupName, retentionInDays: 2 },
    'InvalidParameterException',
  ],
  [
    'regular expressions in filter patterns',
    'FilterLogEvents',
    { logGroupName, filterPattern: '{ $.a = %x% }' },
    'NotImplemented',
  ],
  [
    'a filter pattern that cannot be read',
    'FilterLogEvents',
    { logGroupName, filterPattern: '{ $.a = }' },
    'InvalidParameterException',
  ],
  ['terms of both kinds', 'FilterLogEvents', { logGroupName, filterPattern: '?a b' }, 'NotImplemented'],
  ['what it does not know', 'StartQuery', {}, 'NotImplemented'],
])('refuses %s', async (_, operation, input, name) => {
  await expect(logs(operation, input)).rejects.toMatchObject({ name });
});

test('a policy on the group covers its streams', async () => {
  const role = await local.makeRole('reader', [
    { Effect: 'Allow', Action: 'logs:GetLogEvents', Resource: 'arn:aws:logs:*:*:log-group:/test/group:*' },
  ]);
  const credentials = await local.session(role);
  const read = (operation: string) =>
    local.json('logs', operation, { logGroupName, logStreamName: 'one' }, credentials);
  await expect(read('GetLogEvents')).resolves.toHaveProperty('events');
  await expect(read('PutLogEvents')).rejects.toMatchObject({ name: 'AccessDeniedException' });
});

test('a deleted group is gone with its events', async () => {
  await logs('CreateLogGroup', { logGroupName: 'gone' });
  await logs('DeleteLogGroup', { logGroupName: 'gone' });
  await expect(logs('FilterLogEvents', { logGroupName: 'gone' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

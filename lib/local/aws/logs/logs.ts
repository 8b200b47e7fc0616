import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call, type Cloud, notImplemented, type Service, serviceCaller } from '../cloud.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { filterPattern } from './filter-pattern.ts';
import { type LogEvent, type LogGroup, LogStore } from './log-store.ts';

interface Room {
  readonly cloud: Cloud;
  readonly store: LogStore;
}

const PAGE = 50;
const EVENTS_PAGE = 1000;
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const invalid = (message: string): AwsError => new AwsError('InvalidParameterException', message);

const groupArn = ({ cloud }: Room, name: string): string =>
  `arn:aws:logs:${cloud.region}:${cloud.accountId}:log-group:${name}`;

/** A group is given by its name, or by its ARN where the API takes an identifier. */
const nameOf = (call: Call): string => {
  const { logGroupName, logGroupIdentifier, resourceArn } = call.input;
  const given = String(logGroupName ?? logGroupIdentifier ?? resourceArn ?? '');
  const name = given.startsWith('arn:') ? given.split(':').slice(6).join(':').replace(/:\*$/, '') : given;
  if (/^[\w./#-]{1,512}$/.test(name)) return name;
  throw invalid(
    `1 validation error detected: Value '${given}' at 'logGroupName' failed to satisfy constraint`,
  );
};

/** Actions on a group ask for `…:log-group:NAME:log-stream:STREAM`, which a policy matches by `…:NAME:*`. */
const authorize = (room: Room, call: Call, stream = ''): string => {
  const name = nameOf(call);
  const resource = `${groupArn(room, name)}:log-stream:${stream}`;
  room.cloud.authorize(call, { action: `logs:${call.operation}`, resource });
  return name;
};

const streamOf = (room: Room, group: string, name: string): void => {
  room.store.get(group);
  if (room.store.streams(group).some((stream) => stream.name === name)) return;
  throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
};

const start = (token: unknown): number => {
  const at = token === undefined ? 0 : Number(Buffer.from(String(token), 'base64url').toString());
  if (Number.isInteger(at) && at >= 0) return at;
  throw invalid('The specified nextToken is invalid.');
};

const tokenOf = (at: number): string => Buffer.from(String(at)).toString('base64url');

const view = (event: LogEvent): object => ({
  logStreamName: event.stream,
  timestamp: event.timestamp,
  message: event.message,
  ingestionTime: event.ingested,
  eventId: event.id,
});

const between = (call: Call, event: LogEvent): boolean =>
  event.timestamp >= Number(call.input.startTime ?? 0) &&
  event.timestamp < Number(call.input.endTime ?? Infinity);

/** Of FilterLogEvents, whose end is included. */
const within = (call: Call, event: LogEvent): boolean =>
  between(call, event) || event.timestamp === Number(call.input.endTime);

/** Gives CloudWatch the metrics that a line holds, as the service itself: who writes the line needs no leave for it. */
const extractMetrics = async ({ cloud }: Room, group: string, message: string): Promise<void> => {
  const found = embeddedMetrics(message);
  if (found === undefined) cloud.log('embedded_metrics_refused', { group });
  for (const metrics of found ?? [])
    await cloud.call('monitoring', 'PutMetricData', metrics, serviceCaller('logs.amazonaws.com'));
};

const ANSWERS: Readonly<Record<string, (room: Room, call: Call) => object | Promise<object>>> = {
  CreateLogGroup(room, call) {
    acceptMembers(call, ['logGroupName', 'tags']);
    const name = authorize(room, call);
    if (room.store.has(name)) {
      throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
    room.store.set({ name, tags: call.input.tags ?? {}, created: room.cloud.clock.now() });
    return {};
  },
  DeleteLogGroup(room, call) {
    acceptMembers(call, ['logGroupName']);
    room.store.delete(room.store.get(authorize(room, call)).name);
    return {};
  },
  PutRetentionPolicy(room, call) {
    acceptMembers(call, ['logGroupName', 'retentionInDays']);
    const group = room.store.get(authorize(room, call));
    const retentionDays = Number(call.input.retentionInDays);
    if (!RETENTION_DAYS.includes(retentionDays))
      throw invalid(`retentionInDays must be one of ${RETENTION_DAYS.join(', ')}`);
    room.store.set({ ...group, retentionDays });
    return {};
  },
  DeleteRetentionPolicy(room, call) {
    acceptMembers(call, ['logGroupName']);
    const { retentionDays: _, ...group } = room.store.get(authorize(room, call));
    room.store.set(group);
    return {};
  },
  DescribeLogGroups(room, call) {
    acceptMembers(call, ['logGroupNamePrefix', 'logGroupNamePattern', 'nextToken', 'limit']);
    room.cloud.authorize(call, {
      action: 'logs:DescribeLogGroups',
      resource: `${groupArn(room, '*')}:log-stream:`,
    });
    const { logGroupNamePrefix = '', logGroupNamePattern = '', nextToken, limit = PAGE } = call.input;
    const wanted = room.store
      .groups()
      .filter(({ name }) => name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern));
    const [from, to] = [start(nextToken), start(nextToken) + Number(limit)];
    const describe = (group: LogGroup): object => ({
      logGroupName: group.name,
      creationTime: group.created,
      ...(group.retentionDays === undefined ? {} : { retentionInDays: group.retentionDays }),
      arn: `${groupArn(room, group.name)}:*`,
      logGroupArn: groupArn(room, group.name),
      logGroupClass: 'STANDARD',
    });
    return {
      logGroups: wanted.slice(from, to).map(describe),
      ...(to < wanted.length ? { nextToken: tokenOf(to) } : {}),
    };
  },
  CreateLogStream(room, call) {
    acceptMembers(call, ['logGroupName', 'logStreamName']);
    const stream = String(call.input.logStreamName);
    const group = room.store.get(authorize(room, call, stream)).name;
    if (room.store.streams(group).some(({ name }) => name === stream)) {
      throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
    }
    room.store.addStream(group, stream);
    return {};
  },
  DescribeLogStreams(room, call) {
    acceptMembers(call, [
      'logGroupName',
      'logGroupIdentifier',
      'logStreamNamePrefix',
      'orderBy',
      'descending',
      'nextToken',
      'limit',
    ]);
    const group = room.store.get(authorize(room, call)).name;
    const {
      logStreamNamePrefix = '',
      orderBy = 'LogStreamName',
      descending = false,
      nextToken,
      limit = PAGE,
    } = call.input;
    const streams = room.store.streams(group).filter(({ name }) => name.startsWith(logStreamNamePrefix));
    streams.sort((a, b) =>
      orderBy === 'LastEventTime' ? (a.lastEvent ?? 0) - (b.lastEvent ?? 0) : a.name.localeCompare(b.name),
    );
    if (descending) streams.reverse();
    const [from, to] = [start(nextToken), start(nextToken) + Number(limit)];
    return {
      logStreams: streams.slice(from, to).map(({ name, created, lastEvent }) => ({
        logStreamName: name,
        creationTime: created,
        ...(lastEvent === undefined ? {} : { lastEventTimestamp: lastEvent, lastIngestionTime: lastEvent }),
        arn: `${groupArn(room, group)}:log-stream:${name}`,
      })),
      ...(to < streams.length ? { nextToken: tokenOf(to) } : {}),
    };
  },
  async PutLogEvents(room, call) {
    acceptMembers(call, ['logGroupName', 'logStreamName', 'logEvents', 'sequenceToken']);
    const stream = String(call.input.logStreamName);
    const group = authorize(room, call, stream);
    streamOf(room, group, stream);
    const events: { timestamp: number; message: string }[] = call.input.logEvents ?? [];
    room.store.addEvents(group, stream, events);
    for (const { message } of events) await extractMetrics(room, group, message);
    return {};
  },
  GetLogEvents(room, call) {
    acceptMembers(call, [
      'logGroupName',
      'logGroupIdentifier',
      'logStreamName',
      'startTime',
      'endTime',
      'startFromHead',
      'limit',
      'nextToken',
    ]);
    const stream = String(call.input.logStreamName);
    const group = authorize(room, call, stream);
    streamOf(room, group, stream);
    const { limit = EVENTS_PAGE, startFromHead = false, nextToken } = call.input;
    const events = room.store
      .events(group)
      .filter((event) => event.stream === stream && between(call, event));
    const from =
      nextToken === undefined && !startFromHead ? Math.max(0, events.length - limit) : start(nextToken);
    const to = Math.min(events.length, from + Number(limit));
    return {
      events: events.slice(from, to).map(view),
      nextForwardToken: tokenOf(to),
      nextBackwardToken: tokenOf(Math.max(0, from - Number(limit))),
    };
  },
  FilterLogEvents(room, call) {
    acceptMembers(call, [
      'logGroupName',
      'logGroupIdentifier',
      'logStreamNames',
      'logStreamNamePrefix',
      'startTime',
      'endTime',
      'filterPattern',
      'nextToken',
      'limit',
      'interleaved',
    ]);
    const group = room.store.get(authorize(room, call)).name;
    const {
      logStreamNames,
      logStreamNamePrefix = '',
      filterPattern: pattern,
      nextToken,
      limit = EVENTS_PAGE,
    } = call.input;
    const matches = filterPattern(pattern);
    const events = room.store
      .events(group)
      .filter(
        ({ stream }) =>
          (logStreamNames as string[] | undefined)?.includes(stream) ??
          stream.startsWith(logStreamNamePrefix),
      )
      .filter((event) => within(call, event) && matches(event.message))
      .sort((a, b) => a.timestamp - b.timestamp);
    const [from, to] = [start(nextToken), start(nextToken) + Number(limit)];
    return {
      events: events.slice(from, to).map(view),
      ...(to < events.length ? { nextToken: tokenOf(to) } : {}),
    };
  },
  ListTagsForResource: (room, call) => tags(room, call),
  TagResource: (room, call) => tags(room, call),
  UntagResource: (room, call) => tags(room, call),
};

const tags = (room: Room, call: Call): object => {
  acceptMembers(call, ['resourceArn', 'tags', 'tagKeys']);
  const name = nameOf(call);
  room.cloud.authorize(call, { action: `logs:${call.operation}`, resource: groupArn(room, name) });
  const group = room.store.get(name);
  if (call.operation === 'ListTagsForResource') return { tags: group.tags };
  const gone: string[] = call.input.tagKeys ?? [];
  const kept = Object.entries(group.tags).filter(([key]) => !gone.includes(key));
  room.store.set({ ...group, tags: { ...Object.fromEntries(kept), ...call.input.tags } });
  return {};
};

/**
 * CloudWatch Logs: groups, streams and the newest events of each group; lines in the embedded metric format become
 * metrics.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
 */
export function createLogs(cloud: Cloud): Service {
  const room: Room = { cloud, store: new LogStore(cloud) };
  return {
    name: 'logs',
    async handle(call) {
      const answer = ANSWERS[call.operation];
      if (answer === undefined) throw notImplemented(call);
      return answer(room, call);
    },
  };
}

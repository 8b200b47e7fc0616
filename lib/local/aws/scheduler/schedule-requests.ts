import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call, type Cloud } from '../cloud.ts';
import { checkTarget } from './deliveries.ts';
import { parseScheduleExpression } from './schedule-expression.ts';
import {
  DEFAULT_GROUP,
  type ScheduleRecord,
  type ScheduleStore,
  type ScheduleTarget,
} from './schedule-store.ts';
import type { Timetable } from './timetable.ts';

/** What the operations of the service work with. */
export interface SchedulerRoom {
  readonly cloud: Cloud;
  readonly store: ScheduleStore;
  readonly timetable: Timetable;
}

const MEMBERS = [
  'Name',
  'GroupName',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'StartDate',
  'EndDate',
  'Description',
  'State',
  'Target',
  'FlexibleTimeWindow',
  'ActionAfterCompletion',
  'ClientToken',
];
const TARGET_MEMBERS = ['Arn', 'RoleArn', 'Input', 'RetryPolicy', 'DeadLetterConfig'];
/** As the service words it, for new schedules and changed ones alike. */
const OLDEST_START_MS = 5 * 60_000;
const NAME = /^[0-9a-zA-Z-_.]{1,64}$/;
const PAGE = 100;

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

const oneOf = <T extends string>(name: string, value: unknown, allowed: readonly T[]): T => {
  if (allowed.includes(value as T)) return value as T;
  throw invalid(`Value '${value}' at '${name}' failed to satisfy constraint: one of ${allowed.join(', ')}`);
};

/** Epoch seconds as the wire has them, or ISO 8601 as templates have it. */
const dateOf = (name: string, value: unknown): number | undefined => {
  if (value === undefined || value === '') return undefined;
  const time = typeof value === 'number' ? value * 1000 : Date.parse(String(value));
  if (Number.isNaN(time)) throw invalid(`'${name}' is not a date: ${value}`);
  return time;
};

const checkRole = ({ cloud, store }: SchedulerRoom, call: Call, group: string, roleArn: string): void => {
  const context = { 'iam:PassedToService': 'scheduler.amazonaws.com' };
  cloud.authorize(call, { action: 'iam:PassRole', resource: roleArn, context });
  try {
    const source = { 'aws:SourceArn': store.groupArn(group), 'aws:SourceAccount': cloud.accountId };
    cloud.assumeRole(roleArn, 'scheduler-check', 'scheduler.amazonaws.com', { context: source });
  } catch {
    throw invalid('The execution role you provide must allow AWS EventBridge Scheduler to assume the role.');
  }
};

const targetOf = (target: ScheduleTarget & Record<string, unknown>): ScheduleTarget => {
  const unknown = Object.keys(target ?? {}).filter((name) => !TARGET_MEMBERS.includes(name));
  if (unknown.length > 0) {
    throw new AwsError(
      'NotImplemented',
      `The local cloud does not implement ${unknown.join(', ')} of a target`,
      501,
    );
  }
  if (typeof target?.Arn !== 'string' || typeof target.RoleArn !== 'string') {
    throw invalid("Value at 'target' failed to satisfy constraint: Arn and RoleArn are required");
  }
  checkTarget(target);
  return target;
};

const groupOf = (call: Call): string => String(call.input.GroupName ?? DEFAULT_GROUP);

const nameOf = (call: Call): string => {
  const name = String(call.input.Name ?? '');
  if (NAME.test(name)) return name;
  throw invalid(`Value '${name}' at 'name' failed to satisfy constraint: ${NAME.source}`);
};

/** Asks the policies for the schedule that a call names. */
const authorized = (
  { cloud, store }: SchedulerRoom,
  call: Call,
): { group: string; name: string; arn: string } => {
  const [group, name] = [groupOf(call), nameOf(call)];
  const arn = store.arnOf(group, name);
  cloud.authorize(call, { action: `scheduler:${call.operation}`, resource: arn });
  return { group, name, arn };
};

const recordOf = (room: SchedulerRoom, call: Call, base: Pick<ScheduleRecord, 'created'>): ScheduleRecord => {
  const { input } = call;
  const { group, name, arn } = authorized(room, call);
  room.store.group(group);
  const expression = String(input.ScheduleExpression ?? '');
  const { kind } = parseScheduleExpression(expression);
  const timezone = input.ScheduleExpressionTimezone ?? 'UTC';
  if (timezone !== 'UTC')
    throw new AwsError('NotImplemented', 'The local cloud implements only UTC schedules', 501);
  const [startDate, endDate] = [dateOf('StartDate', input.StartDate), dateOf('EndDate', input.EndDate)];
  if (startDate !== undefined && endDate !== undefined && endDate <= startDate) {
    throw invalid('The EndDate you specify must be later than the StartDate.');
  }
  const now = room.cloud.clock.now();
  if (kind === 'rate' && startDate !== undefined && startDate < now - OLDEST_START_MS) {
    throw invalid('The StartDate you specify cannot be earlier than 5 minutes ago.');
  }
  if (endDate !== undefined && endDate < now) throw invalid('The EndDate you specify cannot be in the past.');
  const window = input.FlexibleTimeWindow;
  oneOf('flexibleTimeWindow.mode', window?.Mode, ['OFF', 'FLEXIBLE']);
  const target = targetOf(input.Target);
  checkRole(room, call, group, target.RoleArn);
  return {
    name,
    group,
    arn,
    expression,
    timezone,
    // one-time schedules ignore both
    ...(startDate === undefined || kind === 'at' ? {} : { startDate }),
    ...(endDate === undefined || kind === 'at' ? {} : { endDate }),
    ...(input.Description === undefined ? {} : { description: input.Description }),
    state: oneOf('state', input.State ?? 'ENABLED', ['ENABLED', 'DISABLED']),
    flexibleTimeWindow: window,
    target,
    actionAfterCompletion: oneOf('actionAfterCompletion', input.ActionAfterCompletion ?? 'NONE', [
      'NONE',
      'DELETE',
    ]),
    created: base.created,
    modified: now,
  };
};

export function createSchedule(room: SchedulerRoom, call: Call): object {
  acceptMembers(call, MEMBERS);
  const record = recordOf(room, call, { created: room.cloud.clock.now() });
  if (room.store.find(record.group, record.name) !== undefined) {
    throw new AwsError('ConflictException', `Schedule ${record.name} already exists.`, 409);
  }
  room.store.set(record);
  room.timetable.arm(record);
  return { ScheduleArn: record.arn };
}

/** Replaces the whole schedule: what is not given goes back to its default. A changed rate starts anew. */
export function updateSchedule(room: SchedulerRoom, call: Call): object {
  acceptMembers(call, MEMBERS);
  const { group, name } = authorized(room, call);
  const before = room.store.get(group, name);
  const record = recordOf(room, call, before);
  const { lastFired } = before;
  const same = record.expression === before.expression && record.startDate === before.startDate;
  const after = { ...record, ...(same && lastFired !== undefined ? { lastFired } : {}) };
  room.store.set(after);
  room.timetable.arm(after);
  return { ScheduleArn: record.arn };
}

export function deleteSchedule(room: SchedulerRoom, call: Call): object {
  acceptMembers(call, ['Name', 'GroupName', 'ClientToken']);
  const { group, name } = authorized(room, call);
  const record = room.store.get(group, name);
  room.timetable.disarm(record);
  room.store.delete(record);
  return {};
}

const dates = (record: { readonly created: number; readonly modified: number }) => ({
  CreationDate: new Date(record.created),
  LastModificationDate: new Date(record.modified),
});

export function getSchedule(room: SchedulerRoom, call: Call): object {
  acceptMembers(call, ['Name', 'GroupName']);
  const { group, name } = authorized(room, call);
  const record = room.store.get(group, name);
  return {
    Arn: record.arn,
    Name: record.name,
    GroupName: record.group,
    ScheduleExpression: record.expression,
    ScheduleExpressionTimezone: record.timezone,
    StartDate: record.startDate === undefined ? undefined : new Date(record.startDate),
    EndDate: record.endDate === undefined ? undefined : new Date(record.endDate),
    Description: record.description,
    State: record.state,
    ...dates(record),
    Target: record.target,
    FlexibleTimeWindow: record.flexibleTimeWindow,
    ActionAfterCompletion: record.actionAfterCompletion,
  };
}

/** One page of a list. Throws ValidationException for a token that is none. */
export const page = <T>(items: readonly T[], call: Call): { items: T[]; NextToken?: string } => {
  const { NextToken: token, MaxResults = PAGE } = call.input;
  const from = token === undefined ? 0 : Number(Buffer.from(String(token), 'base64url').toString());
  if (!Number.isInteger(from)) throw invalid('Invalid NextToken.');
  const to = from + Number(MaxResults);
  const NextToken = Buffer.from(String(to)).toString('base64url');
  return { items: items.slice(from, to), ...(to < items.length ? { NextToken } : {}) };
};

export function listSchedules(room: SchedulerRoom, call: Call): object {
  acceptMembers(call, ['GroupName', 'NamePrefix', 'State', 'NextToken', 'MaxResults']);
  const { GroupName, NamePrefix = '', State } = call.input;
  const resource = room.store.arnOf(GroupName ?? '*', '*');
  room.cloud.authorize(call, { action: 'scheduler:ListSchedules', resource });
  const wanted = room.store
    .schedules()
    .filter(({ group }) => GroupName === undefined || group === GroupName)
    .filter(({ name, state }) => name.startsWith(NamePrefix) && (State === undefined || state === State));
  wanted.sort((a, b) => a.arn.localeCompare(b.arn));
  const { items, ...next } = page(wanted, call);
  const Schedules = items.map((record) => ({
    Arn: record.arn,
    Name: record.name,
    GroupName: record.group,
    State: record.state,
    ...dates(record),
    Target: { Arn: record.target.Arn },
  }));
  return { Schedules, ...next };
}

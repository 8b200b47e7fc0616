import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call } from '../cloud.ts';
import { page, type SchedulerRoom } from './schedule-requests.ts';
import { DEFAULT_GROUP, type ScheduleGroup } from './schedule-store.ts';

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const authorized = ({ cloud, store }: SchedulerRoom, call: Call): string => {
  const name = String(call.input.Name ?? '');
  cloud.authorize(call, { action: `scheduler:${call.operation}`, resource: store.groupArn(name) });
  return name;
};

const asMap = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key, Value]));

export function createScheduleGroup(room: SchedulerRoom, call: Call): object {
  acceptMembers(call, ['Name', 'Tags', 'ClientToken']);
  const name = authorized(room, call);
  if (!/^[0-9a-zA-Z-_.]{1,64}$/.test(name)) {
    throw new AwsError('ValidationException', `Value '${name}' at 'name' failed to satisfy constraint`);
  }
  if (room.store.hasGroup(name)) {
    throw new AwsError('ConflictException', `Schedule group ${name} already exists.`, 409);
  }
  room.store.setGroup({ name, tags: asMap(call.input.Tags), created: room.cloud.clock.now() });
  return { ScheduleGroupArn: room.store.groupArn(name) };
}

/** Deletes the group's schedules with it. */
export function deleteScheduleGroup(room: SchedulerRoom, call: Call): object {
  acceptMembers(call, ['Name', 'ClientToken']);
  const name = authorized(room, call);
  room.store.group(name);
  if (name === DEFAULT_GROUP) {
    throw new AwsError('ValidationException', 'The default schedule group cannot be deleted.');
  }
  for (const schedule of room.store.schedules().filter(({ group }) => group === name)) {
    room.timetable.disarm(schedule);
    room.store.delete(schedule);
  }
  room.store.deleteGroup(name);
  return {};
}

const view = (room: SchedulerRoom, group: ScheduleGroup): object => ({
  Arn: room.store.groupArn(group.name),
  Name: group.name,
  State: 'ACTIVE',
  CreationDate: new Date(group.created),
  LastModificationDate: new Date(group.created),
});

export function getScheduleGroup(room: SchedulerRoom, call: Call): object {
  acceptMembers(call, ['Name']);
  return view(room, room.store.group(authorized(room, call)));
}

export function listScheduleGroups(room: SchedulerRoom, call: Call): object {
  acceptMembers(call, ['NamePrefix', 'NextToken', 'MaxResults']);
  room.cloud.authorize(call, { action: 'scheduler:ListScheduleGroups', resource: room.store.groupArn('*') });
  const wanted = room.store.groups().filter(({ name }) => name.startsWith(call.input.NamePrefix ?? ''));
  const { items, ...next } = page(wanted, call);
  return { ScheduleGroups: items.map((group) => view(room, group)), ...next };
}

/** The tags of a group: ListTagsForResource, TagResource and UntagResource. */
export function groupTags(room: SchedulerRoom, call: Call): object {
  acceptMembers(call, ['ResourceArn', 'Tags', 'TagKeys']);
  const { ResourceArn, Tags, TagKeys = [] } = call.input;
  room.cloud.authorize(call, { action: `scheduler:${call.operation}`, resource: String(ResourceArn) });
  const group = room.store.group(String(ResourceArn).slice(String(ResourceArn).lastIndexOf('/') + 1));
  if (call.operation === 'ListTagsForResource') {
    return { Tags: Object.entries(group.tags).map(([Key, Value]) => ({ Key, Value })) };
  }
  const kept = Object.entries(group.tags).filter(([key]) => !(TagKeys as string[]).includes(key));
  room.store.setGroup({ ...group, tags: { ...Object.fromEntries(kept), ...asMap(Tags) } });
  return {};
}

import type { RestRoute } from '../cloud.ts';

const SCHEDULE = '/schedules/{Name}';
const GROUP = '/schedule-groups/{Name}';
const TAGS = '/tags/{ResourceArn}';
const inGroup = { groupName: 'GroupName', clientToken: 'ClientToken' };

/** https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html */
export const SCHEDULER_ROUTES: readonly RestRoute[] = [
  { operation: 'CreateSchedule', method: 'POST', path: SCHEDULE },
  { operation: 'UpdateSchedule', method: 'PUT', path: SCHEDULE },
  { operation: 'GetSchedule', method: 'GET', path: SCHEDULE, query: inGroup },
  { operation: 'DeleteSchedule', method: 'DELETE', path: SCHEDULE, query: inGroup },
  { operation: 'ListSchedules', method: 'GET', path: '/schedules', query: { ScheduleGroup: 'GroupName' } },
  { operation: 'CreateScheduleGroup', method: 'POST', path: GROUP },
  { operation: 'GetScheduleGroup', method: 'GET', path: GROUP },
  { operation: 'DeleteScheduleGroup', method: 'DELETE', path: GROUP, query: inGroup },
  { operation: 'ListScheduleGroups', method: 'GET', path: '/schedule-groups' },
  { operation: 'ListTagsForResource', method: 'GET', path: TAGS },
  { operation: 'TagResource', method: 'POST', path: TAGS },
  { operation: 'UntagResource', method: 'DELETE', path: TAGS, lists: ['TagKeys'] },
];

import { type Call, type Cloud, notImplemented, type Service } from '../cloud.ts';
import { Deliveries } from './deliveries.ts';
import {
  createScheduleGroup,
  deleteScheduleGroup,
  getScheduleGroup,
  groupTags,
  listScheduleGroups,
} from './group-requests.ts';
import { SCHEDULER_ROUTES } from './routes.ts';
import {
  createSchedule,
  deleteSchedule,
  getSchedule,
  listSchedules,
  type SchedulerRoom,
  updateSchedule,
} from './schedule-requests.ts';
import { ScheduleStore } from './schedule-store.ts';
import { Timetable } from './timetable.ts';

const ANSWERS: Readonly<Record<string, (room: SchedulerRoom, call: Call) => object>> = {
  CreateSchedule: createSchedule,
  UpdateSchedule: updateSchedule,
  GetSchedule: getSchedule,
  DeleteSchedule: deleteSchedule,
  ListSchedules: listSchedules,
  CreateScheduleGroup: createScheduleGroup,
  GetScheduleGroup: getScheduleGroup,
  DeleteScheduleGroup: deleteScheduleGroup,
  ListScheduleGroups: listScheduleGroups,
  ListTagsForResource: groupTags,
  TagResource: groupTags,
  UntagResource: groupTags,
};

/**
 * EventBridge Scheduler: at() and rate() schedules that fire by themselves and when the clock is advanced, with Lambda
 * functions and the universal target `aws-sdk:cloudformation:deleteStack`.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html
 */
export function createScheduler(cloud: Cloud): Service {
  const store = new ScheduleStore(cloud);
  const deliveries = new Deliveries(cloud, store);
  const timetable = new Timetable(cloud, store, deliveries);
  const room: SchedulerRoom = { cloud, store, timetable };
  return {
    name: 'scheduler',
    routes: SCHEDULER_ROUTES,
    async handle(call) {
      const answer = ANSWERS[call.operation];
      if (answer === undefined) throw notImplemented(call);
      return answer(room, call);
    },
    async start() {
      deliveries.resume();
      timetable.start();
    },
    async stop() {
      timetable.stop();
    },
  };
}

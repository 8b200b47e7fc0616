import { AwsError, type Cloud, type Table } from '../cloud.ts';
import type { Timing } from './schedule-expression.ts';

export interface ScheduleTarget {
  readonly Arn: string;
  readonly RoleArn: string;
  readonly Input?: string;
  readonly RetryPolicy?: {
    readonly MaximumEventAgeInSeconds?: number;
    readonly MaximumRetryAttempts?: number;
  };
  readonly DeadLetterConfig?: { readonly Arn?: string };
}

export interface ScheduleRecord extends Timing {
  readonly name: string;
  readonly group: string;
  readonly arn: string;
  readonly timezone: string;
  readonly description?: string;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly flexibleTimeWindow: {
    readonly Mode: 'OFF' | 'FLEXIBLE';
    readonly MaximumWindowInMinutes?: number;
  };
  readonly target: ScheduleTarget;
  readonly actionAfterCompletion: 'NONE' | 'DELETE';
  readonly modified: number;
}

export interface ScheduleGroup {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly created: number;
}

export const DEFAULT_GROUP = 'default';

/** The schedules and groups of a cloud, in persisted tables. */
export class ScheduleStore {
  readonly #cloud: Cloud;
  readonly #schedules: Table<ScheduleRecord>;
  readonly #groups: Table<ScheduleGroup>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#schedules = cloud.table('scheduler-schedules');
    this.#groups = cloud.table('scheduler-groups');
  }

  arnOf(group: string, name: string): string {
    return `arn:aws:scheduler:${this.#cloud.region}:${this.#cloud.accountId}:schedule/${group}/${name}`;
  }

  groupArn(name: string): string {
    return `arn:aws:scheduler:${this.#cloud.region}:${this.#cloud.accountId}:schedule-group/${name}`;
  }

  schedules(): ScheduleRecord[] {
    return this.#schedules.values();
  }

  find(group: string, name: string): ScheduleRecord | undefined {
    return this.#schedules.get(`${group}/${name}`);
  }

  /** Throws ResourceNotFoundException. */
  get(group: string, name: string): ScheduleRecord {
    const schedule = this.find(group, name);
    if (schedule !== undefined) return schedule;
    throw new AwsError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
  }

  set(schedule: ScheduleRecord): void {
    this.#schedules.set(`${schedule.group}/${schedule.name}`, schedule);
  }

  delete({ group, name }: Pick<ScheduleRecord, 'group' | 'name'>): void {
    this.#schedules.delete(`${group}/${name}`);
  }

  groups(): ScheduleGroup[] {
    return [{ name: DEFAULT_GROUP, tags: {}, created: 0 }, ...this.#groups.values()];
  }

  hasGroup(name: string): boolean {
    return name === DEFAULT_GROUP || this.#groups.has(name);
  }

  /** Throws ResourceNotFoundException. */
  group(name: string): ScheduleGroup {
    const group = this.groups().find((each) => each.name === name);
    if (group !== undefined) return group;
    throw new AwsError('ResourceNotFoundException', `Schedule group ${name} does not exist.`, 404);
  }

  setGroup(group: ScheduleGroup): void {
    this.#groups.set(group.name, group);
  }

  deleteGroup(name: string): void {
    this.#groups.delete(name);
  }
}

import type { Cloud } from '../cloud.ts';
import type { Deliveries } from './deliveries.ts';
import { nextDue } from './schedule-expression.ts';
import type { ScheduleRecord, ScheduleStore } from './schedule-store.ts';

/** Puts every schedule on the cloud's clock, and fires it when it is due. */
export class Timetable {
  readonly #cloud: Cloud;
  readonly #store: ScheduleStore;
  readonly #deliveries: Deliveries;
  readonly #armed = new Map<string, () => void>();

  constructor(cloud: Cloud, store: ScheduleStore, deliveries: Deliveries) {
    this.#cloud = cloud;
    this.#store = store;
    this.#deliveries = deliveries;
  }

  start(): void {
    for (const schedule of this.#store.schedules()) this.arm(schedule);
  }

  stop(): void {
    for (const cancel of this.#armed.values()) cancel();
    this.#armed.clear();
  }

  /** Puts the schedule on the clock anew: after it was made, changed, or fired. */
  arm(schedule: ScheduleRecord): void {
    this.disarm(schedule);
    if (schedule.state === 'DISABLED') return;
    const due = nextDue(schedule, this.#cloud.clock.now());
    if (due === undefined) this.#completed(schedule);
    else
      this.#armed.set(
        schedule.arn,
        this.#cloud.clock.at(due, () => this.#fire(schedule, due)),
      );
  }

  disarm(schedule: Pick<ScheduleRecord, 'arn'>): void {
    this.#armed.get(schedule.arn)?.();
    this.#armed.delete(schedule.arn);
  }

  async #fire(schedule: ScheduleRecord, due: number): Promise<void> {
    const fired = { ...schedule, lastFired: due };
    this.#store.set(fired);
    this.arm(fired);
    await this.#deliveries.fire(fired, due);
  }

  #completed(schedule: ScheduleRecord): void {
    if (schedule.actionAfterCompletion === 'DELETE') this.#store.delete(schedule);
  }
}

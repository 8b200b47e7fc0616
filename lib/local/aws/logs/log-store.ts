import { randomUUID } from 'node:crypto';
import { AwsError, type Cloud, type Table } from '../cloud.ts';

export interface LogGroup {
  readonly name: string;
  readonly retentionDays?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly created: number;
}

export interface LogEvent {
  readonly id: string;
  readonly stream: string;
  readonly timestamp: number;
  readonly ingested: number;
  readonly message: string;
}

export interface LogStream {
  readonly name: string;
  readonly created: number;
  readonly lastEvent?: number;
}

/** Of each group the newest are kept. */
const EVENTS_KEPT = 2000;
const STREAMS_KEPT = 200;

/** The log groups of a cloud, in persisted tables, bounded in size. */
export class LogStore {
  readonly #cloud: Cloud;
  readonly #groups: Table<LogGroup>;
  readonly #streams: Table<LogStream[]>;
  readonly #events: Table<LogEvent[]>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#groups = cloud.table('logs-groups');
    this.#streams = cloud.table('logs-streams');
    this.#events = cloud.table('logs-events');
  }

  groups(): LogGroup[] {
    return this.#groups.values();
  }

  has(name: string): boolean {
    return this.#groups.has(name);
  }

  /** Throws ResourceNotFoundException. */
  get(name: string): LogGroup {
    const group = this.#groups.get(name);
    if (group !== undefined) return group;
    throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  }

  set(group: LogGroup): void {
    this.#groups.set(group.name, group);
  }

  delete(name: string): void {
    for (const table of [this.#groups, this.#streams, this.#events]) table.delete(name);
  }

  streams(group: string): readonly LogStream[] {
    return this.#streams.get(group) ?? [];
  }

  addStream(group: string, name: string): void {
    const stream = { name, created: this.#cloud.clock.now() };
    this.#streams.set(group, [...this.streams(group), stream].slice(-STREAMS_KEPT));
  }

  /** Oldest first, without what the group's retention has ended. */
  events(group: string): readonly LogEvent[] {
    const days = this.#groups.get(group)?.retentionDays;
    const oldest = days === undefined ? 0 : this.#cloud.clock.now() - days * 86_400_000;
    return (this.#events.get(group) ?? []).filter(({ timestamp }) => timestamp >= oldest);
  }

  addEvents(group: string, stream: string, events: readonly { timestamp: number; message: string }[]): void {
    const ingested = this.#cloud.clock.now();
    const added = events.map(({ timestamp, message }) => ({
      id: randomUUID(),
      stream,
      timestamp,
      ingested,
      message,
    }));
    this.#events.set(group, [...this.events(group), ...added].slice(-EVENTS_KEPT));
    const lastEvent = events.at(-1)?.timestamp ?? ingested;
    const streams = this.streams(group).map((each) => (each.name === stream ? { ...each, lastEvent } : each));
    this.#streams.set(group, streams);
  }
}

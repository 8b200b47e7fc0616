import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { SandboxContext } from './context.ts';
import { checkSandboxId } from './find-sandbox.ts';
import { platformMissing } from './invoke-refresher.ts';

/** A line of the refresher's log that is about one sandbox. It holds no token: see `BrokerLogEntry`. */
export interface RefresherEvent {
  /** CloudWatch's id of the line. */
  readonly id: string;
  /** When it was written, in milliseconds since the epoch. */
  readonly time: number;
  /** `token_generated`, `token_generation_failed`, … */
  readonly event: string;
  /** The line as it was written, with `event` and `time`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ReadEventsOptions {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly signal?: AbortSignal;
}

export interface FollowEventsOptions extends ReadEventsOptions {
  /** How many of the events that are there at the beginning, the newest of them; default: all. */
  readonly last?: number | undefined;
  /** Milliseconds from one look to the next. */
  readonly every: number;
  /** A look that failed, once for each new reason; the next one may go well. The first one's failure is thrown. */
  readonly onProblem: (error: unknown) => void;
}

/**
 * Lines of different processes arrive out of order and seconds late, and this machine's clock may be as wrong as AWS
 * takes it, which is five minutes. Each look goes back this far, in milliseconds.
 */
const LATE_MS = 6 * 60_000;

/**
 * A sandbox's events since then, oldest first. One request a page; CloudWatch answers page after page while it searches,
 * also empty ones. What a km before this one wrote is not JSON alone, and is not found.
 *
 * IAM: `logs:FilterLogEvents` on the refresher's log group.
 *
 * @throws {KmError} `ErrUsage` for what cannot be an id, `ErrPlatformMissing` when there is no such log.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export async function readEvents(
  context: SandboxContext,
  options: ReadEventsOptions,
): Promise<readonly RefresherEvent[]> {
  const id = checkSandboxId(options.id);
  const found: RefresherEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await context
      .client(CloudWatchLogsClient)
      .send(
        new FilterLogEventsCommand({
          logGroupName: context.names.logGroup,
          startTime: Math.max(0, Math.floor(options.since)),
          filterPattern: `{ $.sandbox_id = "${id}" }`,
          ...(nextToken ? { nextToken } : {}),
        }),
        options.signal ? { abortSignal: options.signal } : {},
      )
      .catch((error: unknown) => {
        if (options.signal?.aborted) return undefined;
        if (error instanceof Error && error.name === 'ResourceNotFoundException')
          throw platformMissing(context, error);
        throw error;
      });
    for (const { eventId = '', timestamp = 0, message = '' } of page?.events ?? []) {
      const event = parseEvent(eventId, timestamp, message);
      if (event !== undefined) found.push(event);
    }
    nextToken = page?.nextToken;
  } while (nextToken);
  return found.sort((a, b) => a.time - b.time);
}

/** The same, and then each event as it comes, until the signal aborts. No event comes twice. */
export async function* followEvents(
  context: SandboxContext,
  options: FollowEventsOptions & { readonly signal: AbortSignal },
): AsyncGenerator<RefresherEvent, void> {
  const { since, every, signal, onProblem, last = Number.POSITIVE_INFINITY } = options;
  let from = since;
  const seen = new Map<string, number>();
  let problem: string | undefined;
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const began = await context.now();
    try {
      const events = await readEvents(context, { ...options, since: from });
      yield* events.filter(({ id }) => !seen.has(id)).slice(isFirst ? -last : 0);
      from = Math.max(since, began - LATE_MS);
      for (const { id, time } of events) seen.set(id, time);
      // What is well before the next look cannot come again.
      for (const [id, time] of seen) if (time < from - LATE_MS) seen.delete(id);
      problem = undefined;
    } catch (error) {
      if (isFirst) throw error;
      if (String(error) !== problem) onProblem(error);
      problem = String(error);
    }
    await context.sleep(every, signal);
  }
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

function parseEvent(id: string, timestamp: number, message: string): RefresherEvent | undefined {
  try {
    const fields = JSON.parse(message) as Record<string, unknown>;
    const { event, time } = fields;
    if (typeof event !== 'string') return undefined;
    // The function's own time is when it happened; CloudWatch's is when the line had arrived.
    const own = typeof time === 'string' && TIME.test(time) ? Date.parse(time) : Number.NaN;
    return { id, time: Number.isNaN(own) ? timestamp : own, event, fields };
  } catch {
    return undefined;
  }
}

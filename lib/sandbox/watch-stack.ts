import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import type { SandboxContext } from './context.ts';

const FIRST_WAIT_MS = 60;
const LONGEST_WAIT_MS = 1_500;

/**
 * The statuses that end each operation. Only its own: a creation that is just done when its deletion is asked for ends
 * between the two. A creation may also end in somebody else's deletion.
 */
const ENDS = {
  create: /^(?:(?:CREATE|ROLLBACK|DELETE)_COMPLETE|(?:CREATE|ROLLBACK|DELETE)_FAILED)$/,
  delete: /^DELETE_(?:COMPLETE|FAILED)$/,
  update: /^UPDATE_(?:ROLLBACK_)?(?:COMPLETE|FAILED)$/,
} as const;

/** How a stack operation ended. */
export interface StackEnd {
  /** `CREATE_COMPLETE`, `ROLLBACK_COMPLETE`, `DELETE_COMPLETE`, … */
  readonly status: string;
  /** What failed first, with CloudFormation's reason; empty when nothing did. */
  readonly failures: readonly string[];
}

export interface WatchOptions {
  readonly operation: keyof typeof ENDS;
  readonly stackId: string;
  /** Events up to this id belong to an earlier operation. */
  readonly after?: string | undefined;
  readonly onEvent?: ((event: StackEvent) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const isOfStack = (event: StackEvent): boolean => event.PhysicalResourceId === event.StackId;

const describeFailure = (event: StackEvent): string =>
  `${event.LogicalResourceId} (${event.ResourceType}): ${event.ResourceStatusReason ?? event.ResourceStatus}`;

/** A resource that was only stopped because another failed tells nothing. */
const isCause = (event: StackEvent): boolean =>
  /_FAILED$/.test(event.ResourceStatus ?? '') &&
  !isOfStack(event) &&
  !/creation cancelled/i.test(event.ResourceStatusReason ?? '');

/**
 * Follows a stack's events, oldest first, until its operation ends. Returns `undefined` when the signal aborts first.
 * One request a poll: the stack's own events tell its status.
 */
export async function watchStack(
  context: SandboxContext,
  options: WatchOptions,
): Promise<StackEnd | undefined> {
  const client = context.client(CloudFormationClient);
  const seen = new Set<string>();
  const failures: string[] = [];
  let wait = FIRST_WAIT_MS;
  while (!options.signal?.aborted) {
    for (const event of await newEvents(client, options, seen)) {
      options.onEvent?.(event);
      if (isCause(event)) failures.push(describeFailure(event));
      if (isOfStack(event) && ENDS[options.operation].test(event.ResourceStatus ?? '')) {
        if (failures.length === 0 && /ROLLBACK|FAILED/.test(event.ResourceStatus ?? '')) {
          failures.push(event.ResourceStatusReason ?? event.ResourceStatus ?? '');
        }
        return { status: event.ResourceStatus ?? '', failures };
      }
    }
    await context.sleep(wait, options.signal);
    wait = Math.min(wait * 1.3, LONGEST_WAIT_MS);
  }
  return undefined;
}

/** The events not seen yet, oldest first; reads further pages only while they hold any. */
async function newEvents(
  client: CloudFormationClient,
  options: WatchOptions,
  seen: Set<string>,
): Promise<StackEvent[]> {
  const fresh: StackEvent[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(
      new DescribeStackEventsCommand({ StackName: options.stackId, ...(token ? { NextToken: token } : {}) }),
    );
    token = page.NextToken;
    for (const event of page.StackEvents ?? []) {
      const id = event.EventId ?? '';
      if (id === options.after || seen.has(id)) {
        token = undefined;
        break;
      }
      fresh.push(event);
    }
  } while (token !== undefined);
  for (const { EventId } of fresh) seen.add(EventId ?? '');
  return fresh.reverse();
}

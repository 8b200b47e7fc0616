import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import { lookUpStack } from './find-sandbox.ts';
import { watchStack } from './watch-stack.ts';

/** How often a deletion is asked for again, and for how long, while the stack is busy. Milliseconds. */
const BUSY_WAIT_MS = 2_000;
const BUSY_PATIENCE_MS = 5 * 60_000;

export interface DestroyOptions {
  readonly id: string;
  readonly mode: 'EXPRESS' | 'STANDARD';
  readonly onEvent?: (event: StackEvent) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What was removed: logical name and type of each resource; `existed` is false when nothing was there. */
export interface DestroyedSandbox {
  readonly id: string;
  readonly existed: boolean;
  readonly removed: readonly { readonly type: string; readonly name: string }[];
}

/**
 * Deletes a sandbox's stack and waits until it is gone: its tokens are revoked, its parameters deleted, its key
 * scheduled for deletion. Doing it again does nothing. Throws `ErrSandboxFailed` with CloudFormation's reasons.
 */
export async function destroySandbox(
  context: SandboxContext,
  options: DestroyOptions,
): Promise<DestroyedSandbox> {
  const { StackId: stackId } = (await lookUpStack(context, options.id)) ?? {};
  if (stackId === undefined) return { id: options.id, existed: false, removed: [] };
  return deleteSandboxStack(context, { ...options, stackId });
}

/** The same for a stack whose id is known, also one that is still being created or was rolled back. */
export async function deleteSandboxStack(
  context: SandboxContext,
  options: DestroyOptions & { readonly stackId: string },
): Promise<DestroyedSandbox> {
  const { id, stackId, mode } = options;
  const client = context.client(CloudFormationClient);
  const latest = await latestEvent(client, stackId);
  // Somebody else's deletion, as at the end of its time, is over: no event would follow.
  if (latest?.PhysicalResourceId === stackId && latest.ResourceStatus === 'DELETE_COMPLETE') {
    return { id, existed: false, removed: [] };
  }
  await startDeletion(context, { stackId, mode, signal: options.signal });
  const removed: { type: string; name: string }[] = [];
  const end = await watchStack(context, {
    operation: 'delete',
    stackId,
    after: latest?.EventId,
    signal: options.signal,
    onEvent: (event) => {
      options.onEvent?.(event);
      if (event.ResourceStatus === 'DELETE_COMPLETE' && event.PhysicalResourceId !== stackId) {
        removed.push({
          type: event.ResourceType ?? '',
          name: event.PhysicalResourceId ?? event.LogicalResourceId ?? '',
        });
      }
    },
  });
  if (end !== undefined && end.status !== 'DELETE_COMPLETE') {
    throw new KmError('ErrSandboxFailed', `Sandbox ${id} was not destroyed: ${end.failures.join('; ')}`, {
      remedy: `Mend the reason above, then: km destroy ${id}`,
    });
  }
  return { id, existed: true, removed };
}

async function latestEvent(client: CloudFormationClient, stackId: string): Promise<StackEvent | undefined> {
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: stackId }));
  return StackEvents?.[0];
}

/** CloudFormation refuses to delete a stack in the middle of some other operations. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationError' && /_IN_PROGRESS\b/.test(error.message);

/** Asks for the deletion, and again for as long as the stack is busy with something that is not to be interrupted. */
async function startDeletion(
  context: SandboxContext,
  options: Pick<DestroyOptions, 'mode' | 'signal'> & { readonly stackId: string },
): Promise<void> {
  const { stackId, mode, signal } = options;
  const input = { StackName: stackId, DeploymentConfig: { Mode: mode } };
  for (let waited = 0; ; waited += BUSY_WAIT_MS) {
    try {
      await context.client(CloudFormationClient).send(new DeleteStackCommand(input));
      return;
    } catch (error) {
      if (!isBusy(error) || waited >= BUSY_PATIENCE_MS || signal?.aborted) throw error;
    }
    await context.sleep(BUSY_WAIT_MS, signal);
  }
}

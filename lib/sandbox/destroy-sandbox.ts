import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import { lookUpSandbox } from './find-sandbox.ts';
import { watchStack } from './watch-stack.ts';

export interface DestroyOptions {
  readonly id: string;
  readonly mode: 'EXPRESS' | 'STANDARD';
  readonly onEvent?: (event: StackEvent) => void;
  readonly signal?: AbortSignal;
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
  const sandbox = await lookUpSandbox(context, options.id);
  if (!sandbox) return { id: options.id, existed: false, removed: [] };
  return deleteSandboxStack(context, { ...options, stackId: sandbox.stackId });
}

/** The same for a stack whose id is known, also one that is still being created or was rolled back. */
export async function deleteSandboxStack(
  context: SandboxContext,
  options: DestroyOptions & { readonly stackId: string },
): Promise<DestroyedSandbox> {
  const { id, stackId, mode } = options;
  const client = context.client(CloudFormationClient);
  const after = await latestEvent(client, stackId);
  await client.send(new DeleteStackCommand({ StackName: stackId, DeploymentConfig: { Mode: mode } }));
  const removed: { type: string; name: string }[] = [];
  const end = await watchStack(context, {
    stackId,
    after,
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

async function latestEvent(client: CloudFormationClient, stackId: string): Promise<string | undefined> {
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: stackId }));
  return StackEvents?.[0]?.EventId;
}

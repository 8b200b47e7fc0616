import {
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  DescribeStackEventsCommand,
  type Stack,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import type { Reconfigured } from '../broker/reconfigure.ts';
import type { ReconfigureEvent } from '../broker/reconfigure-event.ts';
import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import { checkSandboxId, lookUpStack } from './find-sandbox.ts';
import { invokeRefresher } from './invoke-refresher.ts';
import { type SandboxRecord, sandboxRecord } from './sandbox-record.ts';
import { watchStack } from './watch-stack.ts';

/** How often a stack that is busy is looked at again, and for how long. Milliseconds. */
const BUSY_WAIT_MS = 1_000;
const BUSY_PATIENCE_MS = 5 * 60_000;

/** What every command that changes a sandbox is given. */
export interface ChangeOptions {
  readonly id: string;
  readonly onEvent?: ((event: StackEvent) => void) | undefined;
}

/** A sandbox whose stack is not in the middle of anything. */
export interface SettledSandbox {
  readonly sandbox: SandboxRecord;
  readonly stack: Stack;
}

/**
 * The sandbox of that id, once whatever its stack is in the middle of is over: a change that an earlier `km` was killed
 * in goes on without it.
 *
 * Throws `ErrSandboxNotFound`, `ErrSandboxFailed` for a stack that is being deleted, that failed, or that takes longer
 * than five minutes, and what `sandboxRecord` throws.
 */
export async function settledSandbox(context: SandboxContext, id: string): Promise<SettledSandbox> {
  checkSandboxId(id);
  for (let waited = 0; ; waited += BUSY_WAIT_MS) {
    const stack = await lookUpStack(context, id);
    const sandbox = stack && sandboxRecord(stack, context.names);
    const status = stack?.StackStatus ?? '';
    if (stack === undefined || sandbox === undefined || status === 'DELETE_COMPLETE') {
      throw new KmError('ErrSandboxNotFound', `No sandbox ${id} in ${context.region}.`, {
        remedy: 'km list',
      });
    }
    if (status === 'UPDATE_ROLLBACK_FAILED') await continueRollback(context, stack);
    else if (!/_IN_PROGRESS$/.test(status)) {
      if (/FAILED$|^ROLLBACK/.test(status)) throw failed(id, stack);
      return { sandbox, stack };
    }
    if (status === 'DELETE_IN_PROGRESS' || waited >= BUSY_PATIENCE_MS) {
      throw new KmError('ErrSandboxFailed', `Sandbox ${id} cannot be changed: its stack is ${status}.`, {
        remedy: 'km list',
      });
    }
    await context.sleep(BUSY_WAIT_MS);
  }
}

const failed = (id: string, { StackStatus, StackStatusReason }: Stack): KmError =>
  new KmError(
    'ErrSandboxFailed',
    `Sandbox ${id} cannot be changed: its stack is ${StackStatus}${StackStatusReason ? `: ${StackStatusReason}` : ''}.`,
    { remedy: `km destroy ${id}` },
  );

/**
 * Takes a change back that could not be taken back before, as while GitHub was away.
 *
 * {@link https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html}
 */
async function continueRollback(context: SandboxContext, { StackId: stackId = '' }: Stack): Promise<void> {
  const client = context.client(CloudFormationClient);
  const after = await latestEvent(client, stackId);
  const RoleARN = serviceRole(context, stackId);
  await client.send(new ContinueUpdateRollbackCommand({ StackName: stackId, RoleARN }));
  const end = await watchStack(context, { operation: 'update', stackId, after });
  if (end === undefined || end.status === 'UPDATE_ROLLBACK_COMPLETE') return;
  throw new KmError(
    'ErrSandboxFailed',
    `An earlier change of ${stackId} still cannot be taken back: ${end.failures.join('; ')}`,
    { remedy: 'Mend the reason above and run the command again, or destroy the sandbox.' },
  );
}

const latestEvent = async (client: CloudFormationClient, stackId: string): Promise<string | undefined> => {
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: stackId }));
  return StackEvents?.[0]?.EventId;
};

/** The role as which CloudFormation changes sandboxes, in the account of this stack. */
function serviceRole({ names, region }: SandboxContext, stackId: string): string {
  const [, partition, , , account] = stackId.split(':');
  return `arn:${partition}:iam::${account}:role/${names.cloudFormationRole(region)}`;
}

export interface StackChange extends ChangeOptions {
  readonly settled: SettledSandbox;
  /** The parameters that change, by name. All others stay as they are when CloudFormation begins. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What is done, for a message: `paused`. */
  readonly done: string;
}

/**
 * Has the refresher change parameters of a sandbox's stack, which operators may not update themselves, and waits until
 * that is done. The stack keeps its template. What fails is taken back by CloudFormation, and the sandbox is as it was.
 * A change that is none is over at once.
 *
 * Throws `ErrSandboxFailed` with CloudFormation's reasons, and what `reconfigure` of lib/broker and `invokeRefresher` throw.
 */
export async function updateSandboxStack(context: SandboxContext, change: StackChange): Promise<void> {
  const { id, settled, done } = change;
  const { StackId: stackId = '' } = settled.stack;
  const client = context.client(CloudFormationClient);
  const after = await latestEvent(client, stackId);
  const { changed } = (await invokeRefresher(context, reconfigureEvent(change))) as Reconfigured;
  if (!changed) return;
  const end = await watchStack(context, {
    operation: 'update',
    stackId,
    after,
    onEvent: change.onEvent,
  });
  if (end === undefined || end.status === 'UPDATE_COMPLETE') return;
  const reasons = end.failures.join('; ');
  if (end.status !== 'UPDATE_ROLLBACK_COMPLETE') {
    throw new KmError('ErrSandboxFailed', `Sandbox ${id} could not be ${done}: ${reasons}`, {
      remedy: `Its stack is ${end.status}. km describe ${id}`,
    });
  }
  throw new KmError('ErrSandboxFailed', `Sandbox ${id} could not be ${done}, and is as it was: ${reasons}`, {
    remedy: 'Mend the reason above and run the command again.',
  });
}

const reconfigureEvent = ({ id, parameters }: StackChange): ReconfigureEvent => ({
  action: 'reconfigure',
  sandbox_id: id,
  parameters,
});

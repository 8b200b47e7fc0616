import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { resourceNames } from '../../lib/broker/names.ts';
import type { SandboxContext } from '../../lib/sandbox/context.ts';

export const STACK_ID = 'arn:aws:cloudformation:us-east-1:123456789012:stack/km-sandbox-sb-1234abcd/1';

/** An event of the stack itself, or of the named resource. */
export const event = (status: string, resource?: string, reason?: string): StackEvent => ({
  EventId: `${resource ?? 'stack'}-${status}`,
  StackId: STACK_ID,
  StackName: 'km-sandbox-sb-1234abcd',
  LogicalResourceId: resource ?? 'km-sandbox-sb-1234abcd',
  PhysicalResourceId: resource === undefined ? STACK_ID : `physical-${resource}`,
  ResourceType: resource === undefined ? 'AWS::CloudFormation::Stack' : 'AWS::Test::Resource',
  ResourceStatus: status as StackEvent['ResourceStatus'],
  ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
  Timestamp: new Date(0),
});

export interface StackScene {
  readonly context: SandboxContext;
  /** Every call by operation name. */
  readonly calls: readonly string[];
  /** Every wait, in milliseconds. */
  readonly slept: readonly number[];
}

export interface StackSceneOptions {
  /** The stack's events, oldest first, as they stand at each poll; the last list stays. */
  readonly polls: readonly (readonly StackEvent[])[];
  /** What DeleteStack answers, call by call: an error to throw, or nothing. */
  readonly deletions?: readonly (Error | undefined)[];
}

/** A CloudFormation that has one stack and tells what it is told to. */
export const stackScene = ({ polls, deletions = [] }: StackSceneOptions): StackScene => {
  const calls: string[] = [];
  const slept: number[] = [];
  let polled = 0;
  let deleted = 0;
  const send = async (command: object): Promise<unknown> => {
    const operation = command.constructor.name.replace(/Command$/, '');
    calls.push(operation);
    if (operation === 'DeleteStack') {
      const error = deletions[deleted++];
      if (error !== undefined) throw error;
      return {};
    }
    if (operation !== 'DescribeStackEvents') throw new Error(`unexpected ${operation}`);
    const events = polls[Math.min(polled++, polls.length - 1)] ?? [];
    // Past what was told, nothing more comes: a watcher that still waits would wait for ever.
    if (polled > polls.length + 3) throw new Error('watched past the end');
    return { StackEvents: [...events].reverse() };
  };
  const context: SandboxContext = {
    names: resourceNames(),
    region: 'us-east-1',
    client: <Client>() => ({ send }) as Client,
    now: async () => 0,
    sleep: async (ms) => {
      slept.push(ms);
    },
    randomBytes: (count) => new Uint8Array(count),
  };
  return { context, calls, slept };
};

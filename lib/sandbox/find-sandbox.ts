import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { type ResourceNames, SANDBOX_ID } from '../broker/names.ts';
import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import { type SandboxRecord, sandboxIdOf, sandboxRecord, unreadableSandbox } from './sandbox-record.ts';

/** CloudFormation's answer for a stack that is not there is a ValidationError. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message);

/** A sandbox id as the user typed it, or `ErrUsage`. Checked before it becomes part of any name. */
export function checkSandboxId(id: string): string {
  if (SANDBOX_ID.test(id)) return id;
  throw new KmError('ErrUsage', `'${id}' is not a sandbox id; one looks like sb-1a2b3c4d.`, {
    remedy:
      'km list shows them; for a new one: at most 12 of a-z and 0-9, a letter first, then - and 8 hex digits.',
  });
}

/** The stack of that sandbox, or `undefined`. Throws `ErrUsage` for what cannot be an id. */
export async function lookUpStack(context: SandboxContext, id: string): Promise<Stack | undefined> {
  const StackName = context.names.stackName(checkSandboxId(id));
  const { Stacks } = await context
    .client(CloudFormationClient)
    .send(new DescribeStacksCommand({ StackName }))
    .catch((error: unknown) => {
      if (isMissing(error)) return { Stacks: [] as Stack[] };
      throw error;
    });
  return Stacks?.[0];
}

/** The sandbox of that id, or `undefined`. Throws `ErrUsage` for what cannot be an id, and what `sandboxRecord` throws. */
export async function lookUpSandbox(context: SandboxContext, id: string): Promise<SandboxRecord | undefined> {
  const stack = await lookUpStack(context, id);
  return stack && sandboxRecord(stack, context.names);
}

/** The sandbox of that id. Throws `ErrSandboxNotFound`, or `ErrUsage` for what cannot be an id. */
export async function findSandbox(context: SandboxContext, id: string): Promise<SandboxRecord> {
  const sandbox = await lookUpSandbox(context, id);
  if (sandbox) return sandbox;
  throw new KmError('ErrSandboxNotFound', `No sandbox ${id} in ${context.region}.`, { remedy: 'km list' });
}

/** Every sandbox of this account and region, oldest first. One whose stack cannot be read stands there too, and hides no other. */
export async function allSandboxes(context: SandboxContext): Promise<SandboxRecord[]> {
  const found: SandboxRecord[] = [];
  let NextToken: string | undefined;
  do {
    const page = await context
      .client(CloudFormationClient)
      .send(new DescribeStacksCommand(NextToken === undefined ? {} : { NextToken }));
    for (const stack of page.Stacks ?? []) {
      const sandbox = listed(stack, context.names);
      if (sandbox) found.push(sandbox);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found.sort((a, b) => a.createdAt - b.createdAt);
}

function listed(stack: Stack, names: ResourceNames): SandboxRecord | undefined {
  try {
    return sandboxRecord(stack, names);
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    return unreadableSandbox(stack, sandboxIdOf(stack, names) ?? '', error.message);
  }
}

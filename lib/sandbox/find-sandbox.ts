import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import { SANDBOX_ID } from '../broker/names.ts';
import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import { type SandboxRecord, sandboxRecord } from './sandbox-record.ts';

/** CloudFormation's answer for a stack that is not there is a ValidationError. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message);

/** A sandbox id as the user typed it, or `ErrUsage`. Checked before it becomes part of any name. */
export function checkSandboxId(id: string): string {
  if (SANDBOX_ID.test(id)) return id;
  throw new KmError('ErrUsage', `'${id}' is not a sandbox id; one looks like sb-1a2b3c4d.`, {
    remedy: 'km list',
  });
}

/** The sandbox of that id, or `undefined`. Throws `ErrUsage` for what cannot be an id. */
export async function lookUpSandbox(context: SandboxContext, id: string): Promise<SandboxRecord | undefined> {
  const StackName = context.names.stackName(checkSandboxId(id));
  const { Stacks } = await context
    .client(CloudFormationClient)
    .send(new DescribeStacksCommand({ StackName }))
    .catch((error: unknown) => {
      if (isMissing(error)) return { Stacks: [] as Stack[] };
      throw error;
    });
  return Stacks?.[0] && sandboxRecord(Stacks[0]);
}

/** The sandbox of that id. Throws `ErrSandboxNotFound`, or `ErrUsage` for what cannot be an id. */
export async function findSandbox(context: SandboxContext, id: string): Promise<SandboxRecord> {
  const sandbox = await lookUpSandbox(context, id);
  if (sandbox) return sandbox;
  throw new KmError('ErrSandboxNotFound', `No sandbox ${id} in ${context.region}.`, { remedy: 'km list' });
}

/** Every sandbox of this account and region, oldest first. */
export async function allSandboxes(context: SandboxContext): Promise<SandboxRecord[]> {
  const found: SandboxRecord[] = [];
  const prefix = context.names.stackName('');
  let NextToken: string | undefined;
  do {
    const page = await context
      .client(CloudFormationClient)
      .send(new DescribeStacksCommand(NextToken === undefined ? {} : { NextToken }));
    for (const stack of page.Stacks ?? []) {
      const sandbox = stack.StackName?.startsWith(prefix) ? sandboxRecord(stack) : undefined;
      if (sandbox) found.push(sandbox);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found.sort((a, b) => a.createdAt - b.createdAt);
}

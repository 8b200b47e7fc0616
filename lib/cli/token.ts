import { findSandbox } from '../sandbox/find-sandbox.ts';
import { readToken } from '../sandbox/read-token.ts';
import { sandboxPaused } from '../sandbox/refresh-sandbox.ts';
import type { Invocation } from './invocation.ts';

/** `km token ID`: the only command that prints a secret. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const { context } = await invocation.session();
  const sandbox = await findSandbox(context, args[0] ?? '');
  if (sandbox.paused) throw sandboxPaused(sandbox.id);
  const token = await readToken(context, sandbox, options.owner?.toString());
  if (options.json) terminal.json({ id: sandbox.id, token: token.reveal() });
  else terminal.result(token.reveal());
}

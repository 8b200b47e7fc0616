import { findSandbox } from '../sandbox/find-sandbox.ts';
import { refreshSandbox } from '../sandbox/refresh-sandbox.ts';
import { formatMoment } from './format.ts';
import type { Invocation } from './invocation.ts';

/** `km refresh ID`: new tokens now, by the event that the schedule sends. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const { context } = await invocation.session();
  const sandbox = await findSandbox(context, args[0] ?? '');
  terminal.progress(`refreshing the tokens of ${sandbox.id}`);
  const tokens = await refreshSandbox(context, sandbox);
  if (options.json) {
    terminal.json({ id: sandbox.id, tokens });
    return;
  }
  const now = await context.now();
  for (const { owner, expires_at } of tokens) {
    terminal.result(`${sandbox.id}  ${owner}  until ${formatMoment(Date.parse(expires_at), now)}`);
  }
}

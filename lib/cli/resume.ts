import { resumeSandbox } from '../sandbox/resume-sandbox.ts';
import { formatMoment } from './format.ts';
import type { Invocation } from './invocation.ts';
import { showResource } from './show-resource.ts';

/** `km resume ID`: tokens that can be read when this is done, refreshed from then on. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const id = args[0] ?? '';
  const { context } = await invocation.session();
  const startedAt = Date.now();
  terminal.progress(`resuming ${id}`);
  const { changed, before, tokens } = await resumeSandbox(context, {
    id,
    onEvent: (event) => showResource(terminal, event, startedAt),
  });
  if (options.json) {
    terminal.json({ id, paused: false, changed, tokens });
    return;
  }
  if (before.event === undefined) terminal.result(`${id}  has no GitHub access: there is nothing to resume`);
  else if (!changed) terminal.result(`${id}  is not paused`);
  else {
    const now = await context.now();
    for (const { owner, expiresAt } of tokens) {
      terminal.result(`${id}  ${owner}  until ${formatMoment(Date.parse(expiresAt), now)}`);
    }
  }
}

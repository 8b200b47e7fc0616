import { pauseSandbox } from '../sandbox/pause-sandbox.ts';
import type { Invocation } from './invocation.ts';
import { sameCloud } from './same-cloud.ts';
import { showResource } from './show-resource.ts';

/** `km pause ID`: its tokens are dead when this is done, and it gets none until `km resume`. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const id = args[0] ?? '';
  const { context } = await invocation.session();
  const startedAt = Date.now();
  terminal.progress(`pausing ${id}`);
  const { changed, before } = await pauseSandbox(context, {
    id,
    onEvent: (event) => showResource(terminal, event, startedAt),
  });
  const paused = before.event !== undefined;
  if (options.json) terminal.json({ id, paused, changed });
  else if (!paused) terminal.result(`${id}  has no GitHub access: there is nothing to pause`);
  else if (!changed) terminal.result(`${id}  is paused already`);
  else
    terminal.result(
      `${id}  paused; its tokens are revoked. On with it: km resume ${id}${sameCloud(options)}`,
    );
}

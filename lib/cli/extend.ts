import { KmError } from '../errors.ts';
import { extendSandbox } from '../sandbox/extend-sandbox.ts';
import { formatMoment } from './format.ts';
import type { Invocation } from './invocation.ts';
import { readTtlOption } from './read-ttl-option.ts';
import { showResource } from './show-resource.ts';

/** `km extend ID --ttl DURATION`: the end of a sandbox, counted from now. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const id = args[0] ?? '';
  if (options.ttl === undefined) {
    throw new KmError('ErrUsage', 'Say how long it is to live from now.', {
      remedy: `km extend ${id} --ttl 2h`,
    });
  }
  const ttlSeconds = readTtlOption(options.ttl.toString());
  const { context } = await invocation.session();
  const startedAt = Date.now();
  terminal.progress(`extending ${id}`);
  const { changed, expiresAt } = await extendSandbox(context, {
    id,
    ttlSeconds,
    onEvent: (event) => showResource(terminal, event, startedAt),
  });
  if (options.json) {
    terminal.json({
      id,
      changed,
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    });
    return;
  }
  const lives =
    expiresAt === undefined ? 'until destroyed' : `until ${formatMoment(expiresAt, await context.now())}`;
  terminal.result(`${id}  lives ${lives}`);
}

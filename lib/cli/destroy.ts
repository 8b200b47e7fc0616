import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { type DestroyedSandbox, destroySandbox } from '../sandbox/destroy-sandbox.ts';
import { allSandboxes, checkSandboxId } from '../sandbox/find-sandbox.ts';
import { removeSandboxFolder } from '../sandbox/sandbox-kit.ts';
import { confirm } from './confirm.ts';
import type { Invocation } from './invocation.ts';
import { sandboxFolder } from './local-environment.ts';
import type { Terminal } from './terminal.ts';

/** Stacks deleted side by side; CloudFormation and IAM throttle more. */
const AT_ONCE = 5;

/** `km destroy ID… | --all`: idempotent, waits, and names what it removed. */
export async function run(invocation: Invocation): Promise<number | undefined> {
  const { args, options, terminal } = invocation;
  if ((args.length === 0) === (options.all !== true)) {
    throw new KmError('ErrUsage', 'Name the sandboxes to destroy, or --all.', { remedy: 'km list' });
  }
  for (const id of args) checkSandboxId(id);
  const { context } = await invocation.session();
  const ids = options.all ? await everySandbox(invocation, context) : [...new Set(args)];
  const mode = options.standard ? 'STANDARD' : 'EXPRESS';
  const results = await inBatches(ids, async (id) => {
    terminal.progress(`destroying ${id}`);
    const destroyed = await destroySandbox(context, { id, mode });
    await removeSandboxFolder(sandboxFolder(invocation.env, id));
    return destroyed;
  });
  const destroyed = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (options.json) terminal.json({ destroyed });
  else for (const sandbox of destroyed) showDestroyed(terminal, sandbox);
  const [first, ...others] = failed;
  for (const error of others)
    terminal.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  if (first !== undefined) throw first;
  return undefined;
}

async function everySandbox({ options, terminal }: Invocation, context: SandboxContext): Promise<string[]> {
  const ids = (await allSandboxes(context)).map(({ id }) => id);
  if (ids.length === 0) terminal.progress('No sandboxes.');
  else if (!options.yes)
    await confirm(terminal, `Destroy ${ids.length} sandbox(es): ${ids.join(', ')}?`, '--yes');
  return ids;
}

async function inBatches<T>(
  ids: readonly string[],
  work: (id: string) => Promise<T>,
): Promise<PromiseSettledResult<T>[]> {
  const results: PromiseSettledResult<T>[] = [];
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    results.push(...(await Promise.allSettled(ids.slice(start, start + AT_ONCE).map(work))));
  }
  return results;
}

function showDestroyed(terminal: Terminal, { id, existed, removed }: DestroyedSandbox): void {
  if (!existed) {
    terminal.result(`${id}  nothing to remove`);
    return;
  }
  terminal.result(`${id}  destroyed`);
  for (const { type, name } of removed) {
    terminal.result(`  ${type === 'AWS::KMS::Key' ? 'deleted in 7 days' : 'removed'}  ${type}  ${name}`);
  }
}

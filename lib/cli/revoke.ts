import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { allSandboxes, checkSandboxId, lookUpStack } from '../sandbox/find-sandbox.ts';
import { ownersOf } from '../sandbox/list-sandboxes.ts';
import { type RevokedSandbox, reaches, revokeSandboxes } from '../sandbox/revoke-sandboxes.ts';
import { parametersLeft } from '../sandbox/token-metadata.ts';
import { confirm } from './confirm.ts';
import type { Invocation } from './invocation.ts';
import { sameCloud } from './same-cloud.ts';
import type { Terminal } from './terminal.ts';

interface Target {
  readonly id: string;
  readonly hasStack: boolean;
}

/** `km revoke ID | --owner O | --all`: every live token is dead within seconds, and none is made until `km resume`. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const [id] = args;
  if ([id !== undefined, options.owner !== undefined, options.all === true].filter(Boolean).length !== 1) {
    throw new KmError('ErrUsage', 'Name one sandbox, or --owner with an account, or --all.', {
      remedy: 'km list',
    });
  }
  if (id !== undefined) checkSandboxId(id);
  const { context } = await invocation.session();
  const targets = id === undefined ? await many(invocation, context) : [await one(context, id)];
  const startedAt = Date.now();
  const after = () => `${((Date.now() - startedAt) / 1000).toFixed(1)}s`;
  const revoked = await revokeSandboxes(context, {
    targets,
    onRevoked: (each, count) => terminal.progress(`  ${each}: ${count} token(s) revoked ${after()}`),
    onPaused: (each) => terminal.progress(`  ${each}: paused ${after()}`),
  });
  if (options.json) terminal.json({ revoked });
  else for (const each of revoked) showRevoked(terminal, each, sameCloud(options));
  const problems = revoked.flatMap((each) => each.problems.map(({ message }) => `${each.id}: ${message}`));
  if (problems.length === 0) return;
  throw new KmError('ErrRevokeFailed', problems.join('\n'), {
    remedy: 'Mend the reasons above and run the command again: it does what is left.',
  });
}

async function one(context: SandboxContext, id: string): Promise<Target> {
  const stack = await lookUpStack(context, id);
  if (stack !== undefined) return { id, hasStack: canBePaused(stack.StackStatus) };
  if ((await parametersLeft(context, id)).has(id)) return { id, hasStack: false };
  throw new KmError('ErrSandboxNotFound', `No sandbox ${id} in ${context.region}.`, { remedy: 'km list' });
}

/** What failed to be made, or is being deleted, has nothing that makes tokens. */
const canBePaused = (status = ''): boolean =>
  !/^(DELETE|ROLLBACK)_/.test(status) && status !== 'CREATE_FAILED';

async function many({ options, terminal }: Invocation, context: SandboxContext): Promise<Target[]> {
  const { owner } = options;
  const [sandboxes, parameters] = await Promise.all([allSandboxes(context), parametersLeft(context)]);
  const chosen = sandboxes.filter((each) => {
    const { tokens } = parameters.get(each.id) ?? { tokens: [] };
    return owner === undefined || reaches({ owners: ownersOf(each), tokens }, owner.toString());
  });
  // Tokens of which the stack is gone are none of a sandbox that is listed, and work all the same.
  const left = [...parameters].flatMap(([id, { tokens }]) => {
    // A mark tells no owner.
    const isOfOwner =
      owner === undefined ||
      tokens.some((each) => each.owner.toLowerCase() === owner.toString().toLowerCase());
    return isOfOwner && !sandboxes.some((each) => each.id === id) ? [id] : [];
  });
  const targets = [
    ...chosen.map(({ id, stackStatus }) => ({ id, hasStack: canBePaused(stackStatus) })),
    ...left.map((id) => ({ id, hasStack: false })),
  ];
  if (targets.length === 0) terminal.progress('No sandboxes.');
  else if (!options.yes) {
    const ids = targets.map(({ id }) => id).join(', ');
    await confirm(terminal, `Revoke every token of ${targets.length} sandbox(es): ${ids}?`, '--yes');
  }
  return targets;
}

function showRevoked(terminal: Terminal, sandbox: RevokedSandbox, there: string): void {
  const { id, revoked, paused } = sandbox;
  const on = paused ? `, paused. On with it: km resume ${id}${there}` : '';
  terminal.result(`${id}  ${revoked} token(s) revoked${on}`);
}

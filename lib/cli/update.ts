import { checkAccess } from '../sandbox/check-access.ts';
import { egressOf, guardOf, refreshEventOf } from '../sandbox/create-sandbox.ts';
import { describeChanges, type ProfileChange } from '../sandbox/describe-changes.ts';
import { checkFits } from '../sandbox/stack-parameters.ts';
import { checkChangeable, updateSandbox } from '../sandbox/update-sandbox.ts';
import { settledSandbox } from '../sandbox/update-stack.ts';
import type { Invocation } from './invocation.ts';
import { readProfile } from './read-profile.ts';
import { showResource } from './show-resource.ts';
import type { Terminal } from './terminal.ts';

/** `km update ID PROFILE`: checks what can be checked, shows what changes, and changes it. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const [id = '', file = ''] = args;
  const plan = await readProfile(file, terminal);
  const { context } = await invocation.session();
  const settled = await settledSandbox(context, id);
  const { sandbox } = settled;
  checkChangeable(sandbox, plan);
  const event = refreshEventOf(plan, id);
  checkFits({ guard: guardOf(plan), egress: egressOf(plan), ...(event ? { event } : {}) });
  const changes = describeChanges(sandbox, plan);
  const scope = changes.some(({ what }) => what === 'repos' || what === 'permissions');
  if (event && scope) {
    terminal.progress(`checking ${event.allowed_repos.join(', ')} with GitHub`);
    await checkAccess(context, event);
  }
  const dryRun = options.dryRun === true;
  if (!options.json) showChanges(terminal, { id, changes, dryRun });
  if (changes.length > 0 && !dryRun) {
    const startedAt = Date.now();
    terminal.progress(`updating ${id}`);
    await updateSandbox(context, {
      id,
      settled,
      plan,
      onEvent: (each) => showResource(terminal, each, startedAt),
    });
    if (!options.json) {
      const tokens = scope && !sandbox.paused && sandbox.event ? '; the tokens from before are revoked' : '';
      terminal.result(`${id}  updated${tokens}`);
    }
  }
  if (options.json) terminal.json({ id, changed: changes.length > 0, changes, dryRun });
}

function showChanges(
  terminal: Terminal,
  { id, changes, dryRun }: { id: string; changes: readonly ProfileChange[]; dryRun: boolean },
): void {
  if (changes.length === 0) {
    terminal.result(`${id}  is what the profile says already`);
    return;
  }
  if (dryRun) terminal.result(`What would change of ${id}; nothing was changed.`);
  for (const { what, before, after } of changes) {
    terminal.result(`  ${what.padEnd(14)}${terminal.style('red', `- ${before}`)}`);
    terminal.result(`  ${''.padEnd(14)}${terminal.style('green', `+ ${after}`)}`);
  }
}

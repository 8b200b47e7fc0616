import { PERMISSION_PURPOSES } from '../app/setup-permissions.ts';
import type { Invocation } from './invocation.ts';

/** `km github permissions`: each permission, what needs it, and what breaks without it. Asks nobody. */
export async function run({ options, terminal }: Invocation): Promise<undefined> {
  if (options.json) {
    terminal.json({ permissions: PERMISSION_PURPOSES });
    return;
  }
  for (const { permission, level, always, verbs, needed, without } of PERMISSION_PURPOSES) {
    const asked = always ? 'every App' : `with --permissions ${verbs.join(',')}`;
    terminal.result(`${terminal.style('bold', `${permission}: ${level}`)}  (${asked})`);
    if (verbs.length > 0) terminal.result(`  profile  ${verbs.join(', ')}`);
    terminal.result(`  needed   ${needed}`);
    terminal.result(`  without  ${without}`);
  }
}

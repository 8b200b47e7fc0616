import type { Invocation } from './invocation.ts';
import { runAsSandbox } from './run-as-sandbox.ts';

/** `km exec ID -- CMD…`: the command's exit code is this one's. */
export async function run(invocation: Invocation): Promise<number> {
  const [id = '', ...command] = invocation.args;
  return runAsSandbox(invocation, id, command[0] === '--' ? command.slice(1) : command);
}

import type { Invocation } from './invocation.ts';
import { runAsSandbox } from './run-as-sandbox.ts';

/** `km shell ID`: the caller's shell, interactive, as the sandbox. */
export async function run(invocation: Invocation): Promise<number> {
  const { args, env, terminal } = invocation;
  const shell = env.SHELL || '/bin/bash';
  return runAsSandbox(invocation, args[0] ?? '', [shell], () =>
    terminal.progress(`${shell} as sandbox ${args[0]}; exit ends it`),
  );
}

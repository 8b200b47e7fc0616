import { complete } from './complete.ts';
import { FILES } from './completion.ts';
import { completionValues } from './completion-values.ts';
import type { Terminal } from './terminal.ts';

/** Answers a shell that completes: a candidate a line, `:files` where it should offer file names itself. */
export async function answerCompletion(
  typed: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const { words, values } = complete(typed);
  const current = typed.at(-1) ?? '';
  const candidates = [...words, ...(await completionValues(values, typed, env))];
  for (const word of candidates) if (word.startsWith(current)) terminal.result(word);
  if (values === 'file') terminal.result(FILES);
  return 0;
}

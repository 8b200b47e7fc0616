import { KmError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks on a terminal before something is lost; elsewhere the flag must say yes.
 * Throws `ErrDeclined` when it is not agreed to, `ErrUsage` without a terminal to ask on.
 */
export async function confirm(terminal: Terminal, question: string, flag: string): Promise<void> {
  const { stdin, stderr } = terminal.streams;
  if (!stdin.isTTY || !stderr.isTTY) {
    throw new KmError('ErrUsage', `${question} Without a terminal to ask on, say ${flag}.`);
  }
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({
    message: question,
    initialValue: false,
    input: stdin,
    output: stderr,
  });
  if (answer !== true) throw new KmError('ErrDeclined', 'Nothing was done.');
}

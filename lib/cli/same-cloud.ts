import { shellWord } from '../shell-word.ts';
import type { Invocation } from './invocation.ts';

/** What of the options a further command needs to reach the same sandbox. */
export function sameCloud({ local, state, prefix }: Invocation['options']): string {
  const cloud = state === undefined ? (local ? ' --local' : '') : ` --state ${shellWord(state.toString())}`;
  return prefix === undefined ? cloud : `${cloud} --prefix ${prefix}`;
}

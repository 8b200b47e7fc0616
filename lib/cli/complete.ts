import type { CommandSpec } from './command-spec.ts';
import { COMMANDS } from './commands.ts';
import { CLOUD_OPTIONS, COMMON_OPTIONS } from './common-options.ts';

/** What may stand at a place that takes a value. */
export type ValueKind = 'sandbox' | 'owner' | 'file' | 'format' | 'shell' | 'none';

/** What fits at the end of a command line that is being typed. */
export interface Completion {
  readonly words: readonly string[];
  /** Also what {@link ValueKind} stands for, to be looked up. */
  readonly values: ValueKind;
}

/** By the name of an argument or of an option's value, as usage texts spell it. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  id: 'sandbox',
  ids: 'sandbox',
  owner: 'owner',
  format: 'format',
  shell: 'shell',
  profile: 'file',
  files: 'file',
  file: 'file',
  dir: 'file',
  path: 'file',
};

const nameOf = ({ usage }: CommandSpec): string => usage.split(' ', 1)[0] ?? '';

const optionsOf = (spec: CommandSpec): readonly (readonly [string, string])[] =>
  spec.load === undefined
    ? []
    : [...(spec.options ?? []), ...(spec.cloud === false ? [] : CLOUD_OPTIONS), ...COMMON_OPTIONS];

const flagsOf = (spec: CommandSpec): string[] => [
  ...optionsOf(spec).flatMap(([flags]) => flags.match(/--[a-z-]+/g) ?? []),
  '--help',
];

/** The kind of value that an option takes; `undefined` for a flag without one, and for what is no option. */
const optionValue = (spec: CommandSpec, word: string): ValueKind | undefined => {
  const flags = optionsOf(spec).find(([text]) => text.split(/[ ,]+/).includes(word))?.[0];
  const value = /<([a-z]+)>/.exec(flags ?? '')?.[1];
  return value === undefined ? undefined : (KINDS[value] ?? 'none');
};

const argumentKind = ({ usage }: CommandSpec, index: number): ValueKind => {
  const names = usage.split(' ').slice(1);
  const last = names.at(-1)?.includes('...') ? names.at(-1) : undefined;
  const name = /[a-z]+/.exec(names[index] ?? last ?? '')?.[0] ?? '';
  return KINDS[name] ?? 'none';
};

/**
 * Completes a command line from km's own table of commands. `typed` are the words after `km`, the last one being the
 * one that is still typed, perhaps empty. Words are returned whether or not they begin like it.
 */
export function complete(typed: readonly string[]): Completion {
  const before = typed.slice(0, -1);
  const current = typed.at(-1) ?? '';
  if (before.includes('--')) return { words: [], values: 'file' };
  let commands = COMMANDS;
  let spec: CommandSpec | undefined;
  let argument = 0;
  for (let index = 0; index < before.length; index += 1) {
    const word = before[index] ?? '';
    const value = spec && optionValue(spec, word);
    if (value !== undefined) {
      if (index === before.length - 1) return { words: [], values: value };
      index += 1;
      continue;
    }
    if (word.startsWith('-')) continue;
    const next: CommandSpec | undefined = commands.find((each) => nameOf(each) === word);
    if (next) {
      spec = next;
      commands = next.commands ?? [];
    } else argument += 1;
  }
  if (current.startsWith('-'))
    return { words: spec ? flagsOf(spec) : ['--help', '--version'], values: 'none' };
  const names = argument === 0 ? commands.map(nameOf) : [];
  if (!spec) return { words: [...names, 'help'], values: 'none' };
  return { words: names, values: spec.load ? argumentKind(spec, argument) : 'none' };
}

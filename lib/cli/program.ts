import { Command, Option } from 'commander';
import { VERSION } from '../version.ts';
import type { CommandSpec } from './command-spec.ts';
import { COMMANDS } from './commands.ts';
import { CLOUD_OPTIONS, COMMON_OPTIONS } from './common-options.ts';
import type { Invocation } from './invocation.ts';
import type { Terminal } from './terminal.ts';

export interface ProgramOptions {
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  /** What is said of bad usage is left to the caller, to say it as JSON. */
  readonly json: boolean;
  /** Takes the exit code of the command that ran. */
  readonly done: (code: number) => void;
}

/** Builds the command line from its table; a command's code is loaded only when that command runs. */
export function buildProgram(options: ProgramOptions): Command {
  const { terminal } = options;
  const program = new Command('km')
    .description('Gives every sandbox on AWS its own short-lived, repo-scoped GitHub credential.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    // What stands after a subcommand is the subcommand's, also where the command above it runs by itself.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.streams.stdout.write(text),
      writeErr: (text) => {
        if (!options.json) terminal.streams.stderr.write(text);
      },
    })
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what it takes)')
    .addHelpText('after', FIRST_STEPS);
  for (const spec of COMMANDS) addCommand(program, spec, options);
  addHelpCommand(program);
  return program;
}

const FIRST_STEPS = `
Try it without an account:
  km local up                                     a local AWS and GitHub, on loopback
  km create examples/profile.yaml --local         a sandbox from a profile
  km exec ID --local -- git clone https://github.com/my-user/my-repo

On AWS: km bootstrap, then the GitHub App, then km create (README.md).`;

/** commander's own knows no command below another (`km help local up`), and does not say which one is unknown. */
function addHelpCommand(program: Command): void {
  const help = program.command('help [command...]').description('print the help of a command');
  help.copyInheritedSettings(program).action(async (names: readonly string[] = []) => {
    let found = program;
    for (const name of names) {
      const next = found.commands.find((command) => command.name() === name);
      if (next) found = next;
      // Where a command only holds others, commander says what is unknown and suggests the nearest.
      else if (GROUPS.has(found)) await found.parseAsync([name], { from: 'user' });
      else if (found.commands.length > 0) found.error(`error: unknown command '${name}'`);
      else break;
    }
    found.outputHelp();
  });
  GROUPS.add(program);
}

/** The commands that only hold others and do nothing by themselves. */
const GROUPS = new WeakSet<Command>();

function addCommand(parent: Command, spec: CommandSpec, options: ProgramOptions): void {
  const command = parent.command(spec.usage).description(spec.summary);
  command.copyInheritedSettings(parent);
  if (spec.group) command.helpGroup(spec.group);
  for (const child of spec.commands ?? []) addCommand(command, child, options);
  if (spec.examples) {
    command.addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join('\n')}`);
  }
  if (!spec.load) {
    GROUPS.add(command);
    return;
  }
  const { load } = spec;
  for (const [flags, description] of spec.options ?? []) command.addOption(new Option(flags, description));
  for (const [flags, description] of spec.cloud === false
    ? COMMON_OPTIONS
    : [...CLOUD_OPTIONS, ...COMMON_OPTIONS]) {
    command.addOption(new Option(flags, description));
  }
  command.action(async () => {
    const { run } = await load();
    const parsed = command.opts() as Invocation['options'];
    options.done((await run(invocation(spec, command.args, parsed, options))) ?? 0);
  });
}

function invocation(
  spec: CommandSpec,
  args: readonly string[],
  parsed: Invocation['options'],
  { terminal, env }: ProgramOptions,
): Invocation {
  let opened: ReturnType<Invocation['session']> | undefined;
  return {
    args,
    options: parsed,
    terminal,
    env,
    session: () => {
      const administrator = spec.administrator ?? false;
      opened ??= import('./session.ts').then(({ openSession }) =>
        openSession({ options: parsed, env, administrator }),
      );
      return opened;
    },
  };
}

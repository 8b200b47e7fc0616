import { CommanderError } from 'commander';
import { buildProgram } from './program.ts';
import { type Streams, Terminal } from './terminal.ts';

export interface CommandLine extends Streams {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const USAGE = 2;
/** The Node that the code is written for. */
const NODE_MAJOR = 24;

/** Runs one command line from its arguments to its exit code: 0, 1, 2 or 70, or a child command's own. */
export async function runCommandLine(commandLine: CommandLine): Promise<number> {
  const { argv, env } = commandLine;
  const flag = (name: string): boolean => argv.slice(0, argv.indexOf('--') >>> 0).includes(name);
  const terminal = new Terminal(commandLine, { quiet: flag('--quiet') || flag('-q') });
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR) {
    const { underNewerNode } = await import('./newer-node.ts');
    return underNewerNode(argv, NODE_MAJOR);
  }
  if (argv[0] === '__complete') {
    const { answerCompletion } = await import('./answer-completion.ts');
    return answerCompletion(argv.slice(1), env, terminal);
  }
  let code = 0;
  const program = buildProgram({
    terminal,
    env,
    json: flag('--json'),
    done: (result) => {
      code = result;
    },
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (flag('--json')) terminal.error(JSON.stringify(badUsage(error)));
      return USAGE;
    }
    const { reportError } = await import('./report-error.ts');
    return reportError(error, terminal, { json: flag('--json'), verbose: flag('--verbose') });
  }
}

/** What commander says of bad usage, in the shape of docs/json.md. */
function badUsage({ code, message }: CommanderError): object {
  const [first = '', suggestion] = message.split('\n');
  return {
    error: 'ErrUsage',
    message: code === 'commander.help' ? 'A command is missing.' : first.replace(/^error: /, ''),
    remedy: suggestion?.replace(/^\((.*)\)$/, '$1') ?? '--help shows what it takes',
  };
}

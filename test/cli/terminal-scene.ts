import { EventEmitter } from 'node:events';
import { Terminal } from '../../lib/cli/terminal.ts';

export interface TerminalScene {
  readonly terminal: Terminal;
  readonly said: { stdout: string; stderr: string };
  readonly stdout: EventEmitter & { columns: number; rows: number };
}

/** A terminal whose streams can be read, of 80 by 24, which takes colour or not. */
export function terminalScene(colour = false): TerminalScene {
  const said = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof said) =>
    Object.assign(new EventEmitter(), {
      columns: 80,
      rows: 24,
      isTTY: colour,
      write: (text: string) => {
        said[name] += text;
        return true;
      },
      getColorDepth: () => (colour ? 8 : 1),
      hasColors: () => colour,
    });
  const stdout = stream('stdout');
  const streams = { stdin: process.stdin, stdout, stderr: stream('stderr') };
  return {
    terminal: new Terminal(streams as unknown as ConstructorParameters<typeof Terminal>[0]),
    said,
    stdout,
  };
}

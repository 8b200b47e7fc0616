import { spawn, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run, type World } from './harness.ts';

/** Whether `script` of util-linux is there, which makes a terminal for a command. */
export const hasPseudoTerminals = /util-linux/.test(String(spawnSync('script', ['--version']).stdout));

export interface TerminalEnd {
  readonly code: number;
  /** The terminal's settings before the command and after it, as `stty -g` tells them. */
  readonly before: string;
  readonly after: string;
  /** Everything that was written on it. */
  readonly said: string;
}

export interface OnTerminal extends AsyncDisposable {
  /** Waits until what was written matches; a match is looked for after the one before. */
  shows(pattern: RegExp): Promise<void>;
  resize(size: { readonly rows: number; readonly columns: number }): Promise<void>;
  /** Presses Ctrl-C and waits for the end. */
  ctrlC(): Promise<TerminalEnd>;
}

const PATIENCE_MS = 20_000;
const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** Runs `km` in the foreground of a terminal of its own, of 100 by 24. */
export async function onTerminal(world: World, args: readonly string[]): Promise<OnTerminal> {
  const file = (name: string): string => join(world.dir, `terminal-${name}`);
  const command = [process.execPath, join(root, 'dist', 'km.js'), ...args].map(quoted).join(' ');
  await writeFile(
    file('script'),
    [
      'stty rows 24 cols 100',
      `tty > ${quoted(file('name'))}`,
      `stty -g > ${quoted(file('before'))}`,
      command,
      `echo $? > ${quoted(file('code'))}`,
      `stty -g > ${quoted(file('after'))}`,
    ].join('\n'),
  );
  const child = spawn('script', ['-qefc', `bash ${quoted(file('script'))}`, '/dev/null'], {
    env: { PATH: process.env.PATH ?? '', HOME: world.home, TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let said = '';
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const text = async (name: string): Promise<string> => (await readFile(file(name), 'utf8')).trim();
  return {
    shows: async (pattern) => {
      const end = Date.now() + PATIENCE_MS;
      for (;;) {
        const match = pattern.exec(said.slice(seen));
        if (match) {
          seen += match.index + match[0].length;
          return;
        }
        if (Date.now() > end) throw new Error(`not shown: ${pattern}\n${JSON.stringify(said.slice(seen))}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    resize: async ({ rows, columns }) => {
      const size = ['rows', String(rows), 'cols', String(columns)];
      const { code, stderr } = await run('stty', ['-F', await text('name'), ...size], {
        env: { PATH: process.env.PATH ?? '' },
      });
      if (code !== 0) throw new Error(`stty: ${stderr}`);
    },
    ctrlC: async () => {
      child.stdin.write('\x03');
      await ended;
      return {
        code: Number(await text('code')),
        before: await text('before'),
        after: await text('after'),
        said,
      };
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

import type { Terminal } from './terminal.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What is to be seen on a screen of that size: at most `rows` lines, none wider than `columns`. */
export type Picture = (size: ScreenSize) => readonly string[];

export interface LiveScreen {
  draw(picture: Picture): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** The alternate screen, so that what stood on the terminal stands there again afterwards; and no cursor. */
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';

/** Whether stdout is a terminal that can be drawn on. */
export const canDraw = ({ stdout }: Terminal['streams'], term: string | undefined): boolean =>
  Boolean(stdout.isTTY) && term !== 'dumb';

/**
 * Takes the terminal for a picture that is drawn in place, anew when the window's size changes and when the process goes
 * on after Ctrl-Z. However the process ends, short of SIGKILL, the terminal is given back.
 */
export function openScreen(terminal: Terminal): LiveScreen {
  const { stdout } = terminal.streams;
  let last: Picture | undefined;
  const paint = (): void => {
    if (last === undefined) return;
    const lines = last({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
    // Each line is cleared as it is written, and what is below at the end: nothing flickers.
    stdout.write(`\x1b[H${lines.map((line) => `\x1b[2K${line}`).join('\n')}\x1b[J`);
  };
  const leave = (): void => void stdout.write(LEAVE);
  const stop = (): void => {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  const goOn = (): void => {
    stdout.write(ENTER);
    paint();
  };
  stdout.on('resize', paint);
  process.on('SIGTSTP', stop);
  process.on('SIGCONT', goOn);
  process.on('exit', leave);
  stdout.write(ENTER);
  return {
    draw: (picture) => {
      last = picture;
      paint();
    },
    close: () => {
      stdout.off('resize', paint);
      process.off('SIGTSTP', stop);
      process.off('SIGCONT', goOn);
      process.off('exit', leave);
      leave();
    },
  };
}

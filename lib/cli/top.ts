import { KmError } from '../errors.ts';
import { explainAwsError } from '../sandbox/explain-aws-error.ts';
import { type FleetView, viewFleet, watchFleet } from '../sandbox/watch-fleet.ts';
import { type FleetLine, fleetSummary, fleetTable } from './fleet-table.ts';
import { parseDuration } from './format.ts';
import type { Invocation } from './invocation.ts';
import { canDraw, openScreen, type Picture } from './live-screen.ts';
import { sandboxJson } from './show-sandbox.ts';
import { plain, type Terminal } from './terminal.ts';
import { untilStopped } from './until-stopped.ts';

const DEFAULT_INTERVAL_MS = 5_000;
const SHORTEST_INTERVAL_MS = 1_000;

/** `km top`: the fleet, the oldest token first, drawn in place on a terminal, else a table after the other. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { options, terminal, env } = invocation;
  const every = readInterval(options.interval?.toString());
  const { context } = await invocation.session();
  const print = options.json ? printJson(terminal) : printTable(terminal);
  if (options.once) {
    print(await viewFleet(context));
    return;
  }
  await untilStopped(terminal, async (signal) => {
    const views = watchFleet(context, { every, signal, timer: () => performance.now() });
    if (options.json || !canDraw(terminal.streams, env.TERM)) {
      for await (const view of views) print(view);
      return;
    }
    const screen = openScreen(terminal);
    try {
      for await (const view of views) screen.draw(picture(view, terminal));
    } finally {
      screen.close();
    }
  });
}

/** Milliseconds. Throws `ErrUsage`. */
export function readInterval(text: string | undefined): number {
  const interval = text === undefined ? DEFAULT_INTERVAL_MS : parseDuration(text);
  if (interval !== undefined && interval >= SHORTEST_INTERVAL_MS) return interval;
  throw new KmError('ErrUsage', `--interval '${text}' is no duration of a second or more.`, {
    remedy: 'Write 5s or 1m.',
  });
}

const messageOf = (problem: unknown): string => {
  const known = explainAwsError(problem);
  return known instanceof Error ? known.message : String(known);
};

const printJson =
  (terminal: Terminal) =>
  ({ at, sandboxes, problem }: FleetView): void => {
    if (problem !== undefined) terminal.warn(messageOf(problem));
    else
      terminal.jsonLine({
        time: new Date(at).toISOString(),
        sandboxes: sandboxes.map((sandbox) => sandboxJson(sandbox, at)),
      });
  };

const styled = (terminal: Terminal, { text, style }: FleetLine): string =>
  style === undefined ? text : terminal.style(style, text);

const printTable =
  (terminal: Terminal) =>
  (view: FleetView): void => {
    if (view.problem !== undefined) {
      terminal.warn(messageOf(view.problem));
      return;
    }
    terminal.result(fleetSummary(view));
    if (view.sandboxes.length === 0) return;
    for (const line of fleetTable(view)) terminal.result(styled(terminal, line));
  };

/** Above the table: the summary, and what is wrong. Below it: how many more there are, and the way out. */
export const picture =
  (view: FleetView, terminal: Terminal): Picture =>
  ({ columns, rows }) => {
    const cut = (text: string): string => text.slice(0, Math.max(0, columns - 1));
    const head: FleetLine[] = [
      { text: `km top  ${fleetSummary(view)}`, style: 'bold' },
      ...(view.problem === undefined
        ? []
        : [{ text: `not up to date: ${plain(messageOf(view.problem))}`, style: 'yellow' } as const]),
    ];
    // The table's heading, and the last line.
    const room = Math.max(0, rows - head.length - 2);
    const hidden = Math.max(0, view.sandboxes.length - room);
    const foot = hidden === 0 ? 'Ctrl-C ends it' : `${hidden} more   Ctrl-C ends it`;
    const lines = [...head, ...fleetTable(view, room), { text: foot, style: 'dim' } as const];
    return lines.slice(0, rows).map(({ text, ...line }) => styled(terminal, { ...line, text: cut(text) }));
  };

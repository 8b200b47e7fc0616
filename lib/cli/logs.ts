import { KmError } from '../errors.ts';
import { explainAwsError } from '../sandbox/explain-aws-error.ts';
import { explainEvent } from '../sandbox/explain-event.ts';
import type { Explanation } from '../sandbox/explain-failure.ts';
import { followEvents, type RefresherEvent, readEvents } from '../sandbox/refresher-events.ts';
import { eventLine } from './event-line.ts';
import type { Invocation } from './invocation.ts';
import { readSince } from './read-since.ts';
import type { Terminal } from './terminal.ts';
import { untilStopped } from './until-stopped.ts';

const DEFAULT_SINCE = '1d';
const FOLLOW_EVERY_MS = 2_000;

/** `km logs ID`, `km otel ID --events`: what the refresher did for a sandbox, the oldest first. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const id = args[0] ?? '';
  const { context } = await invocation.session();
  const text = options.since?.toString() ?? DEFAULT_SINCE;
  const since = readSince(text, await context.now());
  const limit = readLimit(options.limit?.toString());
  const show = options.json
    ? (event: RefresherEvent) => terminal.jsonLine(eventJson(event, id))
    : printer(terminal, id);
  if (!options.follow) {
    const events = await readEvents(context, { id, since });
    const last = limit === undefined ? events : events.slice(-limit);
    for (const event of last) show(event);
    if (events.length === 0) {
      terminal.progress(`No event of ${id} since ${new Date(since).toISOString()} (--since ${text}).`);
      terminal.progress(
        'A refresher of an earlier km logs in a form that is not found; km bootstrap updates it.',
      );
    }
    return;
  }
  await untilStopped(terminal, async (signal) => {
    const onProblem = (error: unknown): void => {
      const known = explainAwsError(error);
      terminal.warn(`${known instanceof Error ? known.message : String(known)}; trying again`);
    };
    const follow = { id, since, last: limit, every: FOLLOW_EVERY_MS, signal, onProblem };
    for await (const event of followEvents(context, follow)) show(event);
  });
}

/** Throws `ErrUsage`. */
export function readLimit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new KmError('ErrUsage', `--limit '${text}' is no number of events.`, { remedy: 'Write --limit 20.' });
}

/** An event as `--json` shows it; docs/json.md documents the fields. */
export function eventJson(event: RefresherEvent, id: string): Record<string, unknown> {
  const { cause, remedy } = explainEvent(event, id) ?? {};
  return {
    ...event.fields,
    time: new Date(event.time).toISOString(),
    ...(cause === undefined ? {} : { explanation: { cause, remedy } }),
  };
}

/**
 * Says an event in a line, and a failure's cause and remedy below: once, until that owner has a token again. What a whole
 * invocation says at its end, without an owner, is what one of them was told already.
 */
export function printer(terminal: Terminal, id: string): (event: RefresherEvent) => void {
  const explained = new Map<string, Set<unknown>>();
  const explain = ({ code, cause, remedy }: Explanation, owner: unknown): void => {
    const owners = explained.get(code) ?? new Set();
    if (owner === undefined ? owners.size > 0 : owners.has(owner)) return;
    explained.set(code, owners.add(owner));
    terminal.result(`${' '.repeat(26)}${terminal.style('dim', cause)}`);
    terminal.result(`${' '.repeat(24)}${terminal.style('cyan', '→')} ${remedy}`);
  };
  return (event) => {
    const { title, style, detail } = eventLine(event);
    const { owner } = event.fields;
    const time = new Date(event.time).toISOString();
    terminal.result(`${time}  ${terminal.style(style, title.padEnd(14))}  ${detail}`.trimEnd());
    const explanation = explainEvent(event, id);
    if (explanation) explain(explanation, owner);
    else if (event.event === 'token_generated') {
      for (const [code, owners] of explained) {
        owners.delete(owner);
        owners.delete(undefined);
        if (owners.size === 0) explained.delete(code);
      }
    }
  };
}

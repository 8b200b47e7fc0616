import { styleText } from 'node:util';

export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

type Style = Parameters<typeof styleText>[0];

/** What a terminal obeys or shows out of place: control characters, and those that turn the direction of writing. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.source;
/** The colours that {@link Terminal.style} sets. */
const COLOURS = '\\u001b\\[(?:1|2|22|3[1-6]|39)m';
const IN_TEXT = new RegExp(`(${COLOURS}|[\\n\\t])|${UNSAFE}`, 'gu');
const IN_CELL = new RegExp(UNSAFE, 'gu');
const IN_JSON = new RegExp(`(\\n)|${UNSAFE}`, 'gu');

/** Names, reasons and messages come from AWS, GitHub and other people's stacks: they are shown, never obeyed. */
export const shown = (text: string): string =>
  text.replace(IN_TEXT, (_match, ours: string | undefined) => ours ?? '?');

/** A text within a line of one's own making, where not even a colour may come along. */
export const plain = (text: string): string => text.replace(IN_CELL, '?');

const oneLine = (text: string): string => shown(text).replaceAll('\n', ' ');

/** As JSON's own escape, so that what is read back is what was written. */
const escaped = (json: string): string =>
  json.replace(
    IN_JSON,
    (match, ours: string | undefined) => ours ?? `\\u${match.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/**
 * The one way by which km speaks. Results go to stdout, everything said on the way to stderr,
 * so that a pipe gets results alone. Colour only on a terminal and without NO_COLOR.
 */
export class Terminal {
  readonly #streams: Streams;
  readonly #quiet: boolean;

  constructor(streams: Streams, options: { readonly quiet?: boolean } = {}) {
    this.#streams = streams;
    this.#quiet = options.quiet ?? false;
    // A reader that has seen enough (`| head`) must not cut off what a command is in the middle of.
    for (const stream of [streams.stdout, streams.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
      });
    }
  }

  get streams(): Streams {
    return this.#streams;
  }

  /** Writes one line of a result to stdout. */
  result(line: string): void {
    this.#streams.stdout.write(`${oneLine(line)}\n`);
  }

  /** Writes a result as JSON to stdout. */
  json(value: unknown): void {
    this.#streams.stdout.write(`${escaped(JSON.stringify(value, null, 2))}\n`);
  }

  /** Writes one line of JSON to stdout, where one comes after the other. */
  jsonLine(value: unknown): void {
    this.#streams.stdout.write(`${escaped(JSON.stringify(value))}\n`);
  }

  /** Says something on the way, on stderr; not with `--quiet`. */
  progress(line: string): void {
    if (!this.#quiet) this.#streams.stderr.write(`${oneLine(line)}\n`);
  }

  /** Says a warning on stderr. */
  warn(line: string): void {
    this.error(`${this.style('yellow', 'warning:', 'stderr')} ${line}`);
  }

  /** Says an error on stderr; it may have several lines. */
  error(line: string): void {
    this.#streams.stderr.write(`${shown(line)}\n`);
  }

  /** Styles a text where the stream is a terminal that shows colour. */
  style(format: Style, text: string, stream: 'stdout' | 'stderr' = 'stdout'): string {
    return styleText(format, text, { stream: this.#streams[stream] });
  }
}

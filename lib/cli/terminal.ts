import { styleText } from 'node:util';

export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

type Style = Parameters<typeof styleText>[0];

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
    this.#streams.stdout.write(`${line}\n`);
  }

  /** Writes a result as JSON to stdout. */
  json(value: unknown): void {
    this.#streams.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** Says something on the way, on stderr; not with `--quiet`. */
  progress(line: string): void {
    if (!this.#quiet) this.#streams.stderr.write(`${line}\n`);
  }

  /** Says a warning on stderr. */
  warn(line: string): void {
    this.#streams.stderr.write(`${this.style('yellow', 'warning:', 'stderr')} ${line}\n`);
  }

  /** Says an error on stderr. */
  error(line: string): void {
    this.#streams.stderr.write(`${line}\n`);
  }

  /** Styles a text where the stream is a terminal that shows colour. */
  style(format: Style, text: string, stream: 'stdout' | 'stderr' = 'stdout'): string {
    return styleText(format, text, { stream: this.#streams[stream] });
  }
}

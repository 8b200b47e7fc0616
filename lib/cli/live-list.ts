import type { Terminal } from './terminal.ts';

interface Row {
  readonly title: string;
  mark: string;
}

const WAITING = '…';

/** A list on a terminal whose lines are redrawn as each entry ends, and which is gone at the end. Elsewhere it says nothing. */
export class LiveList {
  readonly #terminal: Terminal;
  readonly #rows = new Map<string, Row>();
  readonly #shown: boolean;
  #drawn = 0;

  constructor(
    terminal: Terminal,
    options: {
      readonly entries: readonly { readonly id: string; readonly title: string }[];
      readonly quiet: boolean;
    },
  ) {
    this.#terminal = terminal;
    const { stderr } = terminal.streams;
    // What the terminal does not hold, in height or in width, cannot be redrawn in place.
    const width = 2 + Math.max(...options.entries.map(({ title }) => title.length));
    const fits = options.entries.length < (stderr.rows ?? 0) && width <= (stderr.columns ?? 0);
    this.#shown = Boolean(stderr.isTTY) && !options.quiet && fits;
    for (const { id, title } of options.entries) this.#rows.set(id, { title, mark: WAITING });
    this.#draw();
  }

  /** Puts a mark before an entry. */
  end(id: string, mark: string): void {
    const row = this.#rows.get(id);
    if (row) row.mark = mark;
    this.#draw();
  }

  /** Takes the list off the terminal. */
  clear(): void {
    this.#rows.clear();
    this.#draw();
  }

  #draw(): void {
    if (!this.#shown) return;
    const lines = [...this.#rows.values()].map(({ title, mark }) => `${mark} ${title}\n`);
    const back = this.#drawn === 0 ? '' : `\x1b[${this.#drawn}F\x1b[J`;
    this.#terminal.streams.stderr.write(back + lines.join(''));
    this.#drawn = lines.length;
  }
}

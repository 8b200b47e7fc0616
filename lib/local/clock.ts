/**
 * The local cloud's clock: the machine's, moved forward by `advance`.
 * Signatures are checked against the machine's time as well, since clients do not know of the move.
 */
export class LocalClock {
  #offsetMs: number;
  readonly #listeners: ((now: number) => Promise<void> | void)[] = [];

  /** @param offsetMs how far ahead of the machine the clock starts, in milliseconds */
  constructor(offsetMs = 0) {
    this.#offsetMs = offsetMs;
  }

  /** Milliseconds since the epoch, on the moved clock. */
  now(): number {
    return Date.now() + this.#offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Calls `listener` after each step of an advance; the advance waits for it. */
  onAdvance(listener: (now: number) => Promise<void> | void): void {
    this.#listeners.push(listener);
  }

  /** Moves the clock `ms` forward, in one step, and waits until all listeners have acted on it. */
  async advance(ms: number): Promise<void> {
    this.#offsetMs += ms;
    for (const listener of this.#listeners) await listener(this.now());
  }
}

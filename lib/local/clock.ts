/** Node's longest timer; later times are reached in several of them. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Timer {
  readonly due: number;
  readonly run: () => Promise<unknown> | unknown;
}

/**
 * The local cloud's clock: the machine's, moved forward by `advance`.
 * Signatures are checked against the machine's time as well, since clients do not know of the move.
 *
 * Everything that has to happen at a time is put on the clock with `at`, so that it happens both when
 * that time comes by itself and, in order and with the clock standing at that moment, when it is advanced past.
 */
export class LocalClock {
  #offsetMs: number;
  readonly #listeners: ((now: number) => Promise<void> | void)[] = [];
  readonly #timers = new Set<Timer>();
  #alarm: NodeJS.Timeout | undefined;
  #busy = 0;
  #advancing: Promise<void> = Promise.resolve();

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

  /** Runs `run` once, at `due` (milliseconds since the epoch) or as soon as it is past. Returns what cancels it. */
  at(due: number, run: () => Promise<unknown> | unknown): () => void {
    const timer = { due, run };
    this.#timers.add(timer);
    this.#arm();
    return () => {
      this.#timers.delete(timer);
      this.#arm();
    };
  }

  /** Marks work that an advance waits for before it moves on: a function that runs, a stack that is deleted. */
  async busy<T>(work: Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work;
    } finally {
      this.#busy -= 1;
    }
  }

  /** Within busy work: a wait for the clock, or for somebody outside, which must not hold an advance up. */
  async idle<T>(wait: Promise<T>): Promise<T> {
    this.#busy -= 1;
    try {
      return await wait;
    } finally {
      this.#busy += 1;
    }
  }

  /**
   * Moves the clock `ms` forward, stopping at every due moment on the way, and waits at each until what
   * happens then is over. Advances that overlap run one after the other.
   */
  advance(ms: number): Promise<void> {
    const turn = this.#advancing.then(() => this.#advance(ms));
    this.#advancing = turn.catch(() => undefined);
    return turn;
  }

  /** Forgets all timers: nothing happens any more. */
  stop(): void {
    this.#timers.clear();
    clearTimeout(this.#alarm);
  }

  async #advance(ms: number): Promise<void> {
    const end = this.#offsetMs + ms;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.due > Date.now() + end) break;
      await this.#step(Math.min(end, Math.max(this.#offsetMs, next.due - Date.now())));
    }
    await this.#step(end);
  }

  async #step(offsetMs: number): Promise<void> {
    this.#offsetMs = offsetMs;
    this.#runDue();
    for (const listener of this.#listeners) await listener(this.now());
    await this.#settle();
  }

  /** Returns when nothing is busy, and has not become busy again on the next turns of the event loop. */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet = this.#busy === 0 ? quiet + 1 : 0) {
      await new Promise((resolve) => setTimeout(resolve, this.#busy === 0 ? 0 : 2));
    }
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.due < next.due) next = timer;
    return next;
  }

  #runDue(): void {
    for (let next = this.#next(); next !== undefined && next.due <= this.now(); next = this.#next()) {
      this.#timers.delete(next);
      const { run } = next;
      void this.busy(Promise.resolve().then(run)).catch(() => undefined);
    }
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#alarm);
    const next = this.#next();
    if (next === undefined) return;
    const wait = Math.min(LONGEST_TIMER_MS, Math.max(0, next.due - this.now()));
    this.#alarm = setTimeout(() => this.#runDue(), wait).unref();
  }
}

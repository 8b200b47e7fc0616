export interface VirtualTime {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs something at a time, or next when that is past. */
  readonly at: (time: number, run: () => void) => void;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Runs everything that is due until then; resolves with the number of events. */
  readonly run: (until: number) => Promise<number>;
}

interface Due {
  readonly time: number;
  /** What is due at one time runs in the order in which it was asked for. */
  readonly order: number;
  readonly run: () => void;
}

const isBefore = (one: Due, other: Due): boolean =>
  one.time < other.time || (one.time === other.time && one.order < other.order);

/** A binary heap, soonest first. */
const createQueue = () => {
  const heap: Due[] = [];
  const push = (due: Due): void => {
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Due;
      if (!isBefore(due, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = due;
  };
  const pop = (): Due | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Due, heap[below] as Due)) below += 1;
      const child = heap[below] as Due;
      if (!isBefore(child, last)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
    return first;
  };
  return { push, pop, peek: () => heap[0] };
};

/**
 * A clock that stands still while code runs, and jumps to whatever is due next.
 *
 * Between two events the microtasks run dry, so that code that awaits a sleep, a request or a write goes as far as it can
 * before time goes on: the same seed gives the same run, on any machine.
 */
export const createVirtualTime = (start: number): VirtualTime => {
  const queue = createQueue();
  let now = start;
  let order = 0;

  const at = (time: number, run: () => void): void => {
    order += 1;
    queue.push({ time: Math.max(time, now), order, run });
  };

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      at(now + ms, resolve);
    });

  const run = (until: number): Promise<number> =>
    new Promise((resolve, reject) => {
      let events = 0;
      const step = (): void => {
        const next = queue.peek();
        if (next === undefined || next.time > until) {
          now = until;
          resolve(events);
          return;
        }
        queue.pop();
        now = next.time;
        events += 1;
        try {
          next.run();
        } catch (error) {
          reject(error);
          return;
        }
        // Node runs all microtasks between two of these.
        setImmediate(step);
      };
      setImmediate(step);
    });

  return { now: () => now, at, sleep, run };
};

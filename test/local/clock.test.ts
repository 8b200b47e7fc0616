import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LocalClock } from '../../lib/local/clock.ts';

const START = Date.parse('2026-11-20T10:00:00Z');
const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ['Date', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Advances the clock while the machine's own time is let run, so that waits inside come to an end. */
const advance = async (clock: LocalClock, ms: number): Promise<void> => {
  let over = false;
  const advancing = clock.advance(ms).finally(() => {
    over = true;
  });
  while (!over) await vi.advanceTimersByTimeAsync(1);
  await advancing;
};

describe('at', () => {
  test('fires by itself when its time comes', async () => {
    const clock = new LocalClock();
    const fired: number[] = [];
    clock.at(START + MINUTE, () => fired.push(clock.now()));
    await vi.advanceTimersByTimeAsync(MINUTE - 1);
    expect(fired).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(fired).toEqual([START + MINUTE]);
  });

  test('fires at once for a time that is past', async () => {
    const clock = new LocalClock(5 * MINUTE);
    let fired = false;
    clock.at(START, () => {
      fired = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(fired).toBe(true);
  });

  test('fires for a time beyond the longest timer of the machine', async () => {
    const clock = new LocalClock();
    let fired = false;
    clock.at(START + 40 * 86_400_000, () => {
      fired = true;
    });
    await vi.advanceTimersByTimeAsync(39 * 86_400_000);
    expect(fired).toBe(false);
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(fired).toBe(true);
  });

  test('does not fire once it is cancelled, or the clock is stopped', async () => {
    const clock = new LocalClock();
    const fired: string[] = [];
    clock.at(START + 10, () => fired.push('cancelled'))();
    clock.at(START + 20, () => fired.push('stopped'));
    clock.stop();
    await vi.advanceTimersByTimeAsync(100);
    expect(fired).toEqual([]);
  });

  test('a timer that throws stops neither the others nor the clock', async () => {
    const clock = new LocalClock();
    const fired: string[] = [];
    clock.at(START + 10, () => {
      throw new Error('bad timer');
    });
    clock.at(START + 20, () => fired.push('next'));
    await advance(clock, MINUTE);
    expect(fired).toEqual(['next']);
  });
});

describe('advance', () => {
  test('stops at every due moment in order, the clock standing there', async () => {
    const clock = new LocalClock();
    const seen: [string, number][] = [];
    const mark = (name: string) => () => seen.push([name, Math.floor((clock.now() - START) / MINUTE)]);
    clock.at(START + 50 * MINUTE, mark('later'));
    clock.at(START + 10 * MINUTE, mark('sooner'));
    clock.at(START + 90 * MINUTE, mark('after the advance'));
    await advance(clock, 60 * MINUTE);
    expect(seen).toEqual([
      ['sooner', 10],
      ['later', 50],
    ]);
    expect(clock.offsetMs).toBe(60 * MINUTE);
  });

  test('meets what is put on the clock on the way', async () => {
    const clock = new LocalClock();
    const ticks: number[] = [];
    const tick = (due: number): void => {
      clock.at(due, () => {
        ticks.push((due - START) / MINUTE);
        tick(due + 45 * MINUTE);
      });
    };
    tick(START + 45 * MINUTE);
    await advance(clock, 180 * MINUTE);
    expect(ticks).toEqual([45, 90, 135, 180]);
  });

  test('waits at each moment until what it began is over', async () => {
    const clock = new LocalClock();
    const seen: string[] = [];
    clock.at(START + MINUTE, () => {
      void clock.busy(
        new Promise<void>((resolve) =>
          setTimeout(() => {
            seen.push('work done');
            resolve();
          }, 200),
        ),
      );
    });
    clock.at(START + 2 * MINUTE, () => seen.push('next moment'));
    await advance(clock, 5 * MINUTE);
    expect(seen).toEqual(['work done', 'next moment']);
  });

  test('is not held up by busy work that waits for the clock itself', async () => {
    const clock = new LocalClock();
    const seen: string[] = [];
    const work = async (): Promise<void> => {
      await clock.idle(new Promise<void>((resolve) => clock.at(START + 30 * MINUTE, resolve)));
      seen.push(`waited until ${Math.floor((clock.now() - START) / MINUTE)}`);
    };
    void clock.busy(work());
    await advance(clock, 60 * MINUTE);
    expect(seen).toEqual(['waited until 30']);
  });

  test('tells its listeners of every step, and waits for them', async () => {
    const clock = new LocalClock();
    const seen: number[] = [];
    clock.onAdvance(async (now) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      seen.push(Math.floor((now - START) / MINUTE));
    });
    clock.at(START + 3 * MINUTE, () => {});
    await advance(clock, 7 * MINUTE);
    expect(seen).toEqual([3, 7]);
  });

  test('moves by the sum of advances that are asked for at the same time', async () => {
    const clock = new LocalClock();
    const fired: number[] = [];
    clock.at(START + 15 * MINUTE, () => fired.push(1));
    const both = Promise.all([clock.advance(10 * MINUTE), clock.advance(10 * MINUTE)]);
    let over = false;
    void both.finally(() => {
      over = true;
    });
    while (!over) await vi.advanceTimersByTimeAsync(1);
    expect(clock.offsetMs).toBe(20 * MINUTE);
    expect(fired).toEqual([1]);
  });
});

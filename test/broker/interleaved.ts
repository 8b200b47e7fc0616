import { setImmediate } from 'node:timers/promises';
import { type Broker, createBroker } from '../../lib/broker/broker.ts';
import type { ParameterStore } from '../../lib/broker/parameter-store.ts';
import { API } from '../github/frozen-world.ts';
import { type BrokerScene, names } from './broker-scene.ts';

export type Actor = (broker: Broker) => Promise<unknown>;

interface Waiting {
  readonly step: string;
  readonly go: () => void;
}

/** What others can see of an actor: it stops before each of these, until it is its turn. */
const STEPS: readonly (keyof ParameterStore)[] = ['write', 'history', 'remove', 'list'];

/**
 * Runs actors of one scene by turns: each stops before every call of the store and every mint, and `choose` says which
 * of those that wait goes on. The clock runs on by a second at each mint, so that no two tokens are of the same age.
 *
 * @returns the steps in their order, as `0 write`.
 */
export const interleaved = async (
  scene: BrokerScene,
  actors: readonly Actor[],
  choose: (count: number) => number,
): Promise<readonly string[]> => {
  const waiting = new Map<number, Waiting>();
  const done = new Set<number>();
  const turn = (actor: number, step: string): Promise<void> =>
    new Promise((go) => waiting.set(actor, { step, go }));

  const brokerOf = (actor: number): Broker => {
    const store = { ...scene.store } as Record<string, unknown>;
    for (const step of STEPS) {
      const original = scene.store[step] as (...args: unknown[]) => Promise<unknown>;
      store[step] = async (...args: unknown[]) => {
        await turn(actor, step);
        return original(...args);
      };
    }
    const fetch: typeof globalThis.fetch = async (input, init) => {
      if (String(input).endsWith('/access_tokens')) {
        await turn(actor, 'mint');
        scene.world.advance(1_000);
      }
      return scene.github.fetch(input, init);
    };
    return createBroker({
      names,
      store: store as unknown as ParameterStore,
      world: { ...scene.world, fetch },
      apiUrl: API,
      log: (entry) => scene.log.push(entry),
    });
  };

  const running = actors.map((actor, index) =>
    actor(brokerOf(index))
      .catch(() => undefined)
      .finally(() => done.add(index)),
  );
  const steps: string[] = [];
  while (done.size < actors.length) {
    if (waiting.size + done.size < actors.length) {
      await setImmediate();
      continue;
    }
    const ready = [...waiting.keys()].sort();
    const actor = ready[choose(ready.length)] ?? 0;
    const { step, go } = waiting.get(actor) as Waiting;
    waiting.delete(actor);
    steps.push(`${actor} ${step}`);
    go();
  }
  await Promise.all(running);
  return steps;
};

/** Every order of two choices at a time, and whatever there is to choose from: each run takes the next that is left. */
export async function* everyOrder(): AsyncGenerator<(count: number) => number, void, void> {
  let prefix: number[] = [];
  for (;;) {
    const taken: { choice: number; count: number }[] = [];
    yield (count) => {
      const choice = prefix[taken.length] ?? 0;
      taken.push({ choice, count });
      return choice;
    };
    while (taken.length > 0 && (taken.at(-1)?.choice ?? 0) + 1 >= (taken.at(-1)?.count ?? 0)) taken.pop();
    const last = taken.pop();
    if (last === undefined) return;
    prefix = [...taken.map(({ choice }) => choice), last.choice + 1];
  }
}

/** A random order that a seed brings about again. */
export const orderOf = (seed: number): ((count: number) => number) => {
  let state = seed >>> 0 || 1;
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
};

import type { DependencyGraph } from './dependencies.ts';

/** The graph with its arrows turned: each with those that must be gone before it. */
export function reversed(graph: DependencyGraph): DependencyGraph {
  const turned = new Map<string, Set<string>>([...graph.keys()].map((id) => [id, new Set()]));
  for (const [id, needs] of graph) for (const need of needs) turned.get(need)?.add(id);
  return turned;
}

/**
 * Does `work` for every node, each as soon as those it needs are done, and resolves with the nodes that failed.
 * What needs a failed node is never started; with `stopped`, nothing is from then on. What runs is waited for.
 */
export function runInOrder(
  graph: DependencyGraph,
  work: (id: string) => Promise<void>,
  stopped: (failed: readonly string[]) => boolean,
): Promise<string[]> {
  const waiting = new Map([...graph].map(([id, needs]) => [id, new Set(needs)]));
  const failed: string[] = [];
  let running = 0;
  return new Promise((resolve) => {
    const start = (id: string): void => {
      waiting.delete(id);
      running += 1;
      work(id)
        .then(
          () => {
            for (const needs of waiting.values()) needs.delete(id);
          },
          () => void failed.push(id),
        )
        .finally(() => {
          running -= 1;
          next();
        });
    };
    const next = (): void => {
      if (!stopped(failed)) for (const [id, needs] of [...waiting]) if (needs.size === 0) start(id);
      if (running === 0) resolve(failed);
    };
    next();
  });
}

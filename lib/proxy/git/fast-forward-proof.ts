import type { PushCommand } from './receive-pack-request.ts';

/** One update, and how much of the new commit's history is known. */
interface Open {
  readonly update: PushCommand;
  readonly reached: Set<string>;
  /** Reached, and their parents not known. */
  readonly boundary: Set<string>;
  isProven: boolean;
}

/** Commits visited in all, over every update; each costs some 100 bytes. */
const MOST_STEPS = 400_000;

/**
 * Walks back from what refs are to become to what they are, through commits whose ids are hashes of their content. It
 * only ever proves: that the old commit is among the new one's ancestors is a fact about two ids, which holds wherever
 * the objects are, and whatever else is said about them.
 */
export class FastForwardProof {
  readonly #parents = new Map<string, readonly string[]>();
  readonly #open: readonly Open[];
  #steps = 0;

  /** @param updates With an old and a new commit each. */
  constructor(updates: readonly PushCommand[]) {
    this.#open = updates.map((update) => ({
      update,
      reached: new Set([update.newId]),
      boundary: new Set([update.newId]),
      isProven: update.newId === update.oldId,
    }));
  }

  /** Takes a commit, in any order. Its id must be the hash of the content that names these parents. */
  addCommit(id: string, parents: readonly string[]): void {
    if (this.#parents.has(id)) return;
    this.#parents.set(id, parents);
    for (const open of this.#open) {
      if (!open.isProven && open.boundary.has(id)) this.#walk(open, id);
    }
  }

  /** Takes for known that an update's new commit descends from its old one, as of a boundary commit that does. */
  addProof(update: PushCommand): void {
    for (const open of this.#open) {
      if (open.update === update) open.isProven = true;
    }
  }

  isProven(): boolean {
    return this.#open.every(({ isProven }) => isProven);
  }

  /** Whether the history was too large to be walked to its end. */
  hasGivenUp(): boolean {
    return this.#steps >= MOST_STEPS;
  }

  unproven(): readonly PushCommand[] {
    return this.#open.filter(({ isProven }) => !isProven).map(({ update }) => update);
  }

  /** The commits that the new one descends from, or is, and of which the parents are not known. */
  boundary(update: PushCommand): readonly string[] {
    return [...(this.#open.find((open) => open.update === update)?.boundary ?? [])];
  }

  #walk(open: Open, from: string): void {
    const unvisited = [from];
    for (let id = unvisited.pop(); id !== undefined && !this.hasGivenUp(); id = unvisited.pop()) {
      const parents = this.#parents.get(id);
      if (!parents) {
        open.boundary.add(id);
        continue;
      }
      this.#steps += 1;
      open.boundary.delete(id);
      if (parents.includes(open.update.oldId)) {
        open.isProven = true;
        open.reached.clear();
        open.boundary.clear();
        return;
      }
      const next = parents.filter((parent) => !open.reached.has(parent));
      for (const parent of next) open.reached.add(parent);
      unvisited.push(...next);
    }
  }
}

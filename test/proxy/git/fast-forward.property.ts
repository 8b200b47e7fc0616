import fc from 'fast-check';
import { expect } from 'vitest';
import { FastForwardProof } from '../../../lib/proxy/git/fast-forward-proof.ts';

interface History {
  /** Of each commit, which earlier ones are its parents. */
  readonly parents: readonly (readonly number[])[];
  readonly order: readonly number[];
  readonly left: readonly boolean[];
  readonly updates: readonly (readonly [oldCommit: number, newCommit: number])[];
}

const SIZE = 12;

const history: fc.Arbitrary<History> = fc.record({
  parents: fc
    .array(fc.array(fc.nat(SIZE), { maxLength: 3 }), { minLength: SIZE, maxLength: SIZE })
    .map((all) =>
      all.map((some, index) => (index === 0 ? [] : [...new Set(some.map((parent) => parent % index))])),
    ),
  order: fc.shuffledSubarray([...Array(SIZE).keys()], { minLength: SIZE }),
  left: fc.array(fc.boolean(), { minLength: SIZE, maxLength: SIZE }),
  updates: fc.array(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)), { minLength: 1, maxLength: 4 }),
});

/** Ancestry by another way: everything below a commit, a generation at a time. */
const descends = (parents: History['parents'], from: number, to: number): boolean => {
  for (
    let level = [from];
    level.length > 0;
    level = [...new Set(level.flatMap((commit) => parents[commit] ?? []))]
  ) {
    if (level.includes(to)) return true;
  }
  return false;
};

const nameOf = (commit: number): string => `${commit}`;

/** In whatever order commits come, and whichever are left out: only fast-forwards are shown, and all that can be. */
export const fastForwardProving = {
  title: 'fast-forward: exactly what the known commits lead back to is shown',
  run: (cases: number): void => {
    fc.assert(
      fc.property(history, fc.boolean(), ({ parents, order, left, updates }, isWhole) => {
        const commands = updates.map(([oldCommit, newCommit], index) => ({
          ref: `refs/heads/b${index}`,
          oldId: nameOf(oldCommit),
          newId: nameOf(newCommit),
        }));
        const proof = new FastForwardProof(commands);
        const known = isWhole ? order : order.filter((commit) => left[commit]);
        for (const commit of known) proof.addCommit(nameOf(commit), (parents[commit] ?? []).map(nameOf));
        const seen = parents.map((some, commit) => (known.includes(commit) ? some : []));
        const expected = commands.filter((_, index) => {
          const [oldCommit, newCommit] = updates[index] ?? [0, 0];
          return !descends(seen, newCommit, oldCommit);
        });
        expect(proof.unproven()).toEqual(expected);
        expect(proof.isProven()).toBe(expected.length === 0);
        for (const command of expected) {
          const edge = proof.boundary(command).map(Number);
          expect(edge.filter((commit) => known.includes(commit))).toEqual([]);
          expect(edge.every((commit) => descends(seen, Number(command.newId), commit))).toBe(true);
          // Where it is one after all, some commit of the edge leads there.
          const isForward = descends(parents, Number(command.newId), Number(command.oldId));
          expect(edge.some((commit) => descends(parents, commit, Number(command.oldId)))).toBe(isForward);
        }
      }),
      { numRuns: cases },
    );
  },
};

import fc from 'fast-check';
import { expect } from 'vitest';
import { PackCommitReader } from '../../../lib/proxy/git/read-pack-commits.ts';
import { commitText, deltaOf, distance, entry, idOf, packOf } from './pack-stream.ts';

const FIRST = commitText('first\n', []);
const SECOND = commitText('second\n', [idOf(FIRST)]);
const THIRD = commitText('third\n', [idOf(SECOND), idOf(FIRST)]);
const DELTA = deltaOf(THIRD, 60, Buffer.from('more'));
const PACK = packOf([
  entry('commit', THIRD),
  entry('commit', SECOND),
  entry('ofs-delta', DELTA, distance(entry('commit', SECOND).length + entry('commit', THIRD).length)),
  entry('blob', Buffer.from('text')),
  entry('commit', FIRST),
  entry('ref-delta', DELTA, Buffer.from(idOf(THIRD), 'hex')),
]);
const PARENTS = new Map([FIRST, SECOND, THIRD].map((content) => [idOf(content), content]));

/** Whatever is done to a pack, no commit is said to have other parents than its id stands for. */
export const packCommitReading = {
  title: 'pack: a changed pack makes no commit of another history',
  run: (cases: number): void => {
    const changes = fc.array(fc.tuple(fc.nat(PACK.length - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(changes, fc.nat(PACK.length), fc.nat(PACK.length), (bytes, cut, length) => {
        const pack = Buffer.from(PACK);
        for (const [at, byte] of bytes) pack[at] = byte;
        const reader = new PackCommitReader('sha1');
        const commits = [
          ...reader.push(pack.subarray(0, cut)),
          ...reader.push(pack.subarray(cut, Math.max(cut, length))),
          ...reader.end(),
        ];
        for (const { id, parents } of commits) {
          const content = PARENTS.get(id);
          if (content) expect(content.toString().match(/(?<=parent )\w+/g) ?? []).toEqual(parents);
        }
        expect(reader.hasEnded).toBe(true);
      }),
      { numRuns: cases },
    );
  },
};

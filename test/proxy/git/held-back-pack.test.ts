import { expect, test } from 'vitest';
import { proveFastForward } from '../../../lib/proxy/git/prove-fast-forward.ts';
import { commitText, entry, idOf, packOf } from './pack-stream.ts';

const FIRST = commitText('first\n', []);
const SECOND = commitText('second\n', [idOf(FIRST)]);
const THIRD = commitText('third\n', [idOf(SECOND)]);
const PACK = packOf([entry('commit', SECOND), entry('commit', THIRD)]);

test.each([
  [true, []],
  [false, ['not all of its pack could be read within the bounds of km']],
])('a pack for which there is room (%s) to be held back is shown or not: %j', async (hasRoom, whys) => {
  const chunks = [PACK.subarray(0, 20), PACK.subarray(20)];
  const { unproven } = await proveFastForward({
    request: {
      commands: [{ ref: 'refs/heads/main', oldId: idOf(FIRST), newId: idOf(THIRD) }],
      capabilities: new Set(),
      objectFormat: 'sha1',
      pushOptions: [],
      shallow: [],
      headLength: 0,
      hasPack: true,
    },
    body: chunks[Symbol.iterator]() as unknown as AsyncIterator<Buffer>,
    repo: 'o/r',
    lookups: { isAncestor: async () => false },
    hold: () => hasRoom,
  });
  expect(unproven.map(({ why }) => why)).toEqual(whys);
});

import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { KmError } from '../../../lib/errors.ts';
import { decidePush } from '../../../lib/guard/decide-push.ts';
import {
  explainForced,
  type FastForwardResult,
  PROOF_BOUNDS,
  proveFastForward,
} from '../../../lib/proxy/git/prove-fast-forward.ts';
import type { ObjectFormat, PushCommand } from '../../../lib/proxy/git/receive-pack-request.ts';
import { fastForwardProving } from './fast-forward.property.ts';
import { commitText, entry, idOf, packOf } from './pack-stream.ts';
import { ZERO } from './push-stream.ts';

const MAIN = 'refs/heads/main';
const FIRST = commitText('first\n', []);
const SECOND = commitText('second\n', [idOf(FIRST)]);
const THIRD = commitText('third\n', [idOf(SECOND)]);
const OTHER = commitText('other\n', []);
const MERGE = commitText('merge\n', [idOf(OTHER), idOf(THIRD)]);

interface Given {
  readonly commands?: readonly PushCommand[];
  readonly chunks: readonly Buffer[];
  readonly format?: ObjectFormat;
  /** `old commit` pairs that GitHub knows to be ancestors. */
  readonly known?: readonly (readonly [oldId: string, commit: string])[];
  readonly isAncestor?: () => Promise<boolean>;
}

const move = (before: Buffer, after: Buffer, ref = MAIN): PushCommand => ({
  ref,
  oldId: idOf(before),
  newId: idOf(after),
});

const prove = async ({
  commands = [move(FIRST, THIRD)],
  chunks,
  format = 'sha1',
  known = [],
  isAncestor,
}: Given) => {
  const left = [...chunks];
  const asked: string[][] = [];
  const body: AsyncIterator<Buffer> = {
    next: async () => {
      const value = left.shift();
      return value ? { value } : { done: true, value: undefined };
    },
    return: () => {
      throw new Error('The body was closed');
    },
  };
  const result: FastForwardResult = await proveFastForward({
    request: {
      commands,
      capabilities: new Set(),
      objectFormat: format,
      pushOptions: [],
      shallow: [],
      headLength: 0,
      hasPack: true,
    },
    body,
    repo: 'o/r',
    lookups: {
      isAncestor: async (repo, ancestor, commit) => {
        asked.push([repo, ancestor, commit]);
        return isAncestor
          ? await isAncestor()
          : known.some(([oldId, id]) => oldId === ancestor && id === commit);
      },
    },
  });
  expect(Buffer.concat([...result.heldBack, ...left]).equals(Buffer.concat(chunks))).toBe(true);
  return { ...result, asked, left, whys: result.unproven.map(({ why }) => why) };
};

const packed = (...commits: readonly Buffer[]): Buffer =>
  packOf(commits.map((content) => entry('commit', content)));

test('commits that lead back to the old one are a fast-forward, and nobody is asked', async () => {
  const { unproven, updates, asked } = await prove({ chunks: [packed(THIRD, SECOND)] });
  expect(unproven).toEqual([]);
  expect(updates).toEqual([{ ...move(FIRST, THIRD), isForced: false }]);
  expect(asked).toEqual([]);
});

test('reading stops at the commit that shows it, and the rest is left unread', async () => {
  const pack = packOf([
    entry('commit', THIRD),
    entry('commit', SECOND),
    entry('blob', randomBytes(3_000_000)),
  ]);
  const chunks = [pack.subarray(0, 1_000), pack.subarray(1_000, 2_000_000), pack.subarray(2_000_000)];
  const { unproven, left } = await prove({ chunks });
  expect(unproven).toEqual([]);
  expect(left).toHaveLength(2);
});

test('a merge is a fast-forward by whichever parent', async () => {
  const { unproven } = await prove({
    commands: [move(FIRST, MERGE)],
    chunks: [packed(MERGE, OTHER, THIRD, SECOND)],
  });
  expect(unproven).toEqual([]);
});

test('commits in any order, and after other objects, are found', async () => {
  const pack = packOf([
    entry('blob', randomBytes(10)),
    entry('commit', SECOND),
    entry('tree', Buffer.alloc(0)),
    entry('commit', THIRD),
  ]);
  expect(await prove({ chunks: [...pack].map((byte) => Buffer.of(byte)) })).toMatchObject({ unproven: [] });
});

test('a push of commits that GitHub has is one question', async () => {
  const known = [[idOf(FIRST), idOf(THIRD)]] as const;
  const { unproven, asked } = await prove({ chunks: [packOf([])], known });
  expect(unproven).toEqual([]);
  expect(asked).toEqual([['o/r', idOf(FIRST), idOf(THIRD)]]);
});

test('a commit that the pack leads back to is asked about, before more of the pack is read', async () => {
  const pack = packOf([
    entry('commit', THIRD),
    entry('blob', randomBytes(1_000)),
    entry('blob', randomBytes(1_000)),
  ]);
  const known = [[idOf(FIRST), idOf(SECOND)]] as const;
  const { unproven, asked, left } = await prove({
    chunks: [pack.subarray(0, 400), pack.subarray(400)],
    known,
  });
  expect(unproven).toEqual([]);
  expect(asked).toEqual([['o/r', idOf(FIRST), idOf(SECOND)]]);
  expect(left).toHaveLength(1);
});

test('a history without the old commit is not shown, and the user is told', async () => {
  const { unproven, updates } = await prove({ commands: [move(FIRST, OTHER)], chunks: [packed(OTHER)] });
  expect(updates).toEqual([move(FIRST, OTHER)]);
  const denials = decidePush({ allowForcePushes: false, allowDeletions: false }, updates);
  expect(explainForced(denials, unproven)).toEqual([
    {
      ref: MAIN,
      reason: 'force',
      message:
        "[km] Forced push to 'main' denied -- allowForcePushes is not set (not shown to be a fast-forward: the commits" +
        ` that are pushed do not lead back to ${idOf(FIRST).slice(0, 10)})`,
    },
  ]);
});

test('going back is not going forward', async () => {
  const known = [[idOf(FIRST), idOf(THIRD)]] as const;
  const { unproven } = await prove({
    commands: [move(THIRD, FIRST)],
    chunks: [packed(THIRD, SECOND, FIRST)],
    known,
  });
  expect(unproven).toHaveLength(1);
});

test('each ref of a push is shown by itself', async () => {
  const commands = [
    move(FIRST, THIRD),
    move(OTHER, THIRD, 'refs/heads/forced'),
    { ref: 'refs/heads/new', oldId: ZERO, newId: idOf(THIRD) },
    { ref: 'refs/heads/gone', oldId: idOf(FIRST), newId: ZERO },
    move(FIRST, FIRST, 'refs/heads/same'),
    move(FIRST, THIRD, 'refs/tags/v1'),
  ];
  const { unproven, updates } = await prove({ commands, chunks: [packed(THIRD, SECOND)] });
  expect(unproven.map(({ ref }) => ref)).toEqual(['refs/heads/forced']);
  expect(updates.map(({ isForced }) => isForced)).toEqual([false, ...Array(5).fill(undefined)]);
  expect(
    decidePush({ allowForcePushes: false, allowDeletions: true }, updates).map(({ ref }) => ref),
  ).toEqual(['refs/heads/forced', 'refs/tags/v1']);
});

test('a push that moves nothing is not read at all', async () => {
  const commands = [{ ref: MAIN, oldId: ZERO, newId: idOf(THIRD) }];
  expect(await prove({ commands, chunks: [packed(THIRD)] })).toMatchObject({
    heldBack: [],
    unproven: [],
    asked: [],
  });
});

test('a SHA-256 push is shown by SHA-256', async () => {
  const first = commitText('first\n', [], 'sha256');
  const second = commitText('second\n', [idOf(first, 'sha256')], 'sha256');
  const commands = [{ ref: MAIN, oldId: idOf(first, 'sha256'), newId: idOf(second, 'sha256') }];
  const chunks = [packOf([entry('commit', second)], 'sha256')];
  expect(await prove({ commands, chunks, format: 'sha256' })).toMatchObject({ unproven: [] });
});

test('a commit that only claims to be the new one shows nothing', async () => {
  const forged = commitText('forged\n', [idOf(FIRST)]);
  const { unproven } = await prove({
    commands: [move(FIRST, OTHER)],
    chunks: [packed(forged, SECOND, THIRD)],
  });
  expect(unproven).toHaveLength(1);
});

test.each([
  ['a blob', 'blob'],
  ['a tag', 'tag'],
  ['a tree', 'tree'],
] as const)('%s that reads like a commit is none', async (_what, type) => {
  const { unproven } = await prove({ chunks: [packOf([entry(type, THIRD), entry(type, SECOND)])] });
  expect(unproven).toHaveLength(1);
});

test('what GitHub has answered is not asked again at the end of the pack', async () => {
  const pack = packOf([
    entry('commit', THIRD),
    entry('blob', randomBytes(500)),
    entry('blob', randomBytes(500)),
  ]);
  const { asked, unproven } = await prove({ chunks: [...pack].map((byte) => Buffer.of(byte)) });
  expect(asked).toEqual([['o/r', idOf(FIRST), idOf(SECOND)]]);
  expect(unproven).toHaveLength(1);
});

test('GitHub is asked no question twice, and no more than are allowed', async () => {
  const parents = Array.from({ length: 30 }, (_, index) => idOf(commitText(`${index}`, [])));
  const octopus = commitText('octopus\n', parents);
  const pack = packOf([
    entry('commit', octopus),
    entry('blob', randomBytes(10)),
    entry('blob', randomBytes(10)),
  ]);
  const { asked, whys } = await prove({
    commands: [move(FIRST, octopus), move(SECOND, octopus, 'refs/heads/b')],
    chunks: [...pack].map((byte) => Buffer.of(byte)),
  });
  expect(asked).toHaveLength(PROOF_BOUNDS.questions);
  expect(new Set(asked.map(String)).size).toBe(PROOF_BOUNDS.questions);
  expect(whys).toEqual(Array(2).fill('more than 20 questions to GitHub would be needed'));
});

test('nothing is shown while GitHub cannot be asked, and it is not asked again', async () => {
  const { asked, whys } = await prove({
    commands: [move(FIRST, MERGE), move(SECOND, MERGE, 'refs/heads/b')],
    chunks: [packed(MERGE)],
    isAncestor: async () => {
      throw new KmError('ErrGitHubUnavailable', 'GitHub is away');
    },
  });
  expect(asked).toHaveLength(1);
  expect(whys).toEqual(['GitHub could not be asked', 'GitHub could not be asked']);
});

test('a fault of another kind is not taken for an answer', async () => {
  const isAncestor = async () => {
    throw new TypeError('x');
  };
  await expect(prove({ chunks: [packed(THIRD)], isAncestor })).rejects.toThrow(TypeError);
});

test('no more is held back than is allowed, and the rest is left unread', async () => {
  const entries = Array.from({ length: 70 }, () => entry('blob', randomBytes(500_000)));
  const pack = packOf([...entries, entry('commit', THIRD), entry('commit', SECOND)]);
  const chunks = Array.from({ length: Math.ceil(pack.length / 65_536) }, (_, index) =>
    pack.subarray(index * 65_536, (index + 1) * 65_536),
  );
  const { heldBack, whys } = await prove({ chunks });
  expect(heldBack.reduce((sum, { length }) => sum + length, 0)).toBe(PROOF_BOUNDS.heldBack);
  expect(whys).toEqual(['not all of its pack could be read within the bounds of km']);
});

test('a broken pack shows what its commits show, and no more', async () => {
  const cut = packed(THIRD, SECOND);
  expect(await prove({ chunks: [cut.subarray(0, -25)] })).toMatchObject({
    whys: ['not all of its pack could be read within the bounds of km'],
  });
  expect(await prove({ chunks: [] })).toMatchObject({ unproven: [{ ref: MAIN }] });
});

test('of a push that moves very many refs, only so many are shown', async () => {
  const commands = Array.from({ length: 103 }, (_, index) => move(FIRST, THIRD, `refs/heads/b${index}`));
  const { whys, updates } = await prove({ commands, chunks: [packed(THIRD, SECOND)] });
  expect(whys).toEqual(Array(3).fill('it moves more than 100 refs at once'));
  expect(updates.filter(({ isForced }) => isForced === false)).toHaveLength(100);
});

test(fastForwardProving.title, () => fastForwardProving.run(2_000));

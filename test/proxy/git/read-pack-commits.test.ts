import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { applyDelta } from '../../../lib/proxy/git/apply-delta.ts';
import { type Commit, parseCommit } from '../../../lib/proxy/git/parse-commit.ts';
import { PACK_BOUNDS, PackCommitReader } from '../../../lib/proxy/git/read-pack-commits.ts';
import { packCommitReading } from './pack-commits.property.ts';
import {
  commitText,
  deltaOf,
  distance,
  entry,
  entryHeader,
  idOf,
  packHeader,
  packOf,
  TYPE,
} from './pack-stream.ts';
import { git, runGit, temporaryFolder } from './real-git.ts';

const readAll = (pack: Buffer, chunk = 65_536, format: 'sha1' | 'sha256' = 'sha1') => {
  const reader = new PackCommitReader(format);
  const commits: Commit[] = [];
  for (let at = 0; at < pack.length; at += chunk) commits.push(...reader.push(pack.subarray(at, at + chunk)));
  commits.push(...reader.end());
  return { commits, isWhole: reader.isWhole };
};

const FIRST = commitText('first\n', []);
const SECOND = commitText('second\n', [idOf(FIRST)]);
const COMMITS = [
  { id: idOf(SECOND), parents: [idOf(FIRST)] },
  { id: idOf(FIRST), parents: [] },
];

test('the commits of a pack are named by their content', () => {
  const pack = packOf([entry('commit', SECOND), entry('blob', randomBytes(100)), entry('commit', FIRST)]);
  for (const chunk of [1, 2, 13, 65_536]) {
    expect(readAll(pack, chunk)).toEqual({ commits: COMMITS, isWhole: true });
  }
});

test('commits and tags come first, and what ends them is told', () => {
  const reader = new PackCommitReader('sha1');
  reader.push(packHeader(3));
  reader.push(Buffer.concat([entry('commit', SECOND), entry('tag', Buffer.from('object'))]));
  expect(reader.hasLeftCommits).toBe(false);
  reader.push(Buffer.concat([entry('tree', Buffer.alloc(0)), Buffer.alloc(50)]));
  expect(reader.hasLeftCommits).toBe(true);
});

test('a commit is resolved from deltas of commits before it, by distance and by id', () => {
  const first = entry('commit', FIRST);
  const second = commitText('second with more of it\n', []);
  const third = commitText('third with more of it\n', []);
  const kept = FIRST.indexOf('first');
  const byDistance = entry('ofs-delta', deltaOf(FIRST, kept, second.subarray(kept)), distance(first.length));
  const byId = entry(
    'ref-delta',
    deltaOf(second, kept, third.subarray(kept)),
    Buffer.from(idOf(second), 'hex'),
  );
  const { commits } = readAll(packOf([first, byDistance, byId]));
  expect(commits.map(({ id }) => id)).toEqual([FIRST, second, third].map((content) => idOf(content)));
});

test('a delta whose base is not in the pack, or no commit, is passed over', () => {
  const blob = entry('blob', FIRST);
  const delta = deltaOf(FIRST, FIRST.length, Buffer.from('x'));
  const pack = packOf([
    blob,
    entry('ofs-delta', delta, distance(blob.length)),
    entry('ref-delta', delta, Buffer.from(idOf(FIRST), 'hex')),
    entry('ofs-delta', delta, distance(1_000_000)),
    entry('commit', FIRST),
  ]);
  expect(readAll(pack)).toEqual({ commits: [COMMITS[1]], isWhole: true });
});

const bomb = (claimed: number): Buffer =>
  Buffer.concat([entryHeader(TYPE.commit, claimed), deflateSync(Buffer.alloc(64 * 1_048_576))]);

test.each<[what: string, entries: readonly Buffer[]]>([
  ['a commit that inflates to more than it says', [bomb(200)]],
  ['a commit that says 4 GiB', [bomb(2 ** 32)]],
  ['a commit past what git would show', [entry('commit', commitText('x'.repeat(PACK_BOUNDS.commit), []))]],
  ['a blob that says 2^60 bytes', [Buffer.concat([entryHeader(TYPE.blob, 2 ** 60), Buffer.alloc(100)])]],
  ['a size without end', [Buffer.concat([Buffer.of(0x9f), Buffer.alloc(100, 0xff)])]],
  ['a distance without end', [Buffer.concat([entryHeader(TYPE['ofs-delta'], 9), Buffer.alloc(100, 0xff)])]],
  [
    'a commit that says too much',
    [Buffer.concat([entryHeader(TYPE.commit, FIRST.length + 1), deflateSync(FIRST)])],
  ],
  [
    'a commit that says too little',
    [Buffer.concat([entryHeader(TYPE.commit, FIRST.length - 1), deflateSync(FIRST)])],
  ],
  ['an unknown type', [Buffer.of(0x50), deflateSync(FIRST)]],
  ['no type', [Buffer.of(0x00), deflateSync(FIRST)]],
  ['what is not compressed', [entryHeader(TYPE.commit, FIRST.length), FIRST]],
  [
    'a preset dictionary',
    [entryHeader(TYPE.commit, FIRST.length), deflateSync(FIRST, { dictionary: FIRST })],
  ],
  [
    'a delta of another base',
    [
      entry('commit', FIRST),
      entry('ofs-delta', deltaOf(SECOND, 9, FIRST.subarray(9)), distance(entry('commit', FIRST).length)),
    ],
  ],
])('reading ends at %s, and believes nothing behind it', (_what, entries) => {
  const pack = packOf([entry('commit', SECOND), ...entries, entry('commit', commitText('behind\n', []))]);
  const { commits, isWhole } = readAll(pack);
  expect(isWhole).toBe(false);
  expect(commits[0]).toEqual(COMMITS[0]);
  expect(commits.map(({ id }) => id)).not.toContain(idOf(commitText('behind\n', [])));
});

test.each([
  [
    'another signature',
    Buffer.concat([Buffer.from('PACk'), packHeader(1).subarray(4), entry('commit', FIRST)]),
  ],
  ['another version', Buffer.concat([packHeader(1, 4), entry('commit', FIRST)])],
  ['an end in its header', packHeader(1).subarray(0, 11)],
])('a pack with %s has no commits', (_what, pack) => {
  expect(readAll(pack)).toEqual({ commits: [], isWhole: false });
});

test('a pack that ends early has the commits that it has, and is not whole', () => {
  const pack = packOf([entry('commit', SECOND), entry('commit', FIRST)], 'sha1', 3);
  expect(readAll(pack)).toEqual({ commits: COMMITS, isWhole: false });
});

test('no more is inflated of a pack than is allowed in all', () => {
  const blob = entry('blob', Buffer.alloc(PACK_BOUNDS.object));
  const fitting = PACK_BOUNDS.inflated / PACK_BOUNDS.object;
  const entries = [...Array.from({ length: fitting }, () => blob), entry('commit', FIRST)];
  expect(readAll(packOf(entries))).toEqual({ commits: [], isWhole: false });
  expect(readAll(packOf(entries.slice(2))).isWhole).toBe(true);
});

test('deltas that make much of little are counted by what they make', () => {
  const base = commitText('x'.repeat(60_000), []);
  const first = entry('commit', base);
  const delta = entry('ref-delta', deltaOf(base, 60_000, Buffer.alloc(0)), Buffer.from(idOf(base), 'hex'));
  const count = Math.ceil(PACK_BOUNDS.inflated / 60_000) + 10;
  const { isWhole } = readAll(packOf([first, ...Array.from({ length: count }, () => delta)]));
  expect(isWhole).toBe(false);
});

test.each<[what: string, text: string]>([
  ['no tree', 'author A\n'],
  ['a tree that is not hex', `tree ${'g'.repeat(40)}\nauthor A\n`],
  ['a parent before the tree', `parent ${'a'.repeat(40)}\ntree ${'a'.repeat(40)}\nauthor A\n`],
  ['a parent behind the author', `tree ${'a'.repeat(40)}\nxauthor A\nparent ${'a'.repeat(40)}\n`],
  ['an upper-case parent', `tree ${'a'.repeat(40)}\nparent ${'A'.repeat(40)}\nauthor A\n`],
  ['a long parent', `tree ${'a'.repeat(40)}\nparent ${'a'.repeat(64)}\nauthor A\n`],
  ['a short parent', `tree ${'a'.repeat(40)}\nparent ${'a'.repeat(39)}\nauthor A\n`],
  ['a parent and a carriage return', `tree ${'a'.repeat(40)}\nparent ${'a'.repeat(40)}\r\nauthor A\n`],
  ['nothing behind its parents', `tree ${'a'.repeat(40)}\nparent ${'a'.repeat(40)}\n`],
])('a commit with %s has no history', (_what, text) => {
  expect(parseCommit(Buffer.from(text), 'sha1')).toBeUndefined();
});

test('what a message says of parents is not a parent', () => {
  const content = commitText(`parent ${'a'.repeat(40)}\nauthor x\n`, ['b'.repeat(40)]);
  expect(parseCommit(content, 'sha1')?.parents).toEqual(['b'.repeat(40)]);
});

test.each<[what: string, delta: Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['a size without end', Buffer.alloc(9, 0xff)],
  ['another size of the base', Buffer.of(3, 1, 1, 0x61)],
  ['more than is allowed', Buffer.of(4, 0x80, 0x80, 0x40, 0x90, 4)],
  ['a reserved instruction', Buffer.of(4, 1, 0)],
  ['text that is cut off', Buffer.of(4, 2, 2, 0x61)],
  ['a copy that is cut off', Buffer.of(4, 4, 0x91, 0)],
  ['a copy past the base', Buffer.of(4, 4, 0x91, 1, 4)],
  ['a copy of 64 KiB', Buffer.of(4, 4, 0x80)],
  ['more than it says', Buffer.of(4, 3, 0x90, 4)],
  ['less than it says', Buffer.of(4, 5, 0x90, 4)],
])('a delta with %s is none', (_what, delta) => {
  expect(applyDelta(Buffer.from('base'), delta, 1_000)).toBeUndefined();
});

test('a delta copies and adds', () => {
  expect(applyDelta(Buffer.from('base'), Buffer.of(4, 5, 0x91, 1, 3, 2, 0x78, 0x79), 5)?.toString()).toBe(
    'asexy',
  );
});

/** A repo of 300 commits and a tag. Their messages are long and almost the same, so that git makes deltas of them. */
const makeHistory = () => {
  const repo = join(temporaryFolder(), 'repo');
  git('/', ['init', '-q', '--bare', repo]);
  const history = Array.from({ length: 300 }, (_, index) =>
    [
      'commit refs/heads/main',
      `mark :${index + 1}`,
      `committer A <a@example.com> ${1_767_225_600 + index} +0000`,
      `data <<E\n${'a line that every message has\n'.repeat(30)}${index}\nE`,
      ...(index > 10 && index % 7 === 0 ? [`merge :${index - 5}`, `merge :${index - 9}`] : []),
      `M 644 inline file\ndata <<E\n${index}\nE`,
    ].join('\n'),
  );
  git(repo, ['fast-import', '--quiet'], `${history.join('\n')}\n`);
  git(repo, ['tag', '-a', '-m', 'v1', 'v1', 'main']);
  return {
    listed: git(repo, ['rev-list', '--parents', '--all']).split('\n').sort(),
    pack: (...args: readonly string[]): Buffer =>
      runGit(repo, ['pack-objects', '--all', '--stdout', '-q', ...args]).stdout,
  };
};

test.each([
  ['without deltas', ['--depth=0']],
  ['with deltas by id', ['--depth=50', '--window=50']],
  ['with deltas by distance', ['--depth=50', '--window=50', '--delta-base-offset']],
])('a history as git packs it is read whole, %s', (_how, args) => {
  const { listed, pack } = makeHistory();
  const packed = pack(...args);
  for (const chunk of [7, 1_000, 65_536]) {
    const { commits, isWhole } = readAll(packed, chunk);
    expect(commits.map(({ id, parents }) => [id, ...parents].join(' ')).sort()).toEqual(listed);
    expect(isWhole).toBe(true);
  }
});

test('git writes commits and tags before anything else', () => {
  const reader = new PackCommitReader('sha1');
  let found = 0;
  for (const byte of makeHistory().pack('--delta-base-offset')) {
    if (reader.hasLeftCommits) break;
    found += reader.push(Buffer.of(byte)).length;
  }
  expect(found).toBe(300);
});

test(packCommitReading.title, () => packCommitReading.run(2_000));

import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { proveFastForward } from '../../../lib/proxy/git/prove-fast-forward.ts';
import { readReceivePack } from '../../../lib/proxy/git/read-receive-pack.ts';
import { makePushOracle } from './push-oracle.ts';
import { EMPTY_PACK, pushHead, ZERO } from './push-stream.ts';
import { commit, git, runGit, temporaryFolder } from './real-git.ts';

const SIZE = 10;

/** Of ten commits: their parents, what the server has, where two branches are, and where they are pushed to. */
const scene = fc.record({
  parents: fc
    .array(fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }), { minLength: SIZE, maxLength: SIZE })
    .map((all) =>
      all.map((some, index) =>
        index === 0 ? [] : [...new Set(some.map((parent) => Math.max(0, index - 1 - parent)))],
      ),
    ),
  branches: fc.tuple(fc.nat(5), fc.nat(5), fc.nat(SIZE - 1)),
  pushed: fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)),
  isThin: fc.boolean(),
});

async function* inChunks(stream: Buffer): AsyncGenerator<Buffer, undefined> {
  for (let at = 0; at < stream.length; at += 100) yield stream.subarray(at, at + 100);
}

test('what is shown to be a fast-forward is what git takes with denyNonFastForwards', async () => {
  const folder = temporaryFolder();
  let shown = 0;
  let forced = 0;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(scene, async ({ parents, branches, pushed, isThin }) => {
      run += 1;
      const client = join(folder, `client-${run}`);
      const server = join(folder, `server-${run}`);
      git(folder, ['init', '-q', '--bare', client]);
      const ids: string[] = [];
      for (const [index, some] of parents.entries()) {
        ids.push(commit(client, `${index}`, ...some.map((parent) => ids[parent] ?? '')));
      }
      const idAt = (index: number): string => ids[index] ?? '';
      git(folder, ['init', '-q', '--bare', server]);
      git(server, ['config', 'receive.denyNonFastForwards', 'true']);
      git(server, ['config', 'receive.autogc', 'false']);
      for (const [index, at] of branches.entries()) {
        git(server, ['fetch', '-q', client, `${idAt(at)}:refs/heads/b${index}`]);
      }
      const moves = pushed
        .map((to, index) => [idAt(branches[index] ?? 0), idAt(to), `refs/heads/b${index}`] as const)
        .filter(([before, after]) => before !== after);
      fc.pre(moves.length > 0);
      const wanted = [...moves.map(([, after]) => after), ...branches.map((at) => `^${idAt(at)}`)];
      const { stdout: pack } = runGit(
        client,
        ['pack-objects', '--revs', '--stdout', '-q', '--delta-base-offset', ...(isThin ? ['--thin'] : [])],
        wanted.join('\n'),
      );
      const stream = Buffer.concat([pushHead({ commands: moves }), pack]);

      const push = await readReceivePack(inChunks(stream));
      if (!push.allowed) throw new Error(push.reason);
      const { unproven, heldBack } = await proveFastForward({
        request: push.request,
        body: push.pack,
        repo: 'o/r',
        lookups: {
          isAncestor: async (_repo, ancestor, descendant) =>
            runGit(server, ['merge-base', '--is-ancestor', ancestor, descendant]).status === 0,
        },
      });
      const rest: Buffer[] = [];
      for await (const chunk of push.pack) rest.push(chunk);
      const forwarded = Buffer.concat([push.head, ...heldBack, ...rest]);
      expect(forwarded.equals(stream)).toBe(true);

      runGit(server, ['receive-pack', '--stateless-rpc', '.'], forwarded);
      const isTaken = ([, after, ref]: readonly [string, string, string]): boolean =>
        git(server, ['rev-parse', ref]) === after;
      const refused = moves.filter((each) => !isTaken(each)).map(([, , ref]) => ref);
      expect(unproven.map(({ ref }) => ref)).toEqual(refused);
      forced += refused.length;
      shown += moves.length - refused.length;
    }),
    { numRuns: 25, seed: 11 },
  );
  expect(shown).toBeGreaterThan(5);
  expect(forced).toBeGreaterThan(5);
});

test('git compares the old id of what it moves, so that a false one proves nothing', () => {
  const { ids, moves } = makePushOracle();
  const [first = '', second = '', third = ''] = ids;
  const push = (oldId: string, newId: string): Buffer =>
    Buffer.concat([pushHead({ commands: [[oldId, newId, 'refs/heads/main']] }), EMPTY_PACK]);
  expect(moves(push(second, third))).toHaveLength(1);
  expect(moves(push(first, third))).toEqual([]);
  expect(moves(push(third, third))).toEqual([]);
  expect(moves(push(ZERO, third))).toEqual([]);
  expect(moves(push(ZERO, first))).toEqual([]);
});

test('a push to a SHA-256 repo is read, shown and taken', async () => {
  const folder = temporaryFolder();
  const [client, server] = [join(folder, 'client'), join(folder, 'server')];
  for (const repo of [client, server]) git(folder, ['init', '-q', '--bare', '--object-format=sha256', repo]);
  git(server, ['config', 'receive.denyNonFastForwards', 'true']);
  const first = commit(client, 'first');
  const second = commit(client, 'second', first);
  git(server, ['fetch', '-q', client, `${first}:refs/heads/main`]);
  const { stdout: pack } = runGit(
    client,
    ['pack-objects', '--revs', '--stdout', '-q'],
    `${second}\n^${first}`,
  );
  const head = pushHead({
    commands: [[first, second, 'refs/heads/main']],
    capabilities: ' report-status object-format=sha256',
  });
  const stream = Buffer.concat([head, pack]);
  const push = await readReceivePack(inChunks(stream));
  if (!push.allowed) throw new Error(push.reason);
  const { unproven } = await proveFastForward({
    request: push.request,
    body: push.pack,
    repo: 'o/r',
    lookups: { isAncestor: async () => false },
  });
  expect(unproven).toEqual([]);
  runGit(server, ['receive-pack', '--stateless-rpc', '.'], stream);
  expect(git(server, ['rev-parse', 'refs/heads/main'])).toBe(second);
});

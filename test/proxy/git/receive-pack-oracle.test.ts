import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReceivePackReader } from '../../../lib/proxy/git/parse-receive-pack.ts';
import type { PushCommand } from '../../../lib/proxy/git/receive-pack-request.ts';
import { arbitraryPush } from './arbitrary-push.ts';
import { readAsGit } from './git-reading.ts';
import { type Moved, makePushOracle } from './push-oracle.ts';
import { EMPTY_PACK, FLUSH, line, pushHead } from './push-stream.ts';
import { receivePackBytes, receivePackReading } from './receive-pack.property.ts';

/** The commands that would be decided on, with names as bytes; `undefined` when the push goes no further. */
const commandsOf = (stream: Buffer): readonly PushCommand[] | undefined => {
  const reader = new ReceivePackReader();
  const pushed = reader.push(stream);
  const progress = pushed.state === 'more' ? reader.end() : pushed;
  if (progress.state !== 'complete') return undefined;
  return progress.request.commands.map((command) => ({
    ...command,
    ref: Buffer.from(command.ref).toString('latin1'),
  }));
};

/** git does not compare the old id of what it deletes. */
const isOf = (commands: readonly PushCommand[], { ref, oldId, newId }: Moved): boolean =>
  commands.some(
    (command) =>
      command.ref === ref && command.newId === newId && (command.oldId === oldId || /^0+$/.test(newId)),
  );

test(receivePackReading.title, () => receivePackReading.run(3_000));
test(receivePackBytes.title, () => receivePackBytes.run(1_000));

test('git moves no ref on a push that is let through but those that were seen', () => {
  const oracle = makePushOracle();
  const seen = { letThrough: 0, moved: 0 };
  fc.assert(
    fc.property(arbitraryPush(oracle.ids), (stream) => {
      const commands = commandsOf(stream);
      fc.pre(commands !== undefined && commands.length > 0);
      const moved = oracle.moves(stream);
      expect(moved.filter((move) => !isOf(commands ?? [], move))).toEqual([]);
      seen.letThrough += 1;
      if (moved.length > 0) seen.moved += 1;
    }),
    { numRuns: 200, maxSkipsPerRun: 1_000, seed: 4 },
  );
  expect(seen.letThrough).toBe(200);
  expect(seen.moved).toBeGreaterThan(80);
});

test('the model of git reads no less than git itself, on any push', () => {
  const oracle = makePushOracle();
  let moves = 0;
  fc.assert(
    fc.property(arbitraryPush(oracle.ids), (stream) => {
      const moved = oracle.moves(stream);
      const commands = readAsGit(stream)?.commands ?? [];
      expect(moved.filter((move) => !isOf(commands, move))).toEqual([]);
      moves += moved.length;
    }),
    { numRuns: 250, seed: 5 },
  );
  expect(moves).toBeGreaterThan(50);
});

test('pushes that git carries out although they are not as any client sends them are refused', () => {
  const oracle = makePushOracle();
  const [first = '', second = '', third = ''] = oracle.ids;
  const ahead = `${second} ${third} refs/heads/main`;
  const lenient: Record<string, Buffer> = {
    'a delimiter for the flush': Buffer.concat([line(ahead), Buffer.from('0001'), EMPTY_PACK]),
    'an end of response for the flush': Buffer.concat([line(ahead), Buffer.from('0002'), EMPTY_PACK]),
    'capabilities in a later line': Buffer.concat([
      line(ahead),
      line(`${first} ${second} refs/heads/dev\0push-options`),
      FLUSH,
      FLUSH,
      EMPTY_PACK,
    ]),
    'push options by another name': Buffer.concat([
      pushHead({
        commands: [[second, third, 'refs/heads/main']],
        capabilities: 'push-options=no',
        options: [],
      }),
      EMPTY_PACK,
    ]),
    'push options behind a tab': Buffer.concat([
      pushHead({
        commands: [[second, third, 'refs/heads/main']],
        capabilities: 'quiet\tpush-options',
        options: [],
      }),
      EMPTY_PACK,
    ]),
    'a ref that is not UTF-8': Buffer.concat([
      line(Buffer.from(`${first.replace(/./g, '0')} ${third} refs/heads/\xff`, 'latin1')),
      FLUSH,
      EMPTY_PACK,
    ]),
    'a shallow line with more behind the id': Buffer.concat([
      line(`shallow ${first} x`),
      line(ahead),
      FLUSH,
      EMPTY_PACK,
    ]),
    'a shallow line behind a command': Buffer.concat([
      line(ahead),
      line(`shallow ${first}`),
      FLUSH,
      EMPTY_PACK,
    ]),
    'bytes behind a deletion': Buffer.concat([
      pushHead({ commands: [[first, '0'.repeat(40), 'refs/tags/v1']] }),
      Buffer.from('PACK'),
    ]),
  };
  for (const [what, stream] of Object.entries(lenient)) {
    expect([what, commandsOf(stream)]).toEqual([what, undefined]);
    expect([what, oracle.moves(stream).length]).toEqual([what, what.includes('later line') ? 2 : 1]);
  }
});

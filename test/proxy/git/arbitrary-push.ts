import fc from 'fast-check';
import { EMPTY_PACK, FLUSH, line, ZERO } from './push-stream.ts';

const REFS = [
  'refs/heads/main',
  'refs/heads/dev',
  'refs/heads/new',
  'refs/tags/v1',
  'refs/notes/commits',
  'refs/heads/a/b',
  'refs/heads/grün',
  'HEAD',
  'refs/heads/../x',
  'refs/heads/x ',
  'refs/heads/x.lock',
  'refs/stash',
  'refs/heads/x\n',
];

const CAPABILITIES = [
  '',
  ' report-status side-band-64k object-format=sha1 agent=git/2.39.5',
  ' report-status-v2 atomic quiet',
  'push-options',
  ' report-status push-options atomic',
  'atomic\tpush-options',
  'object-format=sha256',
  'push-options=x',
  'push-cert=x',
  'report-status\0push-options',
];

/** Bytes that mean something to a reader of packets. */
const SHARP = [
  '0000',
  '0001',
  '0002',
  '0003',
  '0004',
  '0005\n',
  '\0',
  '\n',
  ' ',
  'PACK',
  'ffff',
  'push-cert\0',
  'refs/',
  '/',
  '.',
  'A',
  '0',
];

const weighted = <T>(usual: readonly T[], odd: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  );

const pieces = (ids: readonly string[]): fc.Arbitrary<Buffer> => {
  const [, main = ZERO] = ids;
  const id = weighted(
    [ZERO, ...ids],
    [...ids.map((text) => text.toUpperCase()), 'f'.repeat(40), ZERO.slice(1)],
  );
  const sane = fc.constantFrom(
    ...[
      [ids[0], main, 'refs/heads/dev'],
      [main, ids[2], 'refs/heads/main'],
      [main, ids[0], 'refs/heads/main'],
      [ZERO, ids[2], 'refs/heads/new'],
      [ids[0], ZERO, 'refs/tags/v1'],
    ].map((command) => command.join(' ')),
  );
  const any = fc.tuple(id, id, weighted(REFS.slice(0, 6), REFS.slice(6))).map((command) => command.join(' '));
  return fc
    .oneof({ weight: 3, arbitrary: sane }, { weight: 1, arbitrary: any })
    .map((text) => Buffer.from(text));
};

/** A push as a client sends it, or nearly so. */
const push = (ids: readonly string[]): fc.Arbitrary<Buffer> =>
  fc
    .record({
      shallow: weighted<readonly string[]>([[]], [ids.slice(0, 1), ids.slice(1)]),
      commands: fc.array(pieces(ids), { maxLength: 4 }),
      capabilities: weighted(CAPABILITIES.slice(0, 5), CAPABILITIES.slice(5)),
      newline: fc.boolean(),
      capableAt: weighted([0], [1]),
      flush: weighted([FLUSH], [Buffer.alloc(0), Buffer.from('0001')]),
      options: weighted<string[] | undefined>([undefined], [[], ['ci.skip'], ['PACK'], ['a', 'b']]),
      pack: weighted([EMPTY_PACK], [Buffer.alloc(0)]),
    })
    .map(({ shallow, commands, capabilities, newline, capableAt, flush, options, pack }) => {
      const asked = options ?? (capabilities.includes('push-options') ? [] : undefined);
      return Buffer.concat([
        ...shallow.map((id) => line(`shallow ${id}`)),
        ...commands.map((command, index) =>
          line(
            Buffer.concat([
              command,
              Buffer.from(index === capableAt && capabilities !== '' ? `\0${capabilities}` : ''),
              Buffer.from(newline ? '\n' : ''),
            ]),
          ),
        ),
        flush,
        ...(asked ? [...asked.map((option) => line(option)), FLUSH] : []),
        pack,
      ]);
    });

type Change = (stream: Buffer) => Buffer;

const change: fc.Arbitrary<Change> = fc
  .record({
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    kind: fc.constantFrom('insert', 'overwrite', 'delete', 'repeat', 'flip'),
    sharp: fc.constantFrom(...SHARP),
    length: fc.integer({ min: 1, max: 60 }),
    bit: fc.integer({ min: 0, max: 7 }),
  })
  .map(
    ({ at, kind, sharp, length, bit }): Change =>
      (stream) => {
        const from = Math.floor(at * stream.length);
        const bytes = Buffer.from(sharp, 'latin1');
        const before = stream.subarray(0, from);
        if (kind === 'insert') return Buffer.concat([before, bytes, stream.subarray(from)]);
        if (kind === 'overwrite') return Buffer.concat([before, bytes, stream.subarray(from + bytes.length)]);
        if (kind === 'delete') return Buffer.concat([before, stream.subarray(from + length)]);
        if (kind === 'repeat')
          return Buffer.concat([stream.subarray(0, from + length), stream.subarray(from)]);
        const flipped = Buffer.from(stream);
        if (from < flipped.length) flipped[from] = (flipped[from] ?? 0) ^ (1 << bit);
        return flipped;
      },
  );

/** Pushes over these ids, a good half of them changed in a place or two. */
export const arbitraryPush = (ids: readonly string[]): fc.Arbitrary<Buffer> =>
  fc
    .tuple(push(ids), fc.oneof(fc.constant([]), fc.array(change, { minLength: 1, maxLength: 2 })))
    .map(([stream, changes]) => changes.reduce((changed, apply) => apply(changed), stream));

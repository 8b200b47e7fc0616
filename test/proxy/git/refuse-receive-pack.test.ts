import { expect, test } from 'vitest';
import { LONGEST_PUSH_HEAD, ReceivePackReader } from '../../../lib/proxy/git/parse-receive-pack.ts';
import { read, reasonOf, requestOf } from './push-reading.ts';
import { EMPTY_PACK, FLUSH, line, type Push, pushHead, ZERO } from './push-stream.ts';

const OLD = 'a1'.repeat(20);
const NEW = 'b2'.repeat(20);
const OLD256 = 'a1'.repeat(32);
const NEW256 = 'b2'.repeat(32);
const MAIN = 'refs/heads/main';
const UPDATE: Push = { commands: [[OLD, NEW, MAIN]] };

const firstLine = (text: string | Buffer): Buffer => Buffer.concat([line(text), FLUSH, EMPTY_PACK]);
const ref = (name: string | Buffer): Buffer =>
  firstLine(Buffer.concat([Buffer.from(`${OLD} ${NEW} `), Buffer.from(name)]));
const capable = (capabilities: string): Buffer =>
  Buffer.concat([pushHead({ ...UPDATE, capabilities }), EMPTY_PACK]);
const raw = (text: string): Buffer => Buffer.concat([Buffer.from(text, 'latin1'), FLUSH, EMPTY_PACK]);

test.each<[what: string, stream: Buffer, reason: string]>([
  ['a delimiter', raw('0001'), 'a packet of length 1 has no place in a push'],
  ['the end of a response', raw('0002'), 'a packet of length 2 has no place in a push'],
  ['a length of 3', raw('0003'), 'a packet of length 3 has no place in a push'],
  ['an empty packet', raw('0004'), 'a packet of length 4 has no place in a push'],
  ['a length that is not hex', raw('00g0'), 'a packet begins with no length'],
  ['a length with a sign', raw('+0a0'), 'a packet begins with no length'],
  ['a length with a blank', raw(' 0a0'), 'a packet begins with no length'],
  ['a length in 0x', raw('0x41'), 'a packet begins with no length'],
  ['a length past that of a packet', raw('fff1'), 'a packet has 65521 bytes, and git allows 65520'],
  ['a pack and no command', Buffer.concat([FLUSH, EMPTY_PACK]), 'something follows that git would not read'],
  ['a second flush', Buffer.concat([FLUSH, FLUSH]), 'something follows that git would not read'],
  [
    'commands behind the probe',
    Buffer.concat([FLUSH, pushHead(UPDATE), EMPTY_PACK]),
    'something follows that git would not read',
  ],
  [
    'a pack behind a deletion',
    Buffer.concat([pushHead({ commands: [[OLD, ZERO, MAIN]] }), EMPTY_PACK]),
    'something follows that git would not read',
  ],
  [
    'commands behind the flush',
    Buffer.concat([pushHead(UPDATE), pushHead(UPDATE), EMPTY_PACK]),
    'what follows its commands is no pack',
  ],
  [
    'another pack signature',
    Buffer.concat([pushHead(UPDATE), Buffer.from('PACk')]),
    'what follows its commands is no pack',
  ],
  ['an empty body', Buffer.alloc(0), 'it ends before it is complete'],
  ['no flush', line(`${OLD} ${NEW} ${MAIN}`), 'it ends before it is complete'],
  ['half a packet', Buffer.from('00a0'), 'it ends before it is complete'],
  ['no pack', pushHead(UPDATE), 'it ends before it is complete'],
  [
    'half a signature',
    Buffer.concat([pushHead(UPDATE), Buffer.from('PAC')]),
    'it ends before it is complete',
  ],
  [
    'no flush after push options',
    Buffer.concat([pushHead({ ...UPDATE, capabilities: 'push-options' }), line('ci.skip')]),
    'it ends before it is complete',
  ],
  [
    'a pack where push options were announced',
    Buffer.concat([pushHead({ ...UPDATE, capabilities: 'push-options' }), EMPTY_PACK]),
    'a packet begins with no length',
  ],
  [
    'a delimiter that ends push options',
    Buffer.concat([pushHead({ ...UPDATE, capabilities: 'push-options' }), Buffer.from('0001'), EMPTY_PACK]),
    'a packet of length 1 has no place in a push',
  ],
  [
    'a push option of two lines',
    Buffer.concat([pushHead({ ...UPDATE, capabilities: 'push-options', options: ['a\nb'] }), EMPTY_PACK]),
    'a push option holds control characters',
  ],
  [
    'a push option that is not UTF-8',
    Buffer.concat([
      pushHead({ ...UPDATE, capabilities: 'push-options' }),
      line(Buffer.of(0xff)),
      FLUSH,
      EMPTY_PACK,
    ]),
    'a push option is not UTF-8',
  ],
  ['a signed push', firstLine('push-cert\0report-status'), 'it is a signed push'],
  [
    'a signed push behind commands',
    Buffer.concat([line(`${OLD} ${NEW} ${MAIN}`), line('push-cert\n')]),
    'it is a signed push',
  ],
  [
    'capabilities in a later line',
    Buffer.concat([line(`${OLD} ${NEW} ${MAIN}\0atomic`), line(`${OLD} ${NEW} refs/heads/b\0push-options`)]),
    'a later command has capabilities too',
  ],
  [
    'capabilities in a shallow line',
    firstLine(`shallow ${OLD}\0push-options`),
    'a shallow line has capabilities',
  ],
  ['a shallow line that names no object', firstLine('shallow x'), 'a shallow line names no object'],
  ['a shallow line with more in it', firstLine(`shallow ${OLD} x`), 'a shallow line names no object'],
  [
    'a shallow line behind a command',
    Buffer.concat([line(`${OLD} ${NEW} ${MAIN}`), line(`shallow ${OLD}`)]),
    'a shallow line follows a command',
  ],
  [
    'capabilities with a tab',
    capable('atomic\tpush-options'),
    'its capabilities hold other characters than visible ASCII',
  ],
  [
    'capabilities with a NUL',
    capable('atomic\0push-options'),
    'its capabilities hold other characters than visible ASCII',
  ],
  [
    'a capability that is unknown',
    capable('report-status filter'),
    'its capability filter is not one that km knows',
  ],
  [
    'a value where none belongs',
    capable('push-options=no'),
    'its capability push-options=no is not one that km knows',
  ],
  [
    'a signed push in capabilities',
    capable('push-cert=x'),
    'its capability push-cert=x is not one that km knows',
  ],
  ['a capability twice', capable('atomic atomic'), 'it asks for a capability twice'],
  [
    'two object formats',
    capable('object-format=sha1 object-format=sha256'),
    'it asks for a capability twice',
  ],
  ['an unknown object format', capable('object-format=md5'), 'its object format md5 is unknown'],
  ['SHA-256 said, SHA-1 sent', capable('object-format=sha256'), 'its object ids are not all of one format'],
  [
    'SHA-256 sent, and not said',
    Buffer.concat([pushHead({ commands: [[OLD256, NEW256, MAIN]] }), EMPTY_PACK]),
    'its object ids are not all of one format',
  ],
  [
    'ids of two lengths',
    Buffer.concat([pushHead({ commands: [[OLD, NEW256, MAIN]] }), EMPTY_PACK]),
    'its object ids are not all of one format',
  ],
  [
    'a shallow id of another length',
    Buffer.concat([pushHead({ shallow: [OLD256], commands: [[OLD, NEW, MAIN]] }), EMPTY_PACK]),
    'its object ids are not all of one format',
  ],
  [
    'a ref twice',
    Buffer.concat([
      pushHead({
        commands: [
          [OLD, NEW, MAIN],
          [NEW, OLD, MAIN],
        ],
      }),
      EMPTY_PACK,
    ]),
    "'refs/heads/main' is pushed twice",
  ],
  ['an id too short', firstLine(`${OLD.slice(1)} ${NEW} ${MAIN}`), 'is no command'],
  ['an id too long', firstLine(`${OLD}a ${NEW} ${MAIN}`), 'is no command'],
  ['an id that is not hex', firstLine(`${OLD.replace('a', 'g')} ${NEW} ${MAIN}`), 'is no command'],
  ['a tab for a blank', firstLine(`${OLD}\t${NEW} ${MAIN}`), 'is no command'],
  ['no ref', firstLine(`${OLD} ${NEW} `), 'is no command'],
  ['a blank in front of a ref', ref(` ${MAIN}`), "'?refs/heads/main' is no name of a ref"],
  ['a blank behind a ref', ref(`${MAIN} `), "'refs/heads/main?' is no name of a ref"],
  ['two line feeds behind a ref', ref(`${MAIN}\n\n`), "'refs/heads/main?' is no name of a ref"],
  ['a line feed before the NUL', ref(`${MAIN}\n\0atomic`), "'refs/heads/main?' is no name of a ref"],
  ['a carriage return behind a ref', ref(`${MAIN}\r\n`), "'refs/heads/main?' is no name of a ref"],
  ['HEAD', ref('HEAD'), "'HEAD' is no name of a ref"],
  ['a branch without refs/', ref('main'), "'main' is no name of a ref"],
  ['refs/ alone', ref('refs/'), "'refs/' is no name of a ref"],
  ['REFS/', ref('REFS/heads/main'), "'REFS/heads/main' is no name of a ref"],
  ['a way up', ref('refs/heads/../heads/main'), 'is no name of a ref'],
  ['a dot', ref('refs/./heads/main'), 'is no name of a ref'],
  ['two slashes', ref('refs//heads/main'), 'is no name of a ref'],
  ['a slash at the end', ref(`${MAIN}/`), 'is no name of a ref'],
  ['a dot at the end', ref(`${MAIN}.`), 'is no name of a ref'],
  ['a lock', ref(`${MAIN}.lock`), 'is no name of a ref'],
  ['a lock on the way', ref('refs/heads.lock/main'), 'is no name of a ref'],
  ['a reflog', ref(`${MAIN}@{1}`), 'is no name of a ref'],
  ['a parent', ref(`${MAIN}^`), 'is no name of a ref'],
  ['a refspec', ref(`${MAIN}:x`), 'is no name of a ref'],
  ['a pattern', ref('refs/heads/*'), 'is no name of a ref'],
  ['a backslash', ref('refs\\heads\\main'), 'is no name of a ref'],
  ['an escape', ref(`${MAIN}\x1b[2J`), 'is no name of a ref'],
  ['a C1 control character', ref(`${MAIN}\u009b2J`), 'is no name of a ref'],
  ['a byte order mark', ref(`\ufeff${MAIN}`), "'?refs/heads/main' is no name of a ref"],
  ['what is not UTF-8', ref(Buffer.from('refs/heads/\xff', 'latin1')), 'a command is not UTF-8'],
  ['an overlong slash', ref(Buffer.from('refs/heads\xc0\xafmain', 'latin1')), 'a command is not UTF-8'],
  ['a ref past any file name', ref(`refs/heads/${'a'.repeat(1_014)}`), 'is no name of a ref'],
  ['a replacement', ref(`refs/replace/${OLD}`), 'a replacement makes one commit pass for another'],
  ['an error packet', firstLine('ERR no'), "'ERR?no' is no command"],
])('%s is refused', (_what, stream, reason) => {
  expect(reasonOf(stream)).toContain(reason);
  expect(reasonOf(...[...stream].map((byte) => Buffer.of(byte)))).toBe(reasonOf(stream));
});

test('a refusal names no more of a line than fits one, in characters that print', () => {
  const reason = reasonOf(firstLine(`\x1b]0;x\x07${'y'.repeat(5_000)}`));
  expect(reason).toMatch(/^\[km\] Push denied -- '[\x20-\x7e]{100}' is no command$/);
});

test('a head past 1 MiB is refused before it is read', () => {
  const commands = Array.from({ length: 12_000 }, (_, index) => [ZERO, NEW, `refs/heads/b${index}`] as const);
  const head = pushHead({ commands });
  expect(head.length).toBeGreaterThan(LONGEST_PUSH_HEAD);
  expect(read(head, EMPTY_PACK)).toMatchObject({
    state: 'refused',
    refusal: {
      rule: 'push-format',
      status: 413,
      reason: '[km] Push denied -- its commands take more than 1048576 bytes',
      remedy: 'Push fewer refs at once.',
    },
  });
  expect(requestOf(pushHead({ commands: commands.slice(0, 9_000) }), EMPTY_PACK).commands).toHaveLength(
    9_000,
  );
});

test('what is refused stays refused', () => {
  const reader = new ReceivePackReader();
  const refused = reader.push(Buffer.from('0001'));
  expect(reader.push(pushHead(UPDATE))).toBe(refused);
  expect(reader.end()).toBe(refused);
});

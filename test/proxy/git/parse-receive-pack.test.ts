import { expect, test } from 'vitest';
import { ReceivePackReader } from '../../../lib/proxy/git/parse-receive-pack.ts';
import { read, requestOf } from './push-reading.ts';
import { EMPTY_PACK, FLUSH, line, type Push, pushHead, ZERO } from './push-stream.ts';

const OLD = 'a1'.repeat(20);
const NEW = 'b2'.repeat(20);
const OLD256 = 'a1'.repeat(32);
const NEW256 = 'b2'.repeat(32);
const MAIN = 'refs/heads/main';
const UPDATE: Push = { commands: [[OLD, NEW, MAIN]] };

test('a push with everything in it is read whole', () => {
  const head = pushHead({
    shallow: [NEW],
    commands: [
      [OLD, NEW, MAIN],
      [ZERO, NEW, 'refs/tags/v1'],
      [OLD, ZERO, 'refs/heads/gone'],
    ],
    capabilities: ' report-status-v2 side-band-64k push-options object-format=sha1 agent=git/2.39.5',
    options: ['ci.skip', 'title=a b', 'grüße'],
  });
  expect(requestOf(head, EMPTY_PACK)).toEqual({
    commands: [
      { ref: MAIN, oldId: OLD, newId: NEW },
      { ref: 'refs/tags/v1', oldId: ZERO, newId: NEW },
      { ref: 'refs/heads/gone', oldId: OLD, newId: ZERO },
    ],
    capabilities: new Set([
      'report-status-v2',
      'side-band-64k',
      'push-options',
      'object-format=sha1',
      'agent=git/2.39.5',
    ]),
    objectFormat: 'sha1',
    pushOptions: ['ci.skip', 'title=a b', 'grüße'],
    shallow: [NEW],
    headLength: head.length,
    hasPack: true,
  });
});

test('the probe of a large push is a request without commands', () => {
  expect(requestOf(FLUSH)).toMatchObject({ commands: [], hasPack: false, headLength: 4 });
});

test('a shallow clone that has nothing to push says only that it is shallow', () => {
  expect(requestOf(pushHead({ shallow: [OLD, NEW], commands: [] }))).toMatchObject({
    commands: [],
    shallow: [OLD, NEW],
    hasPack: false,
  });
});

test('a deletion alone has no pack', () => {
  expect(requestOf(pushHead({ commands: [[OLD, ZERO, MAIN]] }))).toMatchObject({ hasPack: false });
});

test('one line feed at the end of a line is not of the line', () => {
  const head = Buffer.concat([line(`${OLD} ${NEW} ${MAIN}\0report-status\n`), FLUSH]);
  expect(requestOf(head, EMPTY_PACK)).toMatchObject({
    commands: [{ ref: MAIN }],
    capabilities: new Set(['report-status']),
  });
});

test('upper-case hex is read as git reads it', () => {
  const command = line(`${OLD} ${NEW} ${MAIN}`.replace(OLD, OLD.toUpperCase()));
  const text = command.toString('latin1');
  const upper = Buffer.from(text.slice(0, 4).toUpperCase() + text.slice(4), 'latin1');
  expect(requestOf(upper, FLUSH, EMPTY_PACK).commands).toEqual([{ ref: MAIN, oldId: OLD, newId: NEW }]);
});

test('a SHA-256 push is read when it says so', () => {
  const head = pushHead({ commands: [[OLD256, NEW256, MAIN]], capabilities: ' object-format=sha256' });
  expect(requestOf(head, EMPTY_PACK)).toMatchObject({
    objectFormat: 'sha256',
    commands: [{ ref: MAIN, oldId: OLD256, newId: NEW256 }],
  });
});

test('a push is complete once its pack has begun, and not before', () => {
  const reader = new ReceivePackReader();
  expect(reader.push(pushHead(UPDATE))).toEqual({ state: 'more' });
  expect(reader.push(Buffer.from('PAC'))).toEqual({ state: 'more' });
  expect(reader.push(Buffer.from('K'))).toMatchObject({ state: 'complete' });
});

test('what was taken is what came, to be forwarded', () => {
  const reader = new ReceivePackReader();
  const stream = Buffer.concat([pushHead(UPDATE), EMPTY_PACK]);
  for (const byte of stream) reader.push(Buffer.of(byte));
  expect(reader.taken()).toEqual(stream.subarray(0, pushHead(UPDATE).length + 4));
});

test('wherever a body is cut in two, it reads the same', () => {
  const stream = Buffer.concat([pushHead({ ...UPDATE, shallow: [OLD] }), EMPTY_PACK]);
  const whole = read(stream);
  for (let cut = 0; cut <= stream.length; cut += 1) {
    expect(read(stream.subarray(0, cut), stream.subarray(cut))).toEqual(whole);
  }
});

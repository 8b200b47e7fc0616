import { expect, test } from 'vitest';
import { der } from '../../../lib/proxy/tls/der.ts';

const hex = (value: Buffer): string => value.toString('hex');

test.each([
  { what: 'zero', value: der.integer(Buffer.of(0)), is: '020100' },
  { what: 'zero of no digits', value: der.integer(Buffer.alloc(0)), is: '020100' },
  { what: '127', value: der.integer(Buffer.of(127)), is: '02017f' },
  { what: '128, which needs a sign', value: der.integer(Buffer.of(128)), is: '02020080' },
  { what: 'leading zeros', value: der.integer(Buffer.of(0, 0, 1, 0)), is: '02020100' },
  { what: 'true', value: der.boolean(true), is: '0101ff' },
  { what: 'an oid with parts past 127', value: der.oid('1.2.840.10045.4.3.2'), is: '06082a8648ce3d040302' },
  { what: 'a bit string', value: der.bitString(Buffer.of(0x80), 7), is: '03020780' },
  { what: 'a context tag around', value: der.explicit(3, der.boolean(false)), is: 'a303010100' },
  { what: 'a context tag instead', value: der.implicit(2, Buffer.from('a')), is: '820161' },
])('writes $what as $is', ({ value, is }) => {
  expect(hex(value)).toBe(is);
});

test.each([
  { size: 127, head: '047f' },
  { size: 128, head: '048180' },
  { size: 255, head: '0481ff' },
  { size: 256, head: '04820100' },
  { size: 65_536, head: '0483010000' },
])('writes the length of $size bytes as $head', ({ size, head }) => {
  expect(hex(der.octetString(Buffer.alloc(size))).slice(0, head.length)).toBe(head);
});

test.each([
  { at: '2026-11-20T10:02:03.999Z', text: '261120100203Z', tag: 0x17 },
  { at: '2049-12-31T23:59:59Z', text: '491231235959Z', tag: 0x17 },
  { at: '2050-01-01T00:00:00Z', text: '20500101000000Z', tag: 0x18 },
])('writes the time $at as $text', ({ at, text, tag }) => {
  const value = der.time(Date.parse(at));
  expect([value[0], value.subarray(2).toString()]).toEqual([tag, text]);
});

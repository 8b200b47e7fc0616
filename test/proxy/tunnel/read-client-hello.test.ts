import { expect, test } from 'vitest';
import { readClientHello } from '../../../lib/proxy/tunnel/read-client-hello.ts';
import {
  clientHelloBytes,
  extension,
  hello,
  helloContent,
  message,
  record,
  serverName,
} from './client-hello-bytes.ts';

const NAMED = serverName('a.example.com');
const WHOLE = message(helloContent(NAMED));

test.each([
  { what: 'TLS 1.3', options: { minVersion: 'TLSv1.3' } },
  { what: 'TLS 1.2', options: { maxVersion: 'TLSv1.2' } },
  { what: 'ALPN', options: { ALPNProtocols: ['h2', 'http/1.1'] } },
] as const)('a ClientHello of Node with $what names its host', async ({ options }) => {
  const bytes = await clientHelloBytes({ ...options, servername: 'A.Example.com' });
  expect(readClientHello(bytes)).toEqual({
    state: 'read',
    servername: 'a.example.com',
    hidesName: false,
    length: bytes.length,
  });
});

test('a ClientHello of Node without a name has none', async () => {
  const found = readClientHello(await clientHelloBytes({ host: '127.0.0.1' }));
  expect(found).toMatchObject({ state: 'read' });
  expect('servername' in found).toBe(false);
});

test('each of its beginnings asks for more', async () => {
  const bytes = await clientHelloBytes({ servername: 'a.example.com' });
  for (let length = 0; length < bytes.length; length += 1) {
    expect(readClientHello(bytes.subarray(0, length))).toEqual({ state: 'more' });
  }
});

test('what follows in further records is not of its length', () => {
  const early = record(Buffer.alloc(10), 23);
  const bytes = hello(NAMED);
  expect(readClientHello(Buffer.concat([bytes, early]))).toMatchObject({
    state: 'read',
    length: bytes.length,
  });
});

test('a name is found in a message that is spread over records', () => {
  const [one, two] = [WHOLE.subarray(0, 2), WHOLE.subarray(2, 60)];
  const bytes = Buffer.concat([one, two, WHOLE.subarray(60)].map((part) => record(part)));
  expect(readClientHello(bytes)).toMatchObject({ servername: 'a.example.com', length: bytes.length });
});

test.each([
  { type: 0xfe0d, what: 'an encrypted ClientHello' },
  { type: 0xffce, what: 'an encrypted server name' },
])('$what is seen', ({ type }) => {
  expect(readClientHello(hello(NAMED, extension(type, Buffer.alloc(40))))).toMatchObject({ hidesName: true });
});

const BAD = [
  { what: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\n'), why: 'this is no TLS' },
  { what: 'SSH', bytes: Buffer.from('SSH-2.0-x\r\n'), why: 'this is no TLS' },
  { what: 'SSL 2', bytes: Buffer.from('802e0100020015', 'hex'), why: 'this is no TLS' },
  { what: 'a record of version 2', bytes: Buffer.from('1602', 'hex'), why: 'this is no TLS' },
  { what: 'an alert first', bytes: record(Buffer.of(1, 0), 21), why: 'this is no TLS' },
  { what: 'an empty record', bytes: record(Buffer.alloc(0)), why: 'a record is empty' },
  {
    what: 'another message',
    bytes: record(message(helloContent(NAMED), 2)),
    why: 'it begins with another message',
  },
  {
    what: 'two ClientHellos in a record',
    bytes: record(Buffer.concat([WHOLE, WHOLE])),
    why: 'another message follows in its record',
  },
  {
    what: 'something after the extensions',
    bytes: record(message(Buffer.concat([helloContent(NAMED), Buffer.of(0)]))),
    why: 'something follows its extensions',
  },
  { what: 'the name twice', bytes: hello(NAMED, NAMED), why: 'an extension stands twice' },
  {
    what: 'two names',
    bytes: hello(serverName('a.example.com', 'b.example.com')),
    why: 'it names no one host',
  },
  { what: 'a list without a name', bytes: hello(serverName()), why: 'a field is cut off' },
  {
    what: 'a name of another type',
    bytes: hello(extension(0, Buffer.from('0004010001', 'hex'))),
    why: 'a field is cut off',
  },
  {
    what: 'a name that is cut off',
    bytes: hello(extension(0, Buffer.from('0008000010616263', 'hex'))),
    why: 'a field is cut off',
  },
  {
    what: 'a message that is cut off',
    bytes: record(message(helloContent(NAMED).subarray(0, 40))),
    why: 'a field is cut off',
  },
  { what: 'a long message', bytes: record(Buffer.from('01010000', 'hex')), why: 'it is too long' },
  {
    what: 'many records',
    bytes: Buffer.concat([...WHOLE].map((byte) => record(Buffer.of(byte)))),
    why: 'it is in too many records',
  },
];

test.each(BAD)('$what is bad: $why', ({ bytes, why }) => {
  expect(readClientHello(bytes)).toEqual({ state: 'bad', why });
});

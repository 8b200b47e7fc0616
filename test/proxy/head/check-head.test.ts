import { expect, test } from 'vitest';
import { checkHead } from '../../../lib/proxy/head/check-head.ts';
import { startRecordingServer } from './recording-server.ts';

const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n\r\n`;
const get = (...headers: readonly string[]): string =>
  lines('GET /o/r HTTP/1.1', 'Host: github.com', ...headers, 'Connection: close');
const post = (...headers: readonly string[]): string =>
  lines('POST /o/r HTTP/1.1', 'Host: github.com', ...headers, 'Connection: close');

const PASSING = [
  { what: 'a GET', bytes: get(), body: '' },
  {
    what: 'a Host with the port of https',
    bytes: lines('GET /o/r HTTP/1.1', 'Host: GitHub.com:443'),
    body: '',
  },
  { what: 'a Content-Length', bytes: `${post('Content-Length: 3')}abc`, body: 'abc' },
  { what: 'a GET with a length of none', bytes: get('Content-Length: 0'), body: '' },
  { what: 'chunks', bytes: `${post('Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`, body: 'abc' },
  {
    what: 'a trailer after chunks',
    bytes: `${post('Transfer-Encoding: chunked')}1\r\na\r\n0\r\nX: y\r\n\r\n`,
    body: 'a',
  },
  { what: '100-continue', bytes: `${post('Expect: 100-continue', 'Content-Length: 1')}a`, body: 'a' },
  { what: 'gzip', bytes: `${post('Content-Encoding: gzip', 'Content-Length: 1')}a`, body: 'a' },
];

test.each(PASSING)('$what passes within a CONNECT', async ({ bytes, body }) => {
  await using server = await startRecordingServer('github.com');
  const { recorded } = await server.send(bytes);
  expect(recorded.map(({ host, target, ...rest }) => [host, target, rest.body])).toEqual([
    ['github.com', '/o/r', body],
  ]);
});

/** `says`: the words of km, or undefined where node's own parser is first. */
const REFUSED: readonly { what: string; bytes: string; says?: string }[] = [
  { what: 'two lengths', bytes: `${post('Content-Length: 1', 'Content-Length: 1')}a` },
  { what: 'two lengths that differ', bytes: `${post('Content-Length: 1', 'Content-Length: 2')}ab` },
  { what: 'two lengths in one header', bytes: `${post('Content-Length: 1, 1')}a` },
  { what: 'a length with a sign', bytes: `${post('Content-Length: +1')}a` },
  { what: 'a negative length', bytes: `${post('Content-Length: -1')}a` },
  { what: 'a hexadecimal length', bytes: `${post('Content-Length: 0x1')}a` },
  { what: 'a length with leading zeros', bytes: `${post('Content-Length: 01')}a`, says: 'no plain number' },
  { what: 'an empty length', bytes: post('Content-Length:') },
  { what: 'a length past any number', bytes: `${post('Content-Length: 99999999999999999999')}a` },
  {
    what: 'length and chunks',
    bytes: `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  },
  {
    what: 'chunks and length',
    bytes: `${post('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n`,
  },
  { what: 'chunked twice', bytes: `${post('Transfer-Encoding: chunked, chunked')}0\r\n\r\n` },
  {
    what: 'chunked twice, in two headers',
    bytes: `${post('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  },
  { what: 'gzip, chunked', bytes: `${post('Transfer-Encoding: gzip, chunked')}0\r\n\r\n` },
  { what: 'chunked, identity', bytes: `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n` },
  { what: 'identity', bytes: post('Transfer-Encoding: identity') },
  { what: 'xchunked', bytes: `${post('Transfer-Encoding: xchunked')}0\r\n\r\n` },
  { what: 'a vertical tab before chunked', bytes: `${post('Transfer-Encoding: \x0bchunked')}0\r\n\r\n` },
  { what: 'a space before the colon', bytes: `${post('Transfer-Encoding : chunked')}0\r\n\r\n` },
  { what: 'a tab before the colon', bytes: post('Host\t: github.com') },
  { what: 'obsolete folding', bytes: post('X-A: b', ' c') },
  { what: 'folding with a tab', bytes: post('X-A: b', '\tc') },
  { what: 'a folded length', bytes: `${post('Content-Length:', ' 1')}a` },
  { what: 'a folded first header', bytes: lines('GET / HTTP/1.1', ' Host: github.com') },
  { what: 'a lone line feed', bytes: 'GET / HTTP/1.1\nHost: github.com\n\n' },
  { what: 'a lone line feed within', bytes: get('X-A: b\nContent-Length: 1') },
  { what: 'a lone carriage return', bytes: get('X-A: b\rContent-Length: 1') },
  { what: 'NUL in a value', bytes: get('X-A: b\0c') },
  { what: 'NUL in a name', bytes: get('X\0A: b') },
  { what: 'DEL in a value', bytes: get('X-A: b\x7fc') },
  { what: 'an escape in a value', bytes: get('X-A: b\x1bc') },
  { what: 'an empty name', bytes: get(': b') },
  { what: 'a name with a space', bytes: get('X A: b') },
  { what: 'a name in brackets', bytes: get('X(A): b') },
  { what: 'a line without a colon', bytes: get('nonsense') },
  { what: 'no Host', bytes: lines('GET / HTTP/1.1', 'Accept: */*') },
  { what: 'an empty Host', bytes: lines('GET / HTTP/1.1', 'Host:'), says: "names '' on a connection" },
  { what: 'two Hosts', bytes: get('Host: github.com'), says: "'host' stands more than once" },
  { what: 'two Hosts that differ', bytes: get('hOST: api.github.com'), says: "'host' stands more than once" },
  {
    what: 'another Host than the CONNECT’s',
    bytes: lines('GET / HTTP/1.1', 'Host: api.github.com'),
    says: "the Host header names 'api.github.com' on a connection to 'github.com'",
  },
  {
    what: 'a Host with another port',
    bytes: lines('GET / HTTP/1.1', 'Host: github.com:444'),
    says: "names 'github.com:444'",
  },
  {
    what: 'a Host with a dot at its end',
    bytes: lines('GET / HTTP/1.1', 'Host: github.com.'),
    says: "names 'github.com.'",
  },
  {
    what: 'a Host with a user',
    bytes: lines('GET / HTTP/1.1', 'Host: a@github.com'),
    says: "names 'a@github.com'",
  },
  {
    what: 'a list of Hosts',
    bytes: lines('GET / HTTP/1.1', 'Host: github.com, github.com'),
    says: 'names',
  },
  {
    what: 'a whole URL within a CONNECT',
    bytes: lines('GET https://github.com/ HTTP/1.1', 'Host: github.com'),
    says: 'the target is not a path',
  },
  {
    what: 'a whole URL of another host',
    bytes: lines('GET http://api.github.com/ HTTP/1.1', 'Host: github.com'),
    says: 'the target is not a path',
  },
  { what: 'a star', bytes: lines('OPTIONS * HTTP/1.1', 'Host: github.com'), says: "method 'OPTIONS'" },
  { what: 'a target of a star', bytes: lines('GET * HTTP/1.1', 'Host: github.com'), says: 'not a path' },
  { what: 'a fragment', bytes: lines('GET /a#b HTTP/1.1', 'Host: github.com') },
  { what: 'bytes past ASCII', bytes: lines('GET /\xe4 HTTP/1.1', 'Host: github.com') },
  { what: 'a space in the target', bytes: lines('GET /a b HTTP/1.1', 'Host: github.com') },
  { what: 'a tab in the target', bytes: lines('GET /a\tb HTTP/1.1', 'Host: github.com') },
  { what: 'a tab after the method', bytes: lines('GET\t/ HTTP/1.1', 'Host: github.com') },
  {
    what: 'a long target',
    bytes: lines(`GET /${'a'.repeat(8192)} HTTP/1.1`, 'Host: github.com'),
    says: 'longer than 8192',
  },
  { what: 'HTTP/1.0', bytes: lines('GET / HTTP/1.0', 'Host: github.com'), says: 'HTTP/1.0 is not spoken' },
  { what: 'HTTP/0.9', bytes: 'GET /\r\n' },
  { what: 'HTTP/1.2', bytes: lines('GET / HTTP/1.2', 'Host: github.com') },
  { what: 'HTTP/2.0 in the first line', bytes: lines('GET / HTTP/2.0', 'Host: github.com') },
  { what: 'http/1.1 in lower case', bytes: lines('GET / http/1.1', 'Host: github.com') },
  { what: 'HTTP/2 by prior knowledge', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0' },
  { what: 'an upgrade to HTTP/2', bytes: get('Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQ') },
  { what: 'an upgrade', bytes: get('Upgrade: websocket'), says: "'upgrade' is not let through" },
  {
    what: 'settings of HTTP/2',
    bytes: get('HTTP2-Settings: AAMAAABkAAQ'),
    says: "'http2-settings' is not let through",
  },
  { what: 'TRACE', bytes: lines('TRACE / HTTP/1.1', 'Host: github.com'), says: "method 'TRACE'" },
  { what: 'PROPFIND', bytes: lines('PROPFIND / HTTP/1.1', 'Host: github.com'), says: "method 'PROPFIND'" },
  { what: 'QUERY', bytes: lines('QUERY / HTTP/1.1', 'Host: github.com'), says: "method 'QUERY'" },
  { what: 'a method in lower case', bytes: lines('get / HTTP/1.1', 'Host: github.com') },
  { what: 'a method that is none', bytes: lines('GETX / HTTP/1.1', 'Host: github.com') },
  {
    what: 'another method in a header',
    bytes: get('X-HTTP-Method-Override: DELETE'),
    says: "'x-http-method-override' is not let through",
  },
  {
    what: 'another target in a header',
    bytes: get('X-Original-URL: /x'),
    says: "'x-original-url' is not let through",
  },
  {
    what: 'words for a proxy within a CONNECT',
    bytes: get('Proxy-Authorization: Basic x'),
    says: "'proxy-authorization' is not let through",
  },
  { what: 'a body of a GET', bytes: `${get('Content-Length: 1')}a`, says: 'a GET has no body' },
  {
    what: 'chunks of a GET',
    bytes: `${get('Transfer-Encoding: chunked')}0\r\n\r\n`,
    says: 'a GET has no body',
  },
  { what: 'an expectation', bytes: get('Expect: 200-ok') },
  { what: 'two expectations', bytes: get('Expect: 100-continue', 'Expect: 100-continue') },
  { what: 'brotli', bytes: `${post('Content-Encoding: br', 'Content-Length: 1')}a`, says: "'br' cannot" },
  {
    what: 'gzip twice',
    bytes: `${post('Content-Encoding: gzip, gzip', 'Content-Length: 1')}a`,
    says: "'gzip,?gzip' cannot",
  },
  {
    what: 'two content encodings',
    bytes: `${post('Content-Encoding: gzip', 'Content-Encoding: identity', 'Content-Length: 1')}a`,
    says: "'content-encoding' stands more than once",
  },
  {
    what: 'two credentials',
    bytes: get('Authorization: a', 'authorization: b'),
    says: "'authorization' stands more than once",
  },
  {
    what: 'a Connection that names a header',
    bytes: lines('GET / HTTP/1.1', 'Host: github.com', 'Connection: close, git-protocol'),
    says: "the Connection header names 'git-protocol'",
  },
  {
    what: 'more than a hundred headers',
    bytes: get(...new Array<string>(100).fill('X: y')),
    says: 'more than 100 headers',
  },
  {
    what: 'chunks behind more headers than node keeps',
    bytes: `${post(...new Array<string>(2100).fill('a:'), 'Transfer-Encoding: chunked')}0\r\n\r\n`,
  },
  { what: 'a head of more than 16 KiB', bytes: get(`X: ${'y'.repeat(17_000)}`) },
];

test.each(REFUSED)('$what is refused', async ({ bytes, says }) => {
  await using server = await startRecordingServer('github.com');
  const { recorded, answer } = await server.send(bytes);
  expect(recorded).toEqual([]);
  if (says === undefined) return;
  expect(answer).toContain('[km] Request denied -- ');
  expect(answer).toContain(says);
});

test('what node’s parser refuses is refused by the check as well, should a parser be more lenient', () => {
  const head = (url: string, ...rawHeaders: readonly string[]) =>
    checkHead({
      method: 'POST',
      url,
      httpVersion: '1.1',
      rawHeaders: ['Host', 'github.com', ...rawHeaders],
      connectHost: 'github.com',
    });
  expect(head('/a')).toMatchObject({ target: '/a', framing: 'none' });
  for (const bad of [
    head('/a b'),
    head('/ä'),
    head('/a#b'),
    head('/a\0'),
    head(''),
    head('/', 'X-A', 'b\r\nc'),
    head('/', 'X-A', 'b\0'),
    head('/', 'X-A', '\u0100'),
    head('/', 'X A', 'b'),
    head('/', '', 'b'),
    head('/', 'Content-Length', '1', 'Content-Length', '1'),
    head('/', 'Content-Length', '1, 1'),
    head('/', 'Content-Length', ''),
    head('/', 'Content-Length', '1', 'Transfer-Encoding', 'chunked'),
    head('/', 'Transfer-Encoding', 'chunked, chunked'),
    head('/', 'Transfer-Encoding', 'identity'),
    head('/', 'Transfer-Encoding', 'Chunked'),
  ]) {
    expect(bad).toMatchObject({ allowed: false, rule: 'http' });
  }
});

test('a second request on a connection, for another host, is refused, and the first one stays', async () => {
  await using server = await startRecordingServer('github.com');
  const first = lines('GET /one HTTP/1.1', 'Host: github.com');
  const { recorded, answer } = await server.send(first + lines('GET /two HTTP/1.1', 'Host: api.github.com'));
  expect(recorded.map(({ target }) => target)).toEqual(['/one']);
  expect(answer).toContain('HTTP/1.1 421 ');
});

test('nothing after a refused request is read', async () => {
  await using server = await startRecordingServer('github.com');
  const refused = `${lines('POST /one HTTP/1.1', 'Host: github.com', 'Content-Length: 01')}`;
  const { recorded } = await server.send(`${refused}xGET /two HTTP/1.1\r\nHost: github.com\r\n\r\n`);
  expect(recorded).toEqual([]);
});

test('a refusal names no query, and no character that could give a terminal orders', async () => {
  await using server = await startRecordingServer('github.com');
  const { answer } = await server.send(
    lines('GET /?access_token=ghs_x HTTP/1.1', 'Host: a\x9b\xe4', 'Connection: close'),
  );
  expect(answer).not.toContain('ghs_x');
  expect(answer).toContain("[km] Request denied -- the Host header names 'a?");
});

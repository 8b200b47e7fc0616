import fc from 'fast-check';

const oneOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

/** Mostly the first of them: a head that is refused for its first line tells nothing of the rest. */
const mostly = <T>(first: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(first) }, { weight: 1, arbitrary: oneOf(...others) });

const requestLine = fc
  .tuple(
    mostly(
      'POST',
      'GET',
      'HEAD',
      'PUT',
      'DELETE',
      'PATCH',
      'OPTIONS',
      'CONNECT',
      'TRACE',
      'PRI',
      'post',
      'G\0T',
      '',
    ),
    mostly(' ', '  ', '\t', ' \t', '', '\r', '\x0b'),
    mostly(
      '/o/r',
      '/',
      '*',
      'http://github.com/o/r',
      'https://github.com/',
      'http://evil.com/',
      'github.com:443',
      '//evil.com/a',
      '/a?b=c&d',
      '/a#b',
      '/\xe4',
      '/\0',
      '/a b',
      '/a\tb',
      '',
    ),
    mostly(' ', '  ', '\t', ''),
    mostly(
      'HTTP/1.1',
      'HTTP/1.0',
      'HTTP/1.2',
      'HTTP/2.0',
      'HTTP/0.9',
      'http/1.1',
      'HTTP/1.1 ',
      'HTTP/01.1',
      'HTTP',
      '',
    ),
  )
  .map((parts) => parts.join(''));

const lineEnd = fc.oneof(
  { weight: 60, arbitrary: fc.constant('\r\n') },
  {
    weight: 1,
    arbitrary: oneOf('\n', '\r', '\r\r\n', '\n\r', '\r\n ', '\r\n\t', '\0\r\n', '\x0b\r\n', '\x85', ''),
  },
);

const separator = mostly(': ', ':', ':  ', ':\t', ' : ', '\t: ', ':\r\n ', '', ':\0', ': \x0b', ';');

const harmless = fc.tuple(
  oneOf('Accept', 'User-Agent', 'Git-Protocol', 'X-A', 'Authorization', 'Content-Type', 'accept'),
  separator,
  oneOf('a', 'a b', '', 'a,b', '"q"', '\xe4', 'a\tb'),
);
const framing = fc.tuple(
  oneOf('Content-Length', 'Transfer-Encoding', 'content-length', 'TRANSFER-ENCODING', 'Content_Length'),
  separator,
  oneOf(
    '3',
    '0',
    '5',
    'chunked',
    '03',
    '+3',
    '-1',
    '3, 3',
    '3,',
    '0x3',
    '3 3',
    '',
    'Chunked',
    'chunked, chunked',
    'gzip, chunked',
    'identity',
    'xchunked',
    '\x0bchunked',
    'chunked\x0b',
    '99999999999999999999',
  ),
);
const strange = fc.tuple(
  oneOf(
    'Host',
    'Connection',
    'Upgrade',
    'Expect',
    'TE',
    'Trailer',
    'HTTP2-Settings',
    'X-HTTP-Method-Override',
    'Proxy-Connection',
    'X A',
    '',
    'X\0',
    'Content-Encoding',
    'Keep-Alive',
  ),
  separator,
  oneOf(
    'github.com',
    'evil.com',
    'close',
    'keep-alive, upgrade',
    'websocket',
    'h2c',
    '100-continue',
    'trailers',
    'gzip',
    'x\0y',
    'a\x7f',
    'content-length',
  ),
);

const headers = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: harmless },
    { weight: 1, arbitrary: framing },
    { weight: 1, arbitrary: strange },
  ),
  { maxLength: 4 },
);

/** A framing and a body that belong together, or nearly. */
const framed = fc.oneof(
  { weight: 3, arbitrary: fc.constant(['', ''] as const) },
  {
    weight: 3,
    arbitrary: mostly(
      ['Content-Length: 3', 'abc'] as const,
      ['Content-Length: 3', 'ab'] as const,
      ['Content-Length: 3', 'abcd'] as const,
    ),
  },
  {
    weight: 3,
    arbitrary: mostly(
      '3\r\nabc\r\n0\r\n\r\n',
      '3;x=y\r\nabc\r\n0\r\n\r\n',
      '3\r\nabc\r\n0\r\nX: y\r\n\r\n',
      '03\r\nabc\r\n00\r\n\r\n',
      '3\nabc\n0\n\n',
      '3 \r\nabc\r\n0\r\n\r\n',
      '0x3\r\nabc\r\n0\r\n\r\n',
      '3\r\nabcd\r\n0\r\n\r\n',
      '3\r\nabc0\r\n\r\n',
      '3;x\nabc\r\n0\r\n\r\n',
      '3;"\r\n"\r\nabc\r\n0\r\n\r\n',
      '-1\r\n\r\n',
      '\r\n0\r\n\r\n',
      '0\r\n',
      '3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n',
      'ffffffffffffffff3\r\nabc\r\n0\r\n\r\n',
      '3\r\r\nabc\r\n0\r\n\r\n',
      '3\r\nabc\r\n0\r\n\n',
    ).map((body) => ['Transfer-Encoding: chunked', body] as const),
  },
);

const request = fc
  .tuple(
    fc.oneof(
      { weight: 20, arbitrary: fc.constant('') },
      { weight: 1, arbitrary: oneOf('\r\n', '\n', '\r', ' ', '\0', '\r\n\r\n', '\xff') },
    ),
    requestLine,
    mostly(
      'Host: github.com',
      'Host: evil.com',
      'Host:github.com',
      'Host: GitHub.com:443',
      'host : github.com',
      'X-Host: a',
    ),
    headers,
    framed,
    lineEnd,
    lineEnd,
    lineEnd,
  )
  .map(([before, line, host, fields, [coding, body], ...ends]) => {
    const lines = [line, host, ...fields.map((parts) => parts.join('')), ...(coding ? [coding] : [])];
    const head = lines.map((text, index) => `${text}${index < 2 ? ends[index] : '\r\n'}`).join('');
    return `${before}${head}${ends[2]}${body}`;
  });

/** A single byte that is put in, taken out or changed. */
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  removed: fc.constantFrom(0, 1),
  put: oneOf('', '\r', '\n', '\0', ' ', '\t', ':', ',', ';', '\xff', '\x0b', 'a', '0'),
});

/** Bytes of one to three requests on a connection, some of which can be read, and some nearly. */
export const rawHeads: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.array(request, { minLength: 1, maxLength: 3 }),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 2 }) },
    ),
  )
  .map(([requests, mutations]) => {
    let text = requests.join('');
    for (const { at, removed, put } of mutations) {
      const index = Math.floor(at * text.length);
      text = `${text.slice(0, index)}${put}${text.slice(index + removed)}`;
    }
    return Buffer.from(text, 'latin1');
  });

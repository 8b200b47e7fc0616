import { EVERYTHING } from '../server/scene.ts';
import { type Attack, attacks } from './attack.ts';
import { bytes, head } from './shots.ts';

const FIRST = 'POST /repos/my-org/my-repo/issues HTTP/1.1';
const HOST = 'Host: api.github.com';
const TYPE = 'Content-Type: application/json';
const CLOSE = 'Connection: close';
/** What a second reading of an attack's body would send. */
const HIDDEN = head('DELETE /repos/my-org/their-repo/git/refs/heads/main HTTP/1.1', HOST, CLOSE);

const post = (...lines: readonly string[]): string => head(FIRST, HOST, TYPE, ...lines, CLOSE);
const chunks = (...data: readonly string[]): string =>
  `${data.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`;

const BY_LENGTH = bytes(`${post('Content-Length: 2')}{}`);
const CHUNKED = bytes(post('Transfer-Encoding: chunked') + chunks('{}'));

/** Everything is allowed that a policy can allow: what is refused is refused for how it is framed. */
const framed = (title: string, raw: string, control = BY_LENGTH): Attack => ({
  title,
  shot: bytes(raw),
  rule: 'http',
  under: { policy: EVERYTHING },
  control: { shot: control },
});

const coded = (title: string, ...lines: readonly string[]): Attack =>
  framed(title, post(...lines) + chunks('{}') + HIDDEN, CHUNKED);

const chunked = (title: string, body: string): Attack =>
  framed(title, post('Transfer-Encoding: chunked') + body, CHUNKED);

attacks('where a body ends', [
  framed(
    'CL.TE: a length before a coding',
    `${post('Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${HIDDEN}`,
  ),
  framed(
    'TE.CL: a coding before a length',
    post('Transfer-Encoding: chunked', 'Content-Length: 4') + chunks(HIDDEN),
    CHUNKED,
  ),
  framed(
    'CL.0: a body that a GET has',
    head('GET /user HTTP/1.1', HOST, `Content-Length: ${HIDDEN.length}`) + HIDDEN,
  ),
  framed(
    'a chunked body that a GET has',
    head('GET /user HTTP/1.1', HOST, 'Transfer-Encoding: chunked') + chunks(HIDDEN),
  ),
  coded('TE.TE: chunked twice', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
  coded('TE.TE: chunked and then identity', 'Transfer-Encoding: chunked', 'Transfer-Encoding: identity'),
  coded('TE.TE: identity and then chunked', 'Transfer-Encoding: identity', 'Transfer-Encoding: chunked'),
  coded('TE.TE: two codings in one header', 'Transfer-Encoding: gzip, chunked'),
  coded('TE.TE: chunked that is not the last', 'Transfer-Encoding: chunked, identity'),
  coded('TE.TE: a coding that only resembles chunked', 'Transfer-Encoding: xchunked'),
  coded('TE.TE: chunked in quotation marks', 'Transfer-Encoding: "chunked"'),
  coded('TE.TE: chunked behind a vertical tab', 'Transfer-Encoding: \x0bchunked'),
  coded('TE.TE: a space before the colon', 'Transfer-Encoding : chunked'),
  coded('TE.TE: a coding on a folded line', 'Transfer-Encoding:\r\n chunked'),
  coded('TE.TE: a coding hidden in the line before', 'X-Nothing: x\nTransfer-Encoding: chunked'),
  coded('TE.TE: a coding behind a bare return', 'X-Nothing: x\rTransfer-Encoding: chunked'),
  coded(
    'TE.TE: a name with an underscore',
    'Transfer_Encoding: chunked',
    'Content-Length: 2',
    'Content-Length: 0',
  ),
  coded('an empty coding', 'Transfer-Encoding: '),
  framed(
    'two lengths that differ',
    `${post('Content-Length: 2', `Content-Length: ${2 + HIDDEN.length}`)}{}${HIDDEN}`,
  ),
  framed('two lengths that are the same', `${post('Content-Length: 2', 'Content-Length: 2')}{}`),
  framed('two lengths in one header', `${post('Content-Length: 2, 2')}{}`),
  framed('a length with a sign', `${post('Content-Length: +2')}{}`),
  framed('a negative length', `${post('Content-Length: -1')}{}`),
  framed('a length in hex', `${post('Content-Length: 0x2')}{}`),
  framed('a length with a zero before it', `${post('Content-Length: 02')}{}`),
  framed('a length past what is counted', `${post('Content-Length: 18446744073709551618')}{}`),
  framed('a length with something behind it', `${post('Content-Length: 2 x')}{}`),
  framed('an empty length', `${post('Content-Length:')}{}`),
  chunked('a chunk whose length is no hex', `0x2\r\n{}\r\n0\r\n\r\n${HIDDEN}`),
  chunked('a chunk whose length overflows', `10000000000000002\r\n{}\r\n0\r\n\r\n${HIDDEN}`),
  chunked('a chunk whose length has a sign', `+2\r\n{}\r\n0\r\n\r\n${HIDDEN}`),
  chunked('a chunk whose length is empty', `\r\n{}\r\n0\r\n\r\n${HIDDEN}`),
  chunked('a chunk whose line ends with a bare LF', `2\n{}\r\n0\r\n\r\n${HIDDEN}`),
  chunked('a chunk that ends with a bare LF', `2\r\n{}\n0\r\n\r\n${HIDDEN}`),
  chunked('a chunk that is longer than it says', `2\r\n{} \r\n0\r\n\r\n${HIDDEN}`),
  chunked('a line end within a chunk extension', `2;x\n0\r\n{}\r\n0\r\n\r\n${HIDDEN}`),
  chunked('a bare return within a chunk extension', `2;x\r0\r\n{}\r\n0\r\n\r\n${HIDDEN}`),
  chunked('a chunk extension without an end', `2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
  chunked('a trailer that is no header', `2\r\n{}\r\n0\r\nGET /x HTTP/1.1\r\n\r\n`),
  chunked('a trailer with a bare LF', `2\r\n{}\r\n0\r\nX-Nothing: x\nHost: github.com\r\n\r\n`),
]);

import { EVERYTHING } from '../server/scene.ts';
import { type Attack, attacks } from './attack.ts';
import { bytes, head } from './shots.ts';

const FIRST = 'GET /repos/my-org/my-repo HTTP/1.1';
const HOST = 'Host: api.github.com';
const CLOSE = 'Connection: close';
const SOUND = bytes(head(FIRST, HOST, CLOSE));

/** Everything is allowed that a policy can allow: what is refused is refused for how it is written. */
const written = (title: string, raw: string): Attack => ({
  title,
  shot: bytes(raw),
  rule: 'http',
  under: { policy: EVERYTHING },
  control: { shot: SOUND },
});

const headed = (title: string, ...lines: readonly string[]): Attack =>
  written(title, head(FIRST, HOST, ...lines, CLOSE));

const first = (title: string, line: string): Attack => written(title, head(line, HOST, CLOSE));

attacks('the lines of a head', [
  headed('a folded line', 'X-Nothing: x', ' Authorization: Bearer x'),
  headed('a folded first header', ' X-Nothing: x'),
  headed('a bare LF at the end of a line', 'X-Nothing: x\nX-More: y'),
  headed('a bare return within a line', 'X-Nothing: x\rX-More: y'),
  headed('a NUL within a value', 'User-Agent: x\0y'),
  headed('a control character within a value', 'User-Agent: x\x01y'),
  headed('a space before the colon', 'Accept : x'),
  headed('a name with a bracket', 'X[0]: x'),
  headed('a line without a colon', 'Nothing'),
  headed('an empty name', ': x'),
  written('lines that end with LF alone', head(FIRST, HOST, CLOSE).replaceAll('\r\n', '\n')),
  headed('a head of 17 KiB in one header', `X-Nothing: ${'x'.repeat(17 * 1024)}`),
  headed('a head of 17 KiB in many', ...Array.from({ length: 90 }, (_, n) => `X-${n}: ${'x'.repeat(190)}`)),
  headed('a hundred and one headers', ...Array.from({ length: 101 }, (_, n) => `X-${n}: x`)),
  first('a target of 9 KiB', `GET /repos/my-org/my-repo?x=${'x'.repeat(9 * 1024)} HTTP/1.1`),
  first('a method in small letters', 'get /repos/my-org/my-repo HTTP/1.1'),
  first('a method that nobody knows', 'SMUGGLE /repos/my-org/my-repo HTTP/1.1'),
  first('TRACE', 'TRACE /repos/my-org/my-repo HTTP/1.1'),
  first('OPTIONS of everything', 'OPTIONS * HTTP/1.1'),
  first('a method of WebDAV', 'PROPFIND /repos/my-org/my-repo HTTP/1.1'),
  first('a tab in the first line', 'GET\t/repos/my-org/my-repo\tHTTP/1.1'),
  first('a space within the target', 'GET /repos/my-org/my-repo /x HTTP/1.1'),
  first('a fragment', 'GET /repos/my-org/my-repo#/../their-repo HTTP/1.1'),
  first('bytes beyond ASCII in the target', 'GET /repos/my-org/my-rep\xf6 HTTP/1.1'),
  first('a control character in the target', 'GET /repos/my-org/my-repo\x01 HTTP/1.1'),
  first('a target without a slash', 'GET repos/my-org/my-repo HTTP/1.1'),
  first('HTTP/1.0', 'GET /repos/my-org/my-repo HTTP/1.0'),
  first('HTTP/0.9', 'GET /repos/my-org/my-repo'),
  first('HTTP/1.2', 'GET /repos/my-org/my-repo HTTP/1.2'),
  first('HTTP/2 in the first line', 'GET /repos/my-org/my-repo HTTP/2.0'),
  first('another protocol in the first line', 'GET /repos/my-org/my-repo ICE/1.0'),
  headed('another method in X-HTTP-Method-Override', 'X-HTTP-Method-Override: DELETE'),
  headed('another method in X-HTTP-Method', 'X-HTTP-Method: DELETE'),
  headed('another method in X-Method-Override', 'X-Method-Override: DELETE'),
  headed('another path in X-Original-URL', 'X-Original-URL: /repos/my-org/their-repo'),
  headed('another path in X-Rewrite-URL', 'X-Rewrite-URL: /repos/my-org/their-repo'),
  headed('an expectation that nobody knows', 'Expect: 200-ok'),
  headed('an expectation twice', 'Expect: 100-continue', 'Expect: 100-continue'),
  headed('a header for the next proxy', 'Proxy-Authorization: Basic eDp5'),
  written(
    'a header that Connection has thrown away',
    head(FIRST, HOST, 'Connection: close, host', 'Host-Not: x'),
  ),
  written(
    'an Authorization that Connection has thrown away',
    head(FIRST, HOST, 'Connection: close, authorization'),
  ),
  headed('a range twice', 'Range: bytes=0-1', 'Range: bytes=0-'),
  headed('a protocol of git twice', 'Git-Protocol: version=2', 'Git-Protocol: version=1'),
]);

import { EVERYTHING, POLICY } from '../server/scene.ts';
import { type Attack, attacks } from './attack.ts';
import { asked, brokenOff, bytes, early, handshake, head, plain, within } from './shots.ts';

const TARGET = '/repos/my-org/my-repo';
const FIRST = `GET ${TARGET} HTTP/1.1`;
const HOST = 'Host: api.github.com';
const CLOSE = 'Connection: close';
const SOUND = head(FIRST, HOST, CLOSE);
const PASSING = { shot: bytes(SOUND) };
const ANY = { policy: EVERYTHING };

const http = (title: string, raw: string, control?: string): Attack => ({
  title,
  shot: bytes(raw),
  rule: 'http',
  under: ANY,
  control: control === undefined ? PASSING : { shot: bytes(control) },
});

attacks('whom a request is for', [
  http('no Host', head(FIRST, CLOSE)),
  http('an empty Host', head(FIRST, 'Host:', CLOSE)),
  http('two Hosts', head(FIRST, HOST, 'Host: github.com', CLOSE)),
  http('two Hosts in one header', head(FIRST, 'Host: api.github.com, github.com', CLOSE)),
  http('another Host than that of CONNECT', head(FIRST, 'Host: gist.github.com', CLOSE)),
  http('another host of GitHub than that of CONNECT', head(FIRST, 'Host: github.com', CLOSE)),
  http('a Host with another port', head(FIRST, 'Host: api.github.com:8443', CLOSE)),
  http('a Host with a user', head(FIRST, 'Host: x@api.github.com', CLOSE)),
  http('a Host with a dot at its end', head(FIRST, 'Host: api.github.com.', CLOSE)),
  http('a Host with a path', head(FIRST, 'Host: api.github.com/gists', CLOSE)),
  http(
    'a whole URL for another host than Host',
    head(`GET https://gist.github.com${TARGET} HTTP/1.1`, HOST, CLOSE),
  ),
  http('a whole URL for the same host', head(`GET https://api.github.com${TARGET} HTTP/1.1`, HOST, CLOSE)),
  http(
    'a target that only begins with another host',
    head(`GET @gist.github.com${TARGET} HTTP/1.1`, HOST, CLOSE),
  ),
  {
    title: 'a target that some read as a host',
    shot: bytes(head('GET //gist.github.com/x HTTP/1.1', HOST, CLOSE)),
    rule: 'path',
    under: ANY,
    control: PASSING,
  },
  {
    ...http(
      'another host on a connection that was good before',
      head(FIRST, HOST) + head('GET /my-org/my-repo/archive/main.zip HTTP/1.1', 'Host: github.com', CLOSE),
      head(FIRST, HOST) + SOUND,
    ),
    before: 1,
  },
  {
    title: 'a TLS handshake for another host than that of CONNECT',
    shot: handshake('api.github.com', { servername: 'gist.github.com' }),
    rule: 'host',
    under: ANY,
    control: { shot: handshake('api.github.com', {}) },
  },
  {
    title: 'a TLS handshake for another host of GitHub than that of CONNECT',
    shot: handshake('api.github.com', { servername: 'github.com' }),
    rule: 'host',
    under: ANY,
    control: { shot: handshake('api.github.com', {}) },
  },
]);

const smuggled = head(FIRST, HOST, 'Content-Length: 1', 'Transfer-Encoding: chunked');

attacks('what a connection becomes', [
  http('a request behind one that was refused for its framing', smuggled + SOUND),
  http('a request behind one without a Host', head(FIRST) + SOUND),
  http('a request behind one with an expectation that nobody knows', head(FIRST, HOST, 'Expect: x') + SOUND),
  http('a request behind one for another host', head(FIRST, 'Host: github.com') + SOUND),
  {
    title: 'a repository that is not allowed, behind one that is',
    shot: bytes(head(FIRST, HOST) + head('GET /repos/my-org/their-repo HTTP/1.1', HOST, CLOSE)),
    rule: 'repo',
    before: 1,
    control: { under: ANY },
  },
  {
    title: 'a repository that is not allowed, behind another that is not',
    shot: bytes(
      ['/repos/my-org/their-repo', '/repos/my-org/another-repo']
        .map((target, index) => head(`GET ${target} HTTP/1.1`, HOST, ...(index > 0 ? [CLOSE] : [])))
        .join(''),
    ),
    rule: 'repo',
    control: { under: ANY },
  },
  {
    title: 'a body that is not read when its request is refused',
    shot: bytes(
      `${head('POST /repos/my-org/my-repo/forks HTTP/1.1', HOST, `Content-Length: ${SOUND.length}`, CLOSE)}${SOUND}`,
    ),
    rule: 'route',
    under: ANY,
    control: {
      shot: bytes(
        `${head('POST /repos/my-org/my-repo/issues HTTP/1.1', HOST, `Content-Length: ${SOUND.length}`, CLOSE)}${SOUND}`,
      ),
    },
  },
  {
    title: 'a request in place of a body that is waited for',
    shot: bytes(
      `${head('POST /repos/my-org/my-repo/forks HTTP/1.1', HOST, 'Expect: 100-continue', `Content-Length: ${SOUND.length}`)}${SOUND}${head('GET /gists HTTP/1.1', HOST, CLOSE)}`,
    ),
    rule: 'route',
    under: ANY,
    control: PASSING,
  },
  {
    title: 'a body that breaks off, so that the next request of the proxy is the rest of it',
    shot: async (scene) => {
      await brokenOff(
        'api.github.com',
        `${head('POST /repos/my-org/my-repo/issues HTTP/1.1', HOST, 'Content-Length: 2000')}{`,
      )(scene);
      await scene.request({ target: TARGET });
    },
    before: 2,
    rule: 'http',
    under: ANY,
    control: PASSING,
  },
  http('an upgrade to a WebSocket', head(FIRST, HOST, 'Connection: Upgrade', 'Upgrade: websocket')),
  http(
    'an upgrade to HTTP/2',
    head(
      FIRST,
      HOST,
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    ),
  ),
  http('an upgrade that Connection does not name', head(FIRST, HOST, 'Upgrade: h2c', CLOSE)),
  http('a request behind an upgrade', head(FIRST, HOST, 'Connection: Upgrade', 'Upgrade: h2c') + SOUND),
  http('HTTP/2 by prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00'),
  http(
    'CONNECT within TLS',
    head('CONNECT gist.github.com:443 HTTP/1.1', 'Host: gist.github.com:443') + SOUND,
  ),
  http(
    'CONNECT within TLS to the same host',
    head('CONNECT api.github.com:443 HTTP/1.1', 'Host: api.github.com:443') + SOUND,
  ),
  {
    title: 'HTTP/2 by ALPN',
    shot: handshake('api.github.com', { ALPNProtocols: ['h2'] }),
    rule: 'closed',
    control: { shot: handshake('api.github.com', { ALPNProtocols: ['http/1.1'] }) },
  },
  {
    title: 'TLS 1.1',
    shot: handshake('api.github.com', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }),
    rule: 'closed',
    control: { shot: handshake('api.github.com', { maxVersion: 'TLSv1.2' }) },
  },
  {
    title: 'a request without TLS where GitHub is',
    shot: within('api.github.com:443', SOUND),
    rule: 'closed',
    control: PASSING,
  },
  {
    title: 'a request right behind CONNECT, before its answer',
    shot: early('api.github.com:443', SOUND),
    rule: 'closed',
    control: PASSING,
  },
  {
    title: 'CONNECT within CONNECT',
    shot: early('api.github.com:443', head('CONNECT github.com:443 HTTP/1.1', 'Host: github.com:443')),
    rule: 'closed',
    control: PASSING,
  },
]);

const byName = { shot: asked({ target: TARGET }) };
const toProxy = (title: string, rule: Attack['rule'], ...lines: readonly string[]): Attack => ({
  title,
  shot: plain(head(...lines, CLOSE)),
  rule,
  under: ANY,
  control: byName,
});

attacks('what is asked of the proxy itself', [
  toProxy('GitHub without TLS', 'host', `GET http://api.github.com${TARGET} HTTP/1.1`, HOST),
  toProxy('any host without TLS', 'host', 'GET http://example.com/ HTTP/1.1', 'Host: example.com'),
  toProxy(
    'an address without TLS',
    'address',
    'GET http://169.254.169.254/ HTTP/1.1',
    'Host: 169.254.169.254',
  ),
  toProxy(
    'a URL of https, to be fetched by the proxy',
    'http',
    `GET https://api.github.com${TARGET} HTTP/1.1`,
    HOST,
  ),
  toProxy('a URL of ftp', 'http', 'GET ftp://api.github.com/x HTTP/1.1', HOST),
  toProxy('a path and a Host', 'http', FIRST, HOST),
  toProxy(
    'a metadata service',
    'address',
    'GET http://169.254.169.254/latest/ HTTP/1.1',
    'Host: 169.254.169.254',
  ),
  toProxy('a service of this machine', 'address', 'GET http://127.0.0.1:9/ HTTP/1.1', 'Host: 127.0.0.1:9'),
  toProxy('a URL with a user', 'http', `GET http://x@api.github.com${TARGET} HTTP/1.1`, HOST),
  toProxy(
    'another Host than that of the URL',
    'http',
    `GET http://api.github.com${TARGET} HTTP/1.1`,
    'Host: github.com',
  ),
  {
    title: 'an allowed host without TLS',
    shot: plain(head('GET http://a.example.com/ HTTP/1.1', 'Host: a.example.com', CLOSE)),
    rule: 'host',
    under: { policy: { ...POLICY, allowedHosts: ['a.example.com'] } },
    control: byName,
  },
]);

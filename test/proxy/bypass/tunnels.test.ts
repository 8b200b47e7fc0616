import { POLICY } from '../server/scene.ts';
import { extension, hello, helloContent, message, record, serverName } from '../tunnel/client-hello-bytes.ts';
import { type Attack, attacks } from './attack.ts';
import { early, head, within } from './shots.ts';
import { helloFor } from './tunnelled.ts';

const HOST = 'a.example.com';
const AT = `${HOST}:443`;
const SOUND = helloFor(HOST);
const OTHER = helloFor('gist.github.com');
const under = { policy: { ...POLICY, allowedHosts: [HOST] } };

const opened = (title: string, content: Buffer | string): Attack => ({
  title,
  shot: within(AT, content),
  rule: 'host',
  under,
  control: { shot: within(AT, SOUND) },
});

attacks('an allowed host as a front for another', [
  opened('another name in the handshake', OTHER),
  opened('a name below the host', helloFor(`b.${HOST}`)),
  opened('a name with a dot at its end', helloFor(`${HOST}.`)),
  opened('no name in the handshake', helloFor()),
  opened('two names in the handshake', helloFor(HOST, 'gist.github.com')),
  opened('the name twice in the handshake', hello(serverName(HOST), serverName('gist.github.com'))),
  opened('an empty name', helloFor('')),
  opened('a name behind a NUL', helloFor(`${HOST}\0.gist.github.com`)),
  opened('a name that is encrypted (ECH)', hello(serverName(HOST), extension(0xfe0d, Buffer.alloc(32, 1)))),
  opened(
    'a name that is encrypted as drafts had it',
    hello(serverName(HOST), extension(0xffce, Buffer.alloc(32, 1))),
  ),
  opened(
    'a second handshake behind the first, in its record',
    record(
      Buffer.concat([
        message(helloContent(serverName(HOST))),
        message(helloContent(serverName('gist.github.com'))),
      ]),
    ),
  ),
  opened(
    'something behind the extensions',
    record(message(Buffer.concat([helloContent(serverName(HOST)), Buffer.of(0)]))),
  ),
  opened('another message before the handshake', record(message(Buffer.alloc(4), 0))),
  opened('a handshake that is an alert first', Buffer.concat([record(Buffer.of(1, 0), 21), SOUND])),
  opened('an empty record first', Buffer.concat([record(Buffer.alloc(0)), SOUND])),
  opened('a handshake of 17 KiB', hello(serverName(HOST), extension(21, Buffer.alloc(17 * 1024)))),
  opened('SSL 2', Buffer.from('802e0100020015000000100700c0', 'hex')),
  opened('plain HTTP', head('GET / HTTP/1.1', `Host: ${HOST}`)),
  opened(
    'CONNECT to another host',
    head('CONNECT gist.github.com:443 HTTP/1.1', 'Host: gist.github.com:443'),
  ),
  opened('ssh', 'SSH-2.0-OpenSSH_9.2\r\n'),
  opened(
    'the line that a load balancer puts before a connection',
    'PROXY TCP4 127.0.0.1 127.0.0.1 1 443\r\n',
  ),
  {
    title: 'another name, right behind CONNECT and before its answer',
    shot: early(AT, OTHER),
    rule: 'host',
    under,
    control: { shot: early(AT, SOUND) },
  },
  {
    title: 'plain HTTP, right behind CONNECT and before its answer',
    shot: early(AT, head('GET / HTTP/1.1', `Host: ${HOST}`)),
    rule: 'host',
    under,
    control: { shot: early(AT, SOUND) },
  },
]);

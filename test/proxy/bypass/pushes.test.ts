import { brotliCompressSync, gzipSync } from 'node:zlib';
import { EMPTY_PACK, FLUSH, line, pushHead, ZERO } from '../git/push-stream.ts';
import { EVERYTHING, POLICY } from '../server/scene.ts';
import { type Attack, attacks } from './attack.ts';
import { asked } from './shots.ts';

const [OLD, NEW] = ['1'.repeat(40), '2'.repeat(40)];
const MAIN = 'refs/heads/main';
const DEV = 'refs/heads/dev';

const push = (body: Buffer, headers: Readonly<Record<string, string>> = {}) =>
  asked({
    host: 'github.com',
    method: 'POST',
    target: '/my-org/my-repo.git/git-receive-pack',
    headers: { 'content-type': 'application/x-git-receive-pack-request', ...headers },
    body,
  });

const pushOf = (...commands: readonly (readonly [string, string, string])[]): Buffer =>
  Buffer.concat([pushHead({ commands }), EMPTY_PACK]);

const ALLOWED = pushOf([ZERO, NEW, MAIN]);
const FORBIDDEN = pushOf([ZERO, NEW, DEV]);
/** Every ref, but for what is asked for otherwise. */
const ANY = { policy: EVERYTHING };

const denied = (
  title: string,
  rule: Attack['rule'],
  body: Buffer,
  headers?: Record<string, string>,
): Attack => ({
  title,
  shot: push(body, headers),
  rule,
  control: { under: ANY },
});

const command = (oldId: string, newId: string, ref: string) => `${oldId} ${newId} ${ref}`;
const first = `${command(ZERO, NEW, MAIN)}\0 report-status`;

const SOUND = { shot: push(ALLOWED) };

/** Under a policy that allows every ref: what cannot be read is refused all the same. */
const unreadable = (title: string, ...parts: readonly (Buffer | string)[]): Attack => ({
  title,
  shot: push(Buffer.concat(parts.map((part) => Buffer.from(part as string)))),
  rule: 'push-format',
  under: ANY,
  control: SOUND,
});

attacks('pushes', [
  denied('a branch that is not allowed', 'ref', FORBIDDEN),
  denied(
    'a branch that is not allowed, behind one that is',
    'ref',
    pushOf([ZERO, NEW, MAIN], [ZERO, NEW, DEV]),
  ),
  denied('a branch of an allowed name in other letters', 'ref', pushOf([ZERO, NEW, 'refs/heads/Main'])),
  denied('a branch below an allowed one', 'ref', pushOf([ZERO, NEW, 'refs/heads/main/x'])),
  denied(
    'a ref outside of branches and tags by an allowed name',
    'ref',
    pushOf([ZERO, NEW, 'refs/x/heads/main']),
  ),
  denied('the head of a pull request', 'ref', pushOf([ZERO, NEW, 'refs/pull/1/head'])),
  denied('a deletion', 'deletion', pushHead({ commands: [[OLD, ZERO, MAIN]] })),
  denied(
    'a deletion that is sent as a creation of nothing',
    'deletion',
    pushHead({ commands: [[ZERO, ZERO, MAIN]] }),
  ),
  denied(
    'a deletion beside a creation',
    'deletion',
    pushOf([ZERO, NEW, 'refs/heads/release/1'], [OLD, ZERO, MAIN]),
  ),
  denied('an update with no commits to show that it is none by force', 'force', pushOf([OLD, NEW, MAIN])),
  denied('another value for a tag', 'force', pushOf([OLD, NEW, 'refs/tags/release/1'])),
  denied('a branch that is not allowed, compressed', 'ref', gzipSync(FORBIDDEN), {
    'content-encoding': 'gzip',
  }),
  denied(
    'a branch that is not allowed, in the second of two compressed parts',
    'ref',
    Buffer.concat([
      gzipSync(line(`${command(ZERO, NEW, MAIN)}\0 report-status`)),
      gzipSync(Buffer.concat([line(command(ZERO, NEW, DEV)), FLUSH, EMPTY_PACK])),
    ]),
    { 'content-encoding': 'gzip' },
  ),
  {
    title: 'a body in an encoding that cannot be looked into',
    shot: push(brotliCompressSync(FORBIDDEN), { 'content-encoding': 'br' }),
    rule: 'http',
    control: { shot: push(gzipSync(ALLOWED), { 'content-encoding': 'gzip' }) },
  },
  {
    title: 'a body in two encodings',
    shot: push(gzipSync(gzipSync(FORBIDDEN)), { 'content-encoding': 'gzip, gzip' }),
    rule: 'http',
    control: { shot: push(gzipSync(ALLOWED), { 'content-encoding': 'gzip' }) },
  },
  unreadable(
    'a command behind the flush',
    line(first),
    FLUSH,
    line(command(ZERO, NEW, DEV)),
    FLUSH,
    EMPTY_PACK,
  ),
  unreadable(
    'capabilities of a later command',
    line(first),
    line(`${command(ZERO, NEW, DEV)}\0 atomic`),
    FLUSH,
    EMPTY_PACK,
  ),
  unreadable(
    'a delimiter between commands',
    line(first),
    '0001',
    line(command(ZERO, NEW, DEV)),
    FLUSH,
    EMPTY_PACK,
  ),
  unreadable(
    'a response end between commands',
    line(first),
    '0002',
    line(command(ZERO, NEW, DEV)),
    FLUSH,
    EMPTY_PACK,
  ),
  unreadable('a packet of length 3', line(first), '0003', FLUSH, EMPTY_PACK),
  unreadable('an empty packet', line(first), '0004', FLUSH, EMPTY_PACK),
  unreadable('a length that is no hex', line(first), `00x8${command(ZERO, NEW, DEV)}`, FLUSH, EMPTY_PACK),
  unreadable('a length with a sign', line(first), `+068${command(ZERO, NEW, DEV)}`, FLUSH, EMPTY_PACK),
  unreadable(
    'a signed push',
    line('push-cert\0 report-status'),
    line('certificate version 0.1\n'),
    line(command(ZERO, NEW, DEV)),
    line('push-cert-end\n'),
    FLUSH,
    EMPTY_PACK,
  ),
  unreadable('one ref twice', line(first), line(command(ZERO, OLD, MAIN)), FLUSH, EMPTY_PACK),
  unreadable(
    'a ref with dot segments',
    line(`${command(ZERO, NEW, 'refs/heads/main/../dev')}\0`),
    FLUSH,
    EMPTY_PACK,
  ),
  unreadable('HEAD by its name', line(`${command(ZERO, NEW, 'HEAD')}\0`), FLUSH, EMPTY_PACK),
  unreadable(
    'a line end within a ref',
    line(`${command(ZERO, NEW, `${MAIN}\n${DEV}`)}\0`),
    FLUSH,
    EMPTY_PACK,
  ),
  unreadable('a shallow line behind a command', line(first), line(`shallow ${OLD}`), FLUSH, EMPTY_PACK),
  unreadable(
    'another format of objects than its ids have',
    line(`${command(ZERO, NEW, MAIN)}\0 object-format=sha256`),
    FLUSH,
    EMPTY_PACK,
  ),
  unreadable('a second push behind a deletion', pushHead({ commands: [[OLD, ZERO, MAIN]] }), FORBIDDEN),
  unreadable('what is no pack behind its commands', line(first), FLUSH, 'PORK', FORBIDDEN),
  unreadable('a flush before its commands', FLUSH, line(first), FLUSH, EMPTY_PACK),
  unreadable(
    'more commands than are read',
    ...Array.from({ length: 12_000 }, (_, n) =>
      line(n === 0 ? first : command(ZERO, NEW, `refs/heads/release/${n}`)),
    ),
    FLUSH,
    EMPTY_PACK,
  ),
  {
    title: 'a body that ends within its commands',
    shot: push(line(first)),
    rule: 'push-format',
    under: { policy: POLICY },
    control: { shot: push(ALLOWED) },
  },
]);

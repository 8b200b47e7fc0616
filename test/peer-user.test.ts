import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type Connection, isAnotherUsers, peerUid } from '../lib/peer-user.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, remote: string, uid: number, inode = 4711) =>
  `   1: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0 20 4 30 10 -1`;
const SERVER = '0100007F:1F90';
const PEER = { remoteAddress: '127.0.0.1', remotePort: 0xc001, localPort: 0x1f90 };

test.each([
  ['the other end’s user', [row('0100007F:C001', SERVER, 1001)], 1001],
  ['it, and not the user of this end', [row(SERVER, '0100007F:C001', 7), row('0100007F:C001', SERVER, 8)], 8],
  ['nothing of another port', [row('0100007F:C002', SERVER, 1001)], undefined],
  ['nothing of another address with that port', [row('0200007F:C001', SERVER, 1001)], undefined],
  ['nothing of a connection elsewhere', [row('0100007F:C001', '0100007F:1F91', 1001)], undefined],
  ['nothing of a socket that nobody holds any more', [row('0100007F:C001', SERVER, 0, 0)], undefined],
  [
    'the user of a socket that speaks IPv6 too',
    [row('0000000000000000FFFF00000100007F:C001', '0000000000000000FFFF00000100007F:1F90', 1002)],
    1002,
  ],
])('a table of connections tells %s', (_what, rows, uid) => {
  expect(peerUid([HEAD, ...rows, ''].join('\n'), PEER, 'LE')).toBe(uid);
});

test('a big-endian machine writes addresses the other way round', () => {
  const table = row('7F000001:C001', '7F000001:1F90', 1003);
  expect(peerUid(table, PEER, 'BE')).toBe(1003);
});

test('a table of connections tells of IPv6, and of an address of loopback that is not the usual one', () => {
  const one = '00000000000000000000000001000000';
  const table = [
    HEAD,
    row(`${one}:C001`, `${one}:1F90`, 1004),
    row('0100007F:C001', '0200007F:1F90', 1005),
    '',
  ];
  const onIpv6 = { ...PEER, remoteAddress: '::1', localAddress: '::1' };
  expect(peerUid(table.join('\n'), onIpv6, 'LE')).toBe(1004);
  expect(peerUid(table.join('\n'), { ...PEER, localAddress: '127.0.0.2' }, 'LE')).toBe(1005);
});

const connected = async (
  asUser?: number,
  host = '127.0.0.1',
  listen = '127.0.0.1',
): Promise<{ peer: Socket; end: () => void }> => {
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(0, listen, resolve));
  const { port } = server.address() as { port: number };
  if (asUser !== undefined) process.seteuid?.(asUser);
  const client = connect(port, host);
  await new Promise((resolve) => client.once('connect', resolve)).finally(
    () => asUser !== undefined && process.seteuid?.(0),
  );
  const peer = await accepted;
  return {
    peer,
    end: () => {
      client.destroy();
      peer.destroy();
      server.close();
    },
  };
};

test.runIf(process.platform === 'linux' && process.getuid?.() === 0)(
  'another user of this machine is told from one’s own',
  async () => {
    const all = [
      await connected(),
      await connected(undefined, '::1', '::1'),
      await connected(undefined, '127.0.0.2', '127.0.0.2'),
      await connected(65_534),
      await connected(65_534, '::ffff:127.0.0.1'),
      await connected(65_534, '::1', '::1'),
      await connected(65_534, '127.0.0.2', '127.0.0.2'),
    ];
    try {
      expect(await Promise.all(all.map(({ peer }) => isAnotherUsers(peer)))).toEqual([
        ...[false, false, false],
        ...[true, true, true, true],
      ]);
    } finally {
      for (const { end } of all) end();
    }
  },
);

test.runIf(process.platform === 'linux')(
  'one who has let go of the connection counts as another',
  async () => {
    const server = createServer({ allowHalfOpen: true });
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = connect((server.address() as { port: number }).port, '127.0.0.1');
    const peer = await accepted;
    const { remoteAddress, remotePort, localAddress, localPort } = peer;
    const connection = { remoteAddress, remotePort, localAddress, localPort } as Connection;
    try {
      expect(await isAnotherUsers(connection)).toBe(false);
      const ended = new Promise((resolve) => peer.once('end', resolve).resume());
      client.destroy();
      await ended;
      expect(await isAnotherUsers(connection)).toBe(true);
    } finally {
      peer.destroy();
      server.close();
    }
  },
);

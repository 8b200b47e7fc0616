import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

/** A TCP connection over IPv4, as seen from this end. */
export type Connection = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localPort'>;

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
const LOOPBACK = '127.0.0.1';
/** How an IPv4 address stands in the table of IPv6: `::ffff:0:0/96`, in words of the machine's own byte order. */
const MAPPED = { LE: '0000000000000000FFFF0000', BE: '00000000000000000000FFFF' } as const;

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

/**
 * The user whose socket is at the other end of a connection within this machine, from the text of Linux's table of
 * connections; `undefined` when it is not in there, or nobody holds it any more.
 *
 * @see https://docs.kernel.org/networking/proc_net_tcp.html
 */
export const peerUid = (
  table: string,
  { remoteAddress = '', remotePort = 0, localPort = 0 }: Connection,
  order: 'LE' | 'BE',
): number | undefined => {
  const place = (address: string, port: number): readonly string[] => {
    const bytes = address.split('.').map((byte) => hex(Number(byte), 2));
    const word = (order === 'LE' ? bytes.reverse() : bytes).join('');
    return [`${word}:${hex(port, 4)}`, `${MAPPED[order]}${word}:${hex(port, 4)}`];
  };
  const [theirs, ours] = [place(remoteAddress, remotePort), place(LOOPBACK, localPort)];
  for (const line of table.split('\n')) {
    const [, local = '', remote = '', , , , , uid, , inode = '0'] = line.trim().split(/\s+/);
    if (theirs.includes(local) && ours.includes(remote) && inode !== '0') return Number(uid);
  }
  return undefined;
};

/**
 * Whether another user of this machine is at the other end of a connection over loopback. Root is not: it can do all
 * that this process can. Linux tells; where nothing does, nobody is taken for another user.
 */
export const isAnotherUsers = async (connection: Connection): Promise<boolean> => {
  for (const file of TABLES) {
    const table = await readFile(file, 'latin1').catch(() => '');
    const uid = peerUid(table, connection, endianness());
    if (uid !== undefined) return uid !== 0 && uid !== process.getuid?.();
  }
  return false;
};

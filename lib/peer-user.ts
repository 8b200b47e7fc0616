import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

/** A TCP connection, as seen from this end. */
export type Connection = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** The table is no snapshot: a row can be missed while others come and go. */
const LOOKS = 3;
/** An IPv4 address in the table of IPv6: `::ffff:0:0/96`. */
const MAPPED = [...Buffer.alloc(10), 0xff, 0xff];

const ipv4Bytes = (address: string): number[] => address.split('.').map(Number);

const ipv6Bytes = (address: string): number[] => {
  const [head = [], tail = []] = address
    .split('::')
    .map((part) => part.split(':').flatMap((group) => (group === '' ? [] : [Number.parseInt(group, 16)])));
  const zeros = new Array<number>(8 - head.length - tail.length).fill(0);
  return [...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 0xff]);
};

const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString('hex').toUpperCase();

/** In words of the machine's own byte order. */
const inWords = (bytes: readonly number[], order: 'LE' | 'BE'): string => {
  const words = Array.from({ length: bytes.length / 4 }, (_, index) => bytes.slice(4 * index, 4 * index + 4));
  return words.map((word) => hex(order === 'LE' ? word.reverse() : word)).join('');
};

/** How an address and a port stand in one of the tables. */
const placesOf = (address: string, port: number, order: 'LE' | 'BE'): readonly string[] => {
  const end = `:${hex([port >> 8, port & 0xff])}`;
  const dotted = address.replace(/^::ffff:(?=.*\.)/i, '');
  if (dotted.includes(':')) return [`${inWords(ipv6Bytes(dotted), order)}${end}`];
  const bytes = ipv4Bytes(dotted);
  return [`${inWords(bytes, order)}${end}`, `${inWords([...MAPPED, ...bytes], order)}${end}`];
};

interface Ends {
  /** Whether the table knows the connection at all: this end of it is in there. */
  readonly isKnown: boolean;
  /** The user at the other end; absent when nobody holds it any more. */
  readonly uid?: number;
}

const endsOf = (
  table: string,
  { remoteAddress = '', remotePort = 0, localAddress = '127.0.0.1', localPort = 0 }: Connection,
  order: 'LE' | 'BE',
): Ends => {
  const theirs = placesOf(remoteAddress, remotePort, order);
  const ours = placesOf(localAddress, localPort, order);
  let isKnown = false;
  for (const line of table.split('\n')) {
    const [, local = '', remote = '', , , , , uid, , inode = '0'] = line.trim().split(/\s+/);
    if (ours.includes(local) && theirs.includes(remote)) isKnown = true;
    if (theirs.includes(local) && ours.includes(remote) && inode !== '0')
      return { isKnown: true, uid: Number(uid) };
  }
  return { isKnown };
};

/**
 * The user whose socket is at the other end of a connection within this machine, from the text of Linux's table of
 * connections; `undefined` when it is not in there, or nobody holds it any more.
 *
 * @see https://docs.kernel.org/networking/proc_net_tcp.html
 */
export const peerUid = (table: string, connection: Connection, order: 'LE' | 'BE'): number | undefined =>
  endsOf(table, connection, order).uid;

const look = async (connection: Connection): Promise<Ends> => {
  let isKnown = false;
  for (const file of TABLES) {
    const table = await readFile(file, 'latin1').catch(() => '');
    const ends = endsOf(table, connection, endianness());
    if (ends.uid !== undefined) return ends;
    isKnown ||= ends.isKnown;
  }
  return { isKnown };
};

/**
 * Whether another user of this machine is at the other end of a connection over loopback. Root is not: it can do all
 * that this process can. Linux tells; one of whose ends it knows this one only has nobody at the other that could be
 * told, and counts as another's. Where the system tells nothing, nobody is taken for another user.
 */
export const isAnotherUsers = async (connection: Connection): Promise<boolean> => {
  let isKnown = false;
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const ends = await look(connection);
    if (ends.uid !== undefined) return ends.uid !== 0 && ends.uid !== process.getuid?.();
    isKnown ||= ends.isKnown;
  }
  return isKnown;
};

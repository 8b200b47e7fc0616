import { isIPv4, isIPv6 } from 'node:net';

/**
 * What an address is to a proxy: `public`; `private`, which the configured GitHub Enterprise Server may have; or
 * `local`, which nothing may have: this machine, its link, metadata services, multicast, and what is no address.
 */
export type AddressKind = 'public' | 'private' | 'local';

type Block = readonly [bytes: readonly number[], bits: number];

const ipv6Groups = (part: string): number[] =>
  part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));

const ipv6Bytes = (address: string): number[] => {
  const dotted = /[0-9.]*\.[0-9]+$/.exec(address)?.[0];
  const [a = 0, b = 0, c = 0, d = 0] = dotted?.split('.').map(Number) ?? [];
  const plain = dotted
    ? `${address.slice(0, -dotted.length)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
    : address;
  const [front = '', back] = plain.split('::');
  const [head, tail] = [ipv6Groups(front), ipv6Groups(back ?? '')];
  const zeros = new Array<number>(back === undefined ? 0 : 8 - head.length - tail.length).fill(0);
  return [...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 0xff]);
};

/** The bytes of an address in its usual notation; a zone (`%eth0`) makes it one of a link, and none here. */
const bytesOf = (address: string): readonly number[] | undefined => {
  if (isIPv4(address)) return address.split('.').map(Number);
  return isIPv6(address) && !address.includes('%') ? ipv6Bytes(address) : undefined;
};

const block = (text: string): Block => {
  const [address = '', bits = ''] = text.split('/');
  return [bytesOf(address) ?? [], Number(bits)];
};

const isWithin = (bytes: readonly number[], [prefix, bits]: Block): boolean =>
  bytes.length === prefix.length &&
  bytes.every((byte, index) => {
    const counted = Math.min(8, Math.max(0, bits - index * 8));
    const mask = (0xff << (8 - counted)) & 0xff;
    return (byte & mask) === ((prefix[index] ?? 0) & mask);
  });

/** Of {@link https://www.iana.org/assignments/iana-ipv4-special-registry}: what is neither public nor private. */
const LOCAL_IPV4 = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Metadata services outside 169.254.0.0/16: Alibaba Cloud, Azure.
  '100.100.100.200/32',
  '168.63.129.16/32',
].map(block);

const PRIVATE_IPV4 = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'].map(block);

/** Of {@link https://www.iana.org/assignments/iana-ipv6-special-registry}; only 2000::/3 is public at all. */
const LOCAL_IPV6 = [
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3ffe::/16',
  '3fff::/20',
  // Services of the host: EC2 (metadata, DNS, time), and Google's metadata.
  'fd00:ec2::/32',
  'fd20:ce::/64',
].map(block);

const PRIVATE_IPV6 = block('fc00::/7');
const PUBLIC_IPV6 = block('2000::/3');
/** IPv4 addresses in IPv6 ones: as sockets show them, and as a NAT64 translates them (RFC 6052). */
const EMBEDDED_IPV4 = ['::ffff:0:0/96', '64:ff9b::/96'].map(block);

const kindOf = (bytes: readonly number[]): AddressKind => {
  const isIn = (blocks: readonly Block[]): boolean => blocks.some((candidate) => isWithin(bytes, candidate));
  if (bytes.length === 4) {
    if (isIn(LOCAL_IPV4)) return 'local';
    return isIn(PRIVATE_IPV4) ? 'private' : 'public';
  }
  if (isIn(EMBEDDED_IPV4)) return kindOf(bytes.slice(12));
  if (isIn(LOCAL_IPV6)) return 'local';
  if (isIn([PRIVATE_IPV6])) return 'private';
  return isIn([PUBLIC_IPV6]) ? 'public' : 'local';
};

/** What an IP address is, in the notation of `dns.lookup`; anything else is `local`. */
export const addressKind = (address: string): AddressKind => {
  const bytes = bytesOf(address);
  return bytes === undefined ? 'local' : kindOf(bytes);
};

/** Whether an IP address is one of the internet, also where it stands within an IPv6 one. */
export const isPublicAddress = (address: string): boolean => addressKind(address) === 'public';

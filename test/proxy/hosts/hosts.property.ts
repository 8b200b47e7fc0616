import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { addressKind } from '../../../lib/proxy/hosts/addresses.ts';
import { parseAuthority } from '../../../lib/proxy/hosts/host-name.ts';

const part = fc.constantFrom(
  ...[
    'github',
    'com',
    'a-b',
    '-',
    '1',
    '127',
    '0x7f',
    '0177',
    '08',
    '0',
    '256',
    '2130706433',
    'xn--a',
    'ß',
    'K',
    'ｇ',
  ],
  ...[
    '１',
    '%31',
    '%2e',
    '。',
    '.',
    '..',
    '[',
    ']',
    '::1',
    ':',
    '@',
    '/',
    '\\',
    '?',
    '#',
    '_',
    '\t',
    ' ',
    '\0',
    'e1',
    'x',
  ],
);
const authority = fc.oneof(
  fc
    .tuple(
      fc.array(fc.tuple(part, fc.constantFrom('', '.')), { maxLength: 5 }),
      fc.constantFrom(':443', ':8443', ':0443', '', ':'),
    )
    .map(([parts, port]) => `${parts.flat().join('')}${port}`),
  fc.string({ unit: 'binary' }).map((text) => `${text}:443`),
  fc.webAuthority({ withPort: true }),
);

/** The URL standard is how most clients read a host; what is let through, it must read as the same name, and never as an address. */
export const authorities = {
  title: 'what a CONNECT may name is a name to the URL standard as well, and the same one',
  run: (cases: number): void => {
    let passed = 0;
    fc.assert(
      fc.property(authority, (text) => {
        const read = parseAuthority(text);
        if ('allowed' in read) return;
        passed += 1;
        const url = new URL(`https://${text}/`);
        const isSame = url.hostname === read.host && Number(url.port || 443) === read.port;
        if (!isSame || isIP(url.hostname) !== 0 || url.hostname.startsWith('[') || url.username !== '') {
          throw new TypeError(
            `${JSON.stringify(text)} is ${JSON.stringify(read)}, and ${url.href} to the standard`,
          );
        }
      }),
      { numRuns: cases },
    );
    if (passed < cases / 100) throw new TypeError(`only ${passed} of ${cases} were let through`);
  },
} as const;

/** Written down again, for Node's own reading of addresses and subnets. */
const NOT_PUBLIC: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
const NOT_PUBLIC_IPV6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3ffe::', 16],
  ['3fff::', 20],
];

const blocked = new BlockList();
for (const [address, bits] of NOT_PUBLIC) blocked.addSubnet(address, bits, 'ipv4');
for (const [address, bits] of NOT_PUBLIC_IPV6) blocked.addSubnet(address, bits, 'ipv6');
const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');

/** At the edges of the blocks as often as anywhere. */
const ipv4 = fc.oneof(
  fc.ipV4(),
  fc
    .tuple(fc.constantFrom(...NOT_PUBLIC), fc.constantFrom(-1, 0, 1), fc.boolean())
    .map(([[address, bits], by, atEnd]) => {
      const first = address.split('.').reduce((sum, digits) => sum * 256 + Number(digits), 0);
      const number = (first + (atEnd ? 2 ** (32 - bits) - 1 : 0) + by + 2 ** 32) % 2 ** 32;
      return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
    }),
);
const ipv6 = fc
  .oneof(
    fc.ipV6(),
    fc
      .tuple(
        fc.constantFrom('2000', '2001', '2002', '3ffe', '3fff', '2600', '1fff', '4000', 'fe80', 'fc00'),
        fc.constantFrom('0', '1ff', '200', 'db8', 'db9', '1000', 'fff'),
        fc.nat(0xffff),
      )
      .map(([first, second, last]) => `${first}:${second}::${last.toString(16)}`),
  )
  // Those with an IPv4 address in them are a case of their own.
  .filter((address) => !/^\[(?:::ffff:|64:ff9b::)/.test(new URL(`http://[${address}]`).hostname));
const embedded = fc.tuple(fc.constantFrom('::ffff:', '0:0:0:0:0:FFFF:', '64:ff9b::'), ipv4);

const isPublicToNode = (address: string): boolean =>
  isIP(address) === 4
    ? !blocked.check(address, 'ipv4')
    : global.check(address, 'ipv6') && !blocked.check(address, 'ipv6');

export const publicAddresses = {
  title: 'an address is public where Node’s own subnets say so, also within an IPv6 one',
  run: (cases: number): void => {
    fc.assert(
      fc.property(ipv4, ipv6, embedded, (four, six, [prefix, inner]) => {
        for (const [address, expected] of [
          [four, isPublicToNode(four)],
          [six, isPublicToNode(six)],
          [`${prefix}${inner}`, isPublicToNode(inner)],
        ] as const) {
          const isPublic = addressKind(address) === 'public';
          if (isPublic !== expected) throw new TypeError(`${address} is public: ${isPublic}`);
        }
      }),
      { numRuns: cases },
    );
  },
} as const;

import { expect, test } from 'vitest';
import { resolvePinned } from '../../../lib/proxy/hosts/pinned-lookup.ts';

const answering =
  (...addresses: readonly string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

test('the first address of an answer that is public throughout is the one to connect to', async () => {
  const lookup = answering('2606:50c0:8000::153', '140.82.121.3');
  expect(await resolvePinned('github.com', { lookup })).toEqual({
    address: '2606:50c0:8000::153',
    family: 6,
  });
});

test('the family is the address’s own, whatever the resolver says', async () => {
  const lookup = async () => [{ address: '140.82.121.3', family: 6 }];
  expect(await resolvePinned('github.com', { lookup })).toEqual({ address: '140.82.121.3', family: 4 });
});

test.each([
  { what: 'a private address', addresses: ['10.0.0.1'], says: 'a private address' },
  { what: 'a public and a private one', addresses: ['140.82.121.3', '10.0.0.1'], says: 'a private address' },
  { what: 'loopback', addresses: ['127.0.0.1'], says: 'an address of this machine or its network link' },
  {
    what: 'metadata',
    addresses: ['169.254.169.254'],
    says: 'an address of this machine or its network link',
  },
  {
    what: 'metadata in an IPv6 address, last of three',
    addresses: ['140.82.121.3', '140.82.121.4', '::ffff:a9fe:a9fe'],
    says: 'an address of this machine or its network link',
  },
  { what: 'no address at all', addresses: ['evil'], says: 'an address of this machine or its network link' },
])('a name that resolves to $what is refused', async ({ addresses, says }) => {
  expect(await resolvePinned('rebind.example.com', { lookup: answering(...addresses) })).toEqual({
    allowed: false,
    rule: 'address',
    status: 403,
    reason: `[km] 'rebind.example.com' denied -- it resolves to ${says}`,
    remedy: "Ask the host's owner for a name that has public addresses only.",
  });
});

test.each([
  { address: '10.1.2.3', is: true },
  { address: 'fd12:3456::1', is: true },
  { address: '127.0.0.1', is: false },
  { address: '169.254.169.254', is: false },
  { address: 'fd00:ec2::254', is: false },
  { address: 'fe80::1', is: false },
])('where private addresses may be, $address is connected to: $is', async ({ address, is }) => {
  const found = await resolvePinned('ghe.example.com', { lookup: answering(address), allowPrivate: true });
  expect('address' in found).toBe(is);
});

test('a name is asked for once: what it resolves to later does not count', async () => {
  const answers = ['140.82.121.3', '127.0.0.1'];
  const lookup = async () => [{ address: answers.shift() ?? '', family: 4 }];
  expect(await resolvePinned('rebind.example.com', { lookup })).toMatchObject({ address: '140.82.121.3' });
  expect(answers).toEqual(['127.0.0.1']);
});

test.each([['140.82.121.3'], ['::1'], ['2606:50c0:8000::153']])('%s is no name to resolve', async (host) => {
  const lookup = answering('140.82.121.3');
  expect(await resolvePinned(host, { lookup })).toMatchObject({ allowed: false, rule: 'address' });
});

test.each([
  {
    what: 'an unknown name',
    lookup: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
    says: 'ENOTFOUND',
  },
  { what: 'an empty answer', lookup: answering(), says: 'it has no address' },
  { what: 'silence', lookup: () => new Promise<never>(() => {}), says: 'the resolver does not answer' },
])('$what is told as such', async ({ lookup, says }) => {
  expect(await resolvePinned('a.example.com', { lookup, timeout: 20 })).toMatchObject({
    rule: 'host',
    status: 502,
    reason: `[km] 'a.example.com' could not be resolved: ${says}`,
  });
});

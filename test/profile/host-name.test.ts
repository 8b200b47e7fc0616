import { expect, test } from 'vitest';
import { checkHostName } from '../../lib/profile/host-name.ts';

test.each([
  'packages.example.com',
  'Registry.Example.COM',
  'a.io',
  'xn--mnchen-3ya.example',
  '*.example.com',
  'x-1.y.example.com',
  `${'a'.repeat(63)}.example`,
])('the host %s is accepted', (host) => {
  expect(checkHostName(host)).toBeUndefined();
});

test.each([
  ['*', 'this would let everything through'],
  ['https://example.com', 'this is an address'],
  ['example.com/path', 'a host stands without a path'],
  ['example.com:443', 'a host stands without a port'],
  ['10.0.0.1', 'the proxy lets names through, not IP addresses'],
  ['169.254.169.254', 'the proxy lets names through, not IP addresses'],
  ['::1', 'the proxy lets names through, not IP addresses'],
  ['[::1]', 'the proxy lets names through, not IP addresses'],
  ['2130706433', 'the proxy lets names through, not IP addresses'],
  ['0x7f.1', 'this is no host name'],
  ['0x7f.0x0', 'this is no host name'],
  ['localhost', 'a host needs its domain'],
  ['.example.com', 'a domain is written with a star in front'],
  ['*.com', 'a star stands for the first labels of a host only'],
  ['a.*.com', 'a star stands for the first labels of a host only'],
  ['*example.com', 'a star stands for the first labels of a host only'],
  ['example.com.', 'a host stands without a dot at its end'],
  ['-a.example.com', 'this is no host name'],
  ['a-.example.com', 'this is no host name'],
  ['a..b.com', 'this is no host name'],
  ['a_b.example.com', 'this is no host name'],
  ['münchen.example', 'this is no host name'],
  ['example.com\n', 'this is no host name'],
  ['exa mple.com', 'this is no host name'],
  ['$(id).com', 'this is no host name'],
  ['', 'this is no host name'],
  [`${'a'.repeat(64)}.example`, 'this is no host name'],
  [`${'a.'.repeat(126)}example`, 'this is no host name'],
])('the host %j is refused, since %s', (host, message) => {
  expect(checkHostName(host)).toEqual({ message, fix: expect.stringMatching(/./) });
});

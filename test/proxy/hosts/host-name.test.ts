import { expect, test } from 'vitest';
import { hostIsAllowed, parseAuthority } from '../../../lib/proxy/hosts/host-name.ts';

test.each([
  { text: 'github.com:443', host: 'github.com', port: 443 },
  { text: 'GitHub.COM:443', host: 'github.com', port: 443 },
  { text: 'ghe.example.com:8443', host: 'ghe.example.com', port: 8443 },
  { text: 'xn--bcher-kva.example:65535', host: 'xn--bcher-kva.example', port: 65_535 },
  { text: '1.2.3.4.example.com:443', host: '1.2.3.4.example.com', port: 443 },
  { text: '0x7f.1.example.com:443', host: '0x7f.1.example.com', port: 443 },
])('$text is the host $host and the port $port', ({ text, host, port }) => {
  expect(parseAuthority(text)).toEqual({ host, port });
});

const ADDRESSES = [
  '140.82.121.3:443',
  '127.0.0.1:443',
  '169.254.169.254:80',
  '127.1:443',
  '127.0.1:443',
  '2130706433:443',
  '0x7f000001:443',
  '0X7F.0.0.1:443',
  '0x7f.1:443',
  '0177.0.0.1:443',
  '017700000001:443',
  '127.0.0.0x1:443',
  '127.0.0.1.:443',
  '127.0.0.1..:443',
  '2130706433.:443',
  '0:443',
  '0x:443',
  '[::1]:443',
  '[::ffff:127.0.0.1]:443',
  '[::ffff:7f00:1]:443',
  '[fe80::1%eth0]:443',
  '[fe80::1%25eth0]:443',
  '[fd00:ec2::254]:80',
  '[2606:50c0:8000::153]:443',
  '[v1.fe80::a+en1]:443',
  '::1:443',
  '1::443',
  '[::1:443',
  '::1]:443',
  '１２７.０.０.１:443',
  '①②⑦.⓪.⓪.①:443',
  '127。0。0。1:443',
  '127%2e0%2e0%2e1:443',
  '%31%32%37.0.0.1:443',
  '%5b::1%5d:443',
  'user@127.0.0.1:443',
  'github.com@127.0.0.1:443',
  'github.com:443@127.0.0.1:443',
  '127.0.0.1',
  'github.com.127:443',
  'example.0x1:443',
];

test.each(ADDRESSES.map((text) => [text]))('CONNECT %s is refused as an address', (text) => {
  expect(parseAuthority(text)).toMatchObject({ allowed: false, rule: 'address', status: 403 });
});

const NO_NAMES = [
  'github.com:80:443',
  '',
  ':443',
  'github.com',
  'github.com:',
  'github.com:0',
  'github.com:0443',
  'github.com:+443',
  'github.com:65536',
  'github.com:99999',
  'github.com:443443',
  'github.com:443 ',
  ' github.com:443',
  'github.com :443',
  'github.com.:443',
  'github.com..:443',
  '.github.com:443',
  'github..com:443',
  'github.com\u0000:443',
  'github.com\r\nX: y:443',
  'github.com/:443',
  'github.com/a:443',
  'github.com?a:443',
  'github.com#a:443',
  'github.com\\a:443',
  'user@github.com:443',
  'user%40github.com:443',
  'https://github.com:443',
  'git_hub.com:443',
  '-github.com:443',
  'github-.com:443',
  'gıthub.com:443',
  'githu\u212a.com:443',
  'ｇithub.com:443',
  'github。com:443',
  'github%2ecom:443',
  'github.com%00.example.com:443',
  'localhost:443',
  'com:443',
  '*.github.com:443',
  `${'a'.repeat(64)}.com:443`,
  `${'a.'.repeat(130)}com:443`,
];

test.each(NO_NAMES.map((text) => [text]))('CONNECT %j is refused as no name and port', (text) => {
  expect(parseAuthority(text)).toMatchObject({ allowed: false, rule: 'host', status: 400 });
});

test('a refusal shows what was asked for, without what could give a terminal orders', () => {
  expect(parseAuthority("a\u001b[2J'b\r\n.com:443")).toEqual({
    allowed: false,
    rule: 'host',
    status: 400,
    reason: "[km] CONNECT to 'a?[2J?b??.com:443' denied -- this is no host name and port",
    remedy:
      'Use a name with its domain and a port, such as github.com:443; no user, no dot at its end, ASCII only.',
  });
  const long = parseAuthority(`${'a'.repeat(5000)}:443`);
  expect('reason' in long && long.reason.length).toBeLessThan(200);
});

test.each([
  { host: 'registry.example.com', allowed: ['registry.example.com'], is: true },
  { host: 'a.registry.example.com', allowed: ['registry.example.com'], is: false },
  { host: 'a.example.com', allowed: ['*.example.com'], is: true },
  { host: 'a.b.example.com', allowed: ['*.example.com'], is: true },
  { host: 'example.com', allowed: ['*.example.com'], is: false },
  { host: '.example.com', allowed: ['*.example.com'], is: false },
  { host: 'notexample.com', allowed: ['*.example.com'], is: false },
  { host: 'example.com.evil.com', allowed: ['*.example.com'], is: false },
  { host: 'a.example.com', allowed: [], is: false },
  { host: 'a.example.com', allowed: ['*'], is: false },
  { host: '*.example.com', allowed: ['example.com'], is: false },
])('with $allowed, $host is allowed: $is', ({ host, allowed, is }) => {
  expect(hostIsAllowed(allowed, host)).toBe(is);
});

import { EVERYTHING, POLICY } from '../server/scene.ts';
import { type Attack, attacks, type Setting } from './attack.ts';
import { asked, connecting, within } from './shots.ts';
import { helloFor } from './tunnelled.ts';

const BY_NAME = { shot: asked({ target: '/repos/my-org/my-repo' }) };

const allowing = (...allowedHosts: readonly string[]): Setting => ({
  policy: { ...EVERYTHING, allowedHosts },
});

const reaching = (host: string) => within(`${host}:443`, helloFor(host));

/** Even where the profile allows the very text, as no profile can. */
const spelled = (title: string, authority: string, rule: Attack['rule'] = 'address'): Attack => ({
  title,
  shot: connecting(authority),
  rule,
  under: allowing(authority, authority.replace(/:443$/, '')),
  control: BY_NAME,
});

attacks('addresses instead of names', [
  spelled('an address', '127.0.0.1:443'),
  spelled("the address of GitHub's own host", '140.82.121.3:443'),
  spelled('an address in decimal', '2130706433:443'),
  spelled('an address in hex', '0x7f000001:443'),
  spelled('an address in octal', '0177.0.0.1:443'),
  spelled('an address in three notations', '0x7f.0.01:443'),
  spelled('an address of two parts', '127.1:443'),
  spelled('an address of three parts', '127.0.1:443'),
  spelled('zero for this machine', '0:443'),
  spelled('an address with zeros before it', '127.000.000.001:443'),
  spelled('an address with a dot at its end', '127.0.0.1.:443'),
  spelled('an IPv6 address', '[::1]:443'),
  spelled('an IPv6 address without brackets', '::1:443'),
  spelled('an IPv4 address within an IPv6 one', '[::ffff:127.0.0.1]:443'),
  spelled('an IPv4 address within an IPv6 one, in hex', '[::ffff:7f00:1]:443'),
  spelled('an IPv6 address with a zone', '[fe80::1%25eth0]:443'),
  spelled('an address behind a NAT64', '[64:ff9b::7f00:1]:443'),
  spelled('a metadata service', '169.254.169.254:443'),
  spelled('a metadata service over IPv6', '[fd00:ec2::254]:443'),
  spelled('a metadata service in decimal', '2852039166:443'),
  spelled('an address with encoded dots', '127%2e0%2e0%2e1:443'),
  spelled('an address with an encoded digit', '%3127.0.0.1:443'),
  spelled('an address with a user before it', 'github.com@127.0.0.1:443'),
]);

const named = (title: string, authority: string, control: Attack['control'] = BY_NAME): Attack => ({
  title,
  shot: connecting(authority),
  rule: 'host',
  control,
});

/** Refused before there is an authority to read. */
const unparsed = (title: string, authority: string): Attack => ({ ...named(title, authority), rule: 'http' });

const switchedOn = (host: string): Attack['control'] => ({ shot: reaching(host), under: allowing(host) });

attacks('names that are none of GitHub', [
  named('a host that no profile names', 'example.com:443', switchedOn('example.com')),
  named("a host below one of GitHub's", 'my.api.github.com:443', switchedOn('my.api.example.com')),
  {
    ...named(
      "one of GitHub's own, which the profile names",
      'www.github.com:443',
      switchedOn('www.example.com'),
    ),
    under: { policy: { ...POLICY, allowedHosts: ['www.github.com', '*.github.com'] } },
  },
  named("a host that ends as GitHub's", 'evilgithub.com:443', switchedOn('evilgithub.com')),
  named("a host that begins as GitHub's", 'github.com.example.com:443', switchedOn('github.com.example.com')),
  named(
    'a name in Punycode that looks like GitHub',
    'xn--gthub-n4a.com:443',
    switchedOn('xn--gthub-n4a.com'),
  ),
  unparsed('a name with a letter that looks like one of GitHub', 'gіthub.com:443'),
  unparsed('a name with a letter that becomes one of GitHub', 'githuᵇ.com:443'),
  named('this machine by its name', 'localhost:443'),
  named(
    'a metadata service by its name',
    'metadata.google.internal:443',
    switchedOn('metadata.google.internal'),
  ),
  named('a name without a domain', 'github:443'),
  named("GitHub's name with a dot at its end", 'github.com.:443'),
  named("GitHub's name behind a user", 'example.com@github.com:443'),
  named("a user that is GitHub's name", 'github.com@example.com:443'),
  named("a user and password before GitHub's name", 'x:y@github.com:443'),
  named('a name with an encoded letter', 'g%69thub.com:443'),
  named('a name that a NUL ends', 'github.com%00.example.com:443'),
  unparsed('a name that a fragment ends', 'example.com#.github.com:443'),
  named('a name that a path ends', 'example.com/.github.com:443'),
  unparsed('a name that a backslash ends', 'example.com\\.github.com:443'),
  named('a name with an empty label', 'github..com:443'),
  named('a name with an underscore', 'git_hub.com:443'),
  named('a URL', 'https://github.com:443'),
  named('ssh', 'github.com:22'),
  named('plain HTTP', 'github.com:80'),
  named('another port', 'github.com:8443'),
  named('no port', 'github.com'),
  named('a port with a zero before it', 'github.com:0443'),
  named('a port with a sign', 'github.com:+443'),
  named('a port past the last', 'github.com:66979'),
  named('two ports', 'github.com:443:443'),
  {
    title: 'ssh to an allowed host',
    shot: connecting('a.example.com:22'),
    rule: 'host',
    under: allowing('a.example.com'),
    control: { shot: reaching('a.example.com') },
  },
  ...[
    'example.com',
    'evilexample.com',
    'a.example.com.example.org',
    'a-example.com',
    '.example.com',
    '*.example.com',
  ].map(
    (host): Attack => ({
      title: `${host} where *.example.com is allowed`,
      shot: reaching(host),
      rule: 'host',
      under: allowing('*.example.com'),
      control: { shot: reaching('a.example.com') },
    }),
  ),
  {
    title: 'a repository that is not allowed, where the profile allows the host of GitHub',
    shot: asked({ target: '/repos/my-org/their-repo' }),
    rule: 'repo',
    under: { policy: { ...POLICY, allowedHosts: ['api.github.com', '*.github.com'] } },
    control: { under: { policy: EVERYTHING } },
  },
]);

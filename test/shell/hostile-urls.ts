/** What a URL would make git ask with: the parts of a credential request, as git's own credential.c fills them in. */
export interface Asked {
  readonly protocol?: string;
  readonly host?: string;
  readonly path?: string;
  readonly username?: string;
}

export interface HostileCase extends Asked {
  readonly trick: string;
}

/**
 * The published ways of making git's helpers answer for another host, and their relatives, each against
 * https://github.com with my-user/my-repo allowed.
 */
export const HOSTILE: readonly HostileCase[] = [
  { trick: 'another host', host: 'evil.example' },
  { trick: 'another protocol', protocol: 'http' },
  { trick: 'an upper-case protocol', protocol: 'HTTPS' },
  { trick: 'an ssh protocol', protocol: 'ssh' },
  { trick: 'no host (CVE-2020-11008)', host: '' },
  { trick: 'no protocol (CVE-2020-11008)', protocol: '' },
  { trick: 'a newline in the host (CVE-2020-5260)', host: 'evil.example\nhost=github.com' },
  {
    trick: 'a newline in the path (CVE-2020-5260)',
    host: 'evil.example',
    path: 'a\nhost=github.com\npath=x',
  },
  { trick: 'a newline behind the host', host: 'github.com\n' },
  { trick: 'a carriage return behind the host (CVE-2024-52006)', host: 'github.com\r' },
  { trick: 'a carriage return and a second host (CVE-2024-52006)', host: 'github.com\rhost=evil.example' },
  { trick: 'a carriage return in the path', path: 'my-user/my-repo\r' },
  { trick: 'an escape sequence in the user name (CVE-2024-50349)', username: 'x\u001b[2Kgithub.com' },
  { trick: 'an escape sequence in the path (CVE-2024-50349)', path: 'my-user/my-repo\u001b[0m' },
  { trick: 'a tab', host: 'github.com\t' },
  { trick: 'a space', host: 'github.com ' },
  { trick: 'a user name that looks like the host', username: 'github.com', host: 'evil.example' },
  {
    trick: 'a user name that looks like host and path',
    username: 'github.com/my-user/my-repo',
    host: 'e.example',
  },
  {
    trick: 'the user name with host and path behind it',
    username: 'x-access-token@github.com/my-user/my-repo',
    host: 'e.example',
  },
  { trick: 'userinfo in the host', host: 'github.com@evil.example' },
  { trick: 'userinfo in front of the host', host: 'evil.example@github.com' },
  { trick: 'two users', username: 'x-access-token', host: 'x-access-token@github.com' },
  { trick: 'a password in the host', host: 'user:password@github.com' },
  { trick: 'another user', username: 'git' },
  { trick: 'the user in other letters', username: 'X-Access-Token' },
  { trick: 'a port', host: 'github.com:444' },
  { trick: 'the default port, written out', host: 'github.com:443' },
  { trick: 'an empty port', host: 'github.com:' },
  { trick: 'a trailing dot', host: 'github.com.' },
  { trick: 'a leading dot', host: '.github.com' },
  { trick: 'a subdomain', host: 'gist.github.com' },
  { trick: 'the host as a subdomain', host: 'github.com.evil.example' },
  { trick: 'the host as the end of a name', host: 'evilgithub.com' },
  { trick: 'a prefix of the host', host: 'github.co' },
  { trick: 'another separator', host: 'github-com' },
  { trick: 'a Cyrillic letter', host: 'g\u0456thub.com' },
  { trick: 'a Kelvin sign for a k', host: 'github\u212A.com' },
  { trick: 'a long s', host: 'githu\u0431.com' },
  { trick: 'a full-width dot', host: 'github\uFF0Ecom' },
  { trick: 'an ideographic full stop', host: 'github\u3002com' },
  { trick: 'a soft hyphen', host: 'git\u00ADhub.com' },
  { trick: 'a zero-width space', host: 'github.com\u200b' },
  { trick: 'a punycode name', host: 'xn--gthub-n4a.com' },
  { trick: 'a bracketed host', host: '[github.com]' },
  { trick: 'a percent-encoded slash in the host', host: 'github.com%2Fmy-user%2Fmy-repo.evil.example' },
  { trick: 'a percent-encoded host', host: 'github%2Ecom' },
  { trick: 'a decoded slash in the host', host: 'github.com/my-user/my-repo/.evil.example' },
  { trick: 'a backslash in the host', host: 'evil.example\\github.com' },
  { trick: 'a backslash behind the host', host: 'github.com\\.evil.example' },
  { trick: 'a query in the host', host: 'evil.example?github.com' },
  { trick: 'a fragment in the host', host: 'evil.example#github.com' },
  { trick: 'a shell expansion in the host', host: '$(id)' },
  { trick: 'a pattern for the host', host: '*' },
  { trick: 'a pattern that fits the host', host: 'github.c*' },
  { trick: 'a repo that is not listed', path: 'my-user/other.git' },
  { trick: "another owner's repo", path: 'other/my-repo.git' },
  { trick: 'the end of an owner', path: 'user/my-repo' },
  { trick: 'an owner alone', path: 'my-user' },
  { trick: 'an owner and a slash', path: 'my-user/' },
  { trick: 'a pattern for the repo', path: 'my-user/*' },
  { trick: 'a pattern for all', path: '*/*' },
  { trick: 'a pattern of one letter', path: 'my-user/my-rep?' },
  { trick: 'dots up', path: 'my-user/my-repo/../other.git' },
  { trick: 'dots up at first', path: '../my-user/my-repo' },
  { trick: 'a dot for a repo', path: 'my-user/.' },
  { trick: 'dots for a repo', path: 'my-user/..' },
  { trick: 'an empty segment', path: 'my-user//my-repo' },
  { trick: 'a leading slash', path: '/my-user/my-repo' },
  { trick: 'something below the repo', path: 'my-user/my-repo/other' },
  { trick: 'something below the LFS endpoint', path: 'my-user/my-repo/info/lfs/../../../other' },
  { trick: 'a percent-encoded slash in the path', path: 'my-user%2Fmy-repo' },
  { trick: 'a percent-encoded dot', path: 'my-user/my-repo%2Egit' },
  { trick: 'a NUL written out', path: 'my-user/my-repo%00' },
  { trick: 'a backslash in the path', path: 'my-user\\my-repo' },
  { trick: 'a query behind the repo', path: 'my-user/my-repo?x' },
  { trick: 'a fragment behind the repo', path: 'my-user/my-repo#x' },
  { trick: 'a user and a host behind the repo', path: 'my-user/my-repo@evil.example/x' },
  { trick: 'a space behind the repo', path: 'my-user/my-repo ' },
  { trick: 'quotes behind the repo', path: "my-user/my-repo': " },
  { trick: 'a look-alike letter in the owner', path: 'my-\u0443ser/my-repo' },
  { trick: 'no path where two owners are allowed', path: '' },
];

/** What is answered, with the owner whose token it is. */
export const ALLOWED: readonly (Asked & { readonly what: string; readonly owner: string })[] = [
  { what: 'the repo', owner: 'my-user' },
  { what: 'the repo with .git', path: 'my-user/my-repo.git', owner: 'my-user' },
  { what: "the other owner's repo", path: 'my-org/another-repo.git', owner: 'my-org' },
  { what: 'other letters in the path', path: 'My-User/MY-REPO.git', owner: 'my-user' },
  { what: 'other letters in the host', host: 'GitHub.com', owner: 'my-user' },
  { what: "the App's user name", username: 'x-access-token', owner: 'my-user' },
  { what: 'the LFS endpoint', path: 'my-user/my-repo.git/info/lfs', owner: 'my-user' },
];

/** What a table leaves out. */
export const PLAIN: Required<Asked> = {
  protocol: 'https',
  host: 'github.com',
  path: 'my-user/my-repo',
  username: '',
};

/** git's prompt, without any encoding, as git before 2.48.1 writes it. */
export function promptFor(asked: Asked, what: 'Username' | 'Password' = 'Password'): string {
  const { protocol, host, path, username } = { ...PLAIN, ...asked };
  return `${what} for '${protocol}://${username && `${username}@`}${host}${path && `/${path}`}': `;
}

/** The attributes of a request to a credential helper, as git writes them. */
export function requestFor(asked: Asked): string {
  const { protocol, host, path, username } = { ...PLAIN, ...asked };
  return `protocol=${protocol}\nhost=${host}\n${path && `path=${path}\n`}${username && `username=${username}\n`}`;
}

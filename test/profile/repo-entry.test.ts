import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRepoEntry } from '../../lib/profile/repo-entry.ts';

test.each([
  ['my-user/my-repo', 'my-user/my-repo'],
  ['My-User/My-Repo', 'my-user/my-repo'],
  ['my-org/*', 'my-org/*'],
  ['*', '*'],
  ['github.com/owner/repo', 'owner/repo'],
  ['GitHub.com/Owner/Repo', 'owner/repo'],
  ['https://github.com/owner/repo.git', 'owner/repo'],
  ['HTTPS://GITHUB.COM/owner/repo.GIT', 'owner/repo'],
  ['https://github.com/owner/repo', 'owner/repo'],
  ['https://github.com/owner/repo/', 'owner/repo'],
  ['github.com/owner/*', 'owner/*'],
  ['owner/repo.git', 'owner/repo'],
  ['owner/.github', 'owner/.github'],
  ['owner/a.b_c-d', 'owner/a.b_c-d'],
  ['owner/-dash', 'owner/-dash'],
  ['dev_acme/repo', 'dev_acme/repo'],
  ['1a/b', '1a/b'],
  [`${'a'.repeat(39)}/${'b'.repeat(100)}`, `${'a'.repeat(39)}/${'b'.repeat(100)}`],
])('%s means %s', (text, entry) => {
  expect(readRepoEntry(text)).toEqual({ entry });
});

test.each([
  ['', 'the owner is missing', 'Write owner/repo, "owner/*" or "*".'],
  ['my-repo', 'the owner is missing', 'Write owner/my-repo, or "owner/*".'],
  ['.github', 'the owner is missing', 'Write owner/.github, or "owner/*".'],
  ['github.com/*', 'an owner is missing in front of *', 'Write "owner/*", or "*" for every repository.'],
  [
    'https://github.com/*',
    'an owner is missing in front of *',
    'Write "owner/*", or "*" for every repository.',
  ],
  ['*/repo', '* cannot stand for an owner', 'Name each owner, or write "*" alone.'],
  ['*/*', '* cannot stand for an owner', 'Name each owner, or write "*" alone.'],
  [
    'owner/re*',
    '* stands for all repositories of an owner, not for a part of a name',
    'Write "owner/*" or whole names.',
  ],
  [
    'owner/**',
    '* stands for all repositories of an owner, not for a part of a name',
    'Write "owner/*" or whole names.',
  ],
  ['owner/', 'GitHub knows no such repository name', 'Use at most 100 letters, digits and . _ -'],
  ['owner/.', 'GitHub knows no such repository name', 'Use at most 100 letters, digits and . _ -'],
  ['owner/..', 'GitHub knows no such repository name', 'Use at most 100 letters, digits and . _ -'],
  ['owner/.git', 'GitHub knows no such repository name', 'Use at most 100 letters, digits and . _ -'],
  ['owner/a?b', 'GitHub knows no such repository name', 'Use at most 100 letters, digits and . _ -'],
  ['owner/$(id)', 'GitHub knows no such repository name', 'Use at most 100 letters, digits and . _ -'],
  ['owner/%2e%2e', 'GitHub knows no such repository name', 'Use at most 100 letters, digits and . _ -'],
  [
    `owner/${'b'.repeat(101)}`,
    'GitHub knows no such repository name',
    'Use at most 100 letters, digits and . _ -',
  ],
  ['owner/repo.wiki', 'a wiki is no repository of its own', 'Write owner/repo.'],
  ['owner/repo.wiki.git', 'a wiki is no repository of its own', 'Write owner/repo.'],
  ['owner/repo/tree/main', 'a repository is owner/repo and no deeper', 'Write owner/repo, "owner/*" or "*".'],
  ['owner//repo', 'a repository is owner/repo and no deeper', 'Write owner/repo, "owner/*" or "*".'],
  [
    '/repo',
    'GitHub knows no such owner name',
    'Use at most 39 letters, digits and hyphens, a letter or digit first.',
  ],
  [
    '-owner/repo',
    'GitHub knows no such owner name',
    'Use at most 39 letters, digits and hyphens, a letter or digit first.',
  ],
  [
    'o_w_n/repo',
    'GitHub knows no such owner name',
    'Use at most 39 letters, digits and hyphens, a letter or digit first.',
  ],
  [
    `${'a'.repeat(40)}/b`,
    'GitHub knows no such owner name',
    'Use at most 39 letters, digits and hyphens, a letter or digit first.',
  ],
  [
    'owner/re po',
    'a repository name holds no whitespace and ASCII only',
    'Write owner/repo, "owner/*" or "*".',
  ],
  [
    ' owner/repo',
    'a repository name holds no whitespace and ASCII only',
    'Write owner/repo, "owner/*" or "*".',
  ],
  [
    'owner/repo\n',
    'a repository name holds no whitespace and ASCII only',
    'Write owner/repo, "owner/*" or "*".',
  ],
  [
    'owner/r\u00e9po',
    'a repository name holds no whitespace and ASCII only',
    'Write owner/repo, "owner/*" or "*".',
  ],
  [
    '\u212amy/repo',
    'a repository name holds no whitespace and ASCII only',
    'Write owner/repo, "owner/*" or "*".',
  ],
])('%j is refused, since %s', (text, message, fix) => {
  expect(readRepoEntry(text)).toEqual({ finding: { message, fix } });
});

test.each([
  ['git@github.com:owner/repo.git', 'Write owner/repo; the host is set with km configure github.'],
  ['ssh://git@github.com/owner/repo.git', 'Write owner/repo; the host is set with km configure github.'],
  ['http://github.com/owner/repo', 'Write owner/repo; the host is set with km configure github.'],
  ['https://www.github.com/owner/repo', 'Write owner/repo; the host is set with km configure github.'],
  [
    'https://user:secret@github.com/owner/repo',
    'Write owner/repo; the host is set with km configure github.',
  ],
  ['https://github.com:8443/owner/repo', 'Write owner/repo; the host is set with km configure github.'],
  ['github.com.evil.example/owner/repo', 'Write owner/repo; the host is set with km configure github.'],
  ['ghe.example.com/owner/repo', 'Write owner/repo; the host is set with km configure github.'],
  ['https://example.com', 'Write owner/repo, "owner/*" or "*".'],
  ['https://example.com/?q=a:b', 'Write owner/repo, "owner/*" or "*".'],
])('the address %s is refused with the name that it most likely means', (text, fix) => {
  expect(readRepoEntry(text)).toEqual({
    finding: { message: 'this is an address, and km goes to one GitHub host over https', fix },
  });
});

test('whatever is accepted is safe in a URL, a parameter name and a shell', () => {
  const part = fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[a-zA-Z0-9._*-]{0,6}$/) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'https:',
        '',
        'github.com',
        '..',
        '$(id)',
        '`',
        "'",
        '"',
        '\n',
        '%2f',
        '@',
        ':',
      ),
    },
  );
  const text = fc
    .oneof(
      { weight: 4, arbitrary: fc.tuple(part, part) },
      { weight: 1, arbitrary: fc.array(part, { maxLength: 5 }) },
    )
    .map((parts) => parts.join('/'));
  let accepted = 0;
  fc.assert(
    fc.property(text, (candidate) => {
      const read = readRepoEntry(candidate);
      if (!('entry' in read)) return;
      accepted += 1;
      expect(read.entry).toMatch(/^(?:\*|[a-z0-9][a-z0-9_-]*\/(?:\*|(?!\.{1,2}$)[a-z0-9._-]+))$/);
    }),
    { numRuns: 5_000 },
  );
  expect(accepted).toBeGreaterThan(50);
});

test('an accepted entry means itself', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,8}\/[A-Za-z0-9._-]{1,9}$/), (candidate) => {
      const read = readRepoEntry(candidate);
      if ('entry' in read) expect(readRepoEntry(read.entry)).toEqual(read);
    }),
  );
});

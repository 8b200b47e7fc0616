import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkRefPattern, LONGEST_REF_PATTERN } from '../../lib/guard/check-ref-pattern.ts';

test.each([
  'main',
  '*',
  'release/*',
  'release/**',
  'release/v?.?',
  'release/[0-9]*',
  'feature/[!x]*',
  'feature/[^a-c_-]*',
  'fix/#123',
  'refs/heads/main',
  'refs/tags/v*',
  'refs/*',
  'user@host/topic',
  'a-/-b',
  '1.0',
  'dependabot/npm_and_yarn/a,b=c+d%e',
  'x'.repeat(LONGEST_REF_PATTERN),
])('the pattern %s is accepted', (pattern) => {
  expect(checkRefPattern(pattern)).toBeUndefined();
});

test.each([
  ['', 'a ref pattern cannot be empty'],
  ['!main', 'a pattern cannot be negated'],
  ['+main', 'a leading + belongs to a refspec'],
  ['main:main', 'a refspec is not a ref pattern'],
  ['refs/heads/*:refs/heads/*', 'a refspec is not a ref pattern'],
  ['release/{1,2}', 'alternatives cannot be listed within a pattern'],
  ['@(main|dev)', 'alternatives cannot be listed within a pattern'],
  ['!(main)', 'a pattern cannot be negated'],
  ['x+(a)', 'alternatives cannot be listed within a pattern'],
  ['main|dev', 'alternatives cannot be listed within a pattern'],
  ['a\\*', 'a backslash does not escape anything'],
  ['a b', 'a ref pattern cannot hold a space'],
  [' main', 'a ref pattern cannot hold a space'],
  ['main\n', 'a ref pattern cannot hold the character U+000A'],
  ['main\nforce yes', 'a ref pattern cannot hold the character U+000A'],
  ['a\tb', 'a ref pattern cannot hold the character U+0009'],
  ['a\rb', 'a ref pattern cannot hold the character U+000D'],
  ['a\u0000b', 'a ref pattern cannot hold the character U+0000'],
  ['a\u001bb', 'a ref pattern cannot hold the character U+001B'],
  ['a\u007fb', 'a ref pattern cannot hold the character U+007F'],
  ["a'b", "a ref pattern cannot hold the character '"],
  ['a"b', 'a ref pattern cannot hold the character "'],
  ['$HOME', 'a ref pattern cannot hold the character $'],
  ['a`id`', 'a ref pattern cannot hold the character `'],
  ['a;b', 'a ref pattern cannot hold the character ;'],
  ['a&b', 'a ref pattern cannot hold the character &'],
  ['a<b', 'a ref pattern cannot hold the character <'],
  ['a~1', 'a ref pattern cannot hold the character ~'],
  ['ümlaut', 'a ref pattern cannot hold the character U+00FC'],
  ['a\u202eb', 'a ref pattern cannot hold the character U+202E'],
  ['a\ud800b', 'a ref pattern cannot hold the character U+D800'],
  ['-main', 'git allows no branch name that begins with -'],
  ['/main', 'a ref does not begin with /'],
  ['release/', 'a ref does not end with /'],
  ['a//b', 'a ref holds no //'],
  ['a..b', 'git allows no .. in a ref'],
  ['.hidden', 'git allows no name in a ref that begins with a dot'],
  ['a/.b', 'git allows no name in a ref that begins with a dot'],
  ['a.', 'a ref does not end with a dot'],
  ['a.lock', 'git allows no name in a ref that ends with .lock'],
  ['a.lock/b', 'git allows no name in a ref that ends with .lock'],
  ['*.lock', 'git allows no name in a ref that ends with .lock'],
  ['@', '@ alone is no ref name'],
  ['a^b', 'brackets hold letters'],
  ['a!b', 'brackets hold letters'],
  ['a[b', 'brackets hold letters'],
  ['a]b', 'brackets hold letters'],
  ['a[]b', 'brackets hold letters'],
  ['a[!]b', 'brackets hold letters'],
  ['a[[:alpha:]]', 'brackets know no named classes'],
  ['a[[=b=]]', 'brackets know no named classes'],
  ['a[x/y]', 'brackets hold letters'],
  ['a[A-z]', 'brackets hold letters'],
  ['a[z-a]', 'the range z-a in [z-a] is empty'],
  ['a[!x9-0]', 'the range 9-0 in [!x9-0] is empty'],
  ['x'.repeat(LONGEST_REF_PATTERN + 1), 'a ref pattern has at most 200 characters, not 201'],
])('the pattern %j is refused, since %s', (pattern, message) => {
  const finding = checkRefPattern(pattern);
  expect(finding?.message.slice(0, message.length)).toBe(message);
  expect(finding?.fix).not.toBe('');
});

/** What git itself says to each name, in one go: `git check-ref-format` takes one, a bash loop many. */
const gitAccepts = (names: readonly string[]): boolean[] =>
  execFileSync(
    'bash',
    [
      '--norc',
      '-c',
      'while IFS= read -r -d "" n; do git check-ref-format "refs/heads/$n" && echo 1 || echo 0; done',
    ],
    { input: names.map((name) => `${name}\0`).join(''), encoding: 'utf8', env: { PATH: process.env.PATH } },
  )
    .trimEnd()
    .split('\n')
    .map((line) => line === '1');

test('a pattern without wildcards is accepted only where git accepts it as a branch name', () => {
  const names = fc.sample(
    fc
      .array(
        fc.constantFrom('a', 'B', '7', '.', '/', '-', '_', '@', '#', '.lock', '..', '+', '%', '=', ','),
        {
          minLength: 1,
          maxLength: 7,
        },
      )
      .map((parts) => parts.join('')),
    400,
  );
  const accepted = names.filter((name) => checkRefPattern(name) === undefined);
  expect(accepted.length).toBeGreaterThan(20);
  const answers = gitAccepts(accepted);
  expect(accepted.filter((_, index) => !answers[index])).toEqual([]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseProfile } from '../../lib/profile/parse-profile.ts';
import { ProfileError } from '../../lib/profile/profile-error.ts';

const NONE = 'spec: { sourceAccess: { mode: none } }\n';

const linesOf = (content: string | Uint8Array): string[] => {
  try {
    parseProfile(content, { file: 'p.yaml' });
  } catch (error) {
    if (error instanceof ProfileError) return error.message.split('\n');
    throw error;
  }
  return [];
};

const utf16 = (text: string, bigEndian: boolean): Uint8Array => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

const bomb = (): string => {
  const levels = ['x: &l0 [lol]'];
  for (let level = 1; level < 12; level += 1) {
    levels.push(
      `l${level}: &l${level} [${Array(9)
        .fill(`*l${level - 1}`)
        .join(', ')}]`,
    );
  }
  return levels.join('\n');
};

const CHECK = 'Check indentation, quotes and brackets there.';

test.each<[string, string | Uint8Array, string]>([
  ['an empty file', '', '1:1: the file is empty -- Begin with spec:, or copy examples/profile.yaml.'],
  [
    'a file of comments',
    '# nothing\n',
    '1:1: the file is empty -- Begin with spec:, or copy examples/profile.yaml.',
  ],
  [
    'a tab as indentation',
    'spec:\n\tsourceAccess: {}',
    '2:1: YAML allows no tab as indentation -- Indent with spaces.',
  ],
  [
    'a duplicate key',
    `${NONE}spec: { sourceAccess: { mode: none } }\n`,
    '2:1: this key stands here twice -- Keep one of them.',
  ],
  [
    'a second document',
    `${NONE}---\n${NONE}`,
    '2:1: a file holds one profile -- Put what follows --- into a file of its own.',
  ],
  [
    'a tag',
    `${NONE}x: !secret y`,
    '2:4: a profile holds no tags -- Leave out the word that begins with !, or write it in quotes.',
  ],
  [
    'a known tag',
    `${NONE}x: !!binary aGk=`,
    '2:4: a profile holds no tags -- Leave out the word that begins with !, or write it in quotes.',
  ],
  ['YAML 1.1', `%YAML 1.1\n---\n${NONE}`, '1:1: a profile is in YAML 1.2 -- Leave the %YAML line out.'],
  [
    'a star without quotes',
    'spec: { sourceAccess: { github: { allowedRepos: [*] } } }',
    '1:50: spec.sourceAccess.github.allowedRepos[0]: without quotes, * names an anchor in YAML, and there is none of that name before it -- Write "*" in quotes.',
  ],
  [
    'a domain without quotes',
    'spec: { network: { egress: { allowedHosts: [*.a.io] } }, sourceAccess: { mode: none } }',
    '1:45: spec.network.egress.allowedHosts[0]: without quotes, * names an anchor in YAML, and there is none of that name before it -- Write "*.a.io" in quotes.',
  ],
  [
    'an alias within its own anchor',
    `${NONE}x: &a [*a]`,
    '2:8: x[0]: this stands within the anchor that it names -- Write the value out.',
  ],
  ['an alias bomb', bomb(), '3:10: l3[0][0]: a profile holds at most 100 aliases -- Write the values out.'],
  [
    'too many values',
    `${NONE}x: [${'1,'.repeat(20_000)}1]`,
    '2:39995: x[19995]: a profile holds at most 20000 values -- Write less, and fewer aliases.',
  ],
  ['a map as a key', `${NONE}? { a: b }\n: c`, '2:3: a key is a word -- Write a plain key and a colon.'],
  ['the key __proto__', `__proto__: { x: 1 }\n${NONE}`, '1:1: __proto__ is no key -- Leave it out.'],
  [
    'an unknown escape',
    'spec: "\\q"',
    "1:8: YAML knows no such escape in double quotes -- Use 'single quotes'.",
  ],
  [
    'an open bracket',
    'spec: [1',
    `1:9: Flow sequence in block collection must be sufficiently indented and end with a ] -- ${CHECK}`,
  ],
  [
    'a control character',
    'spec: a\u0007b',
    '1:8: YAML allows no control character U+0007 -- Take it out; check that this is a text file.',
  ],
  [
    'a NUL',
    'spec: \0',
    '1:7: YAML allows no control character U+0000 -- Take it out; check that this is a text file.',
  ],
  [
    'bytes that are not UTF-8',
    Buffer.from('spec:\n  name: caf\xe9\n', 'latin1'),
    '2:12: the file is not in UTF-8 from here on -- Save it as UTF-8.',
  ],
  ['UTF-16, little endian', utf16(NONE, false), '1:1: the file is in UTF-16 -- Save it as UTF-8.'],
  ['UTF-16, big endian', utf16(NONE, true), '1:1: the file is in UTF-16 -- Save it as UTF-8.'],
  [
    'a huge file',
    `# ${'x'.repeat(256 * 1024)}`,
    '1:1: a profile has at most 256 KiB -- Check that this is the right file; "owner/*" stands for a long list of repositories.',
  ],
])('%s is refused in so many words', (_, content, line) => {
  expect(linesOf(content)).toEqual([`p.yaml:${line}`]);
});

test.each([
  ['flow lists', '['.repeat(200), ']'.repeat(200)],
  ['flow lists past what the parser follows', '['.repeat(50_000), ']'.repeat(50_000)],
  ['flow maps past what the parser follows', '{a: '.repeat(30_000), '}'.repeat(30_000)],
  ['open lists', '['.repeat(100_000), ''],
])('%s are refused as nested too deep', (_, open, close) => {
  expect(linesOf(`x: ${open}1${close}`).join('\n')).toContain('this is nested too deep -- Write it flatter.');
});

test('of a repeated key the first is what the rest is checked by', () => {
  expect(linesOf('spec: { sourceAccess: { mode: nne, mode: none } }')).toEqual([
    'p.yaml:1:31: spec.sourceAccess.mode: this must be one of allowlist, none: nne -- Write none.',
    'p.yaml:1:36: this key stands here twice -- Keep one of them.',
  ]);
});

test.each([
  ['a byte order mark', `\ufeff${NONE}`],
  ['a byte order mark in bytes', Buffer.from(`\ufeff${NONE}`)],
  ['Windows line ends', 'spec:\r\n  sourceAccess:\r\n    mode: none\r\n'],
  ['document marks', `---\n${NONE}...\n`],
  ['its version', `%YAML 1.2\n---\n${NONE}`],
  [
    'an anchor and its alias',
    'metadata: { name: &n x, labels: { n: *n } }\nspec: { sourceAccess: { mode: none } }',
  ],
  ['JSON', '{"spec": {"sourceAccess": {"mode": "none"}}}'],
])('a profile with %s is read', (_, content) => {
  expect(linesOf(content)).toEqual([]);
});

test.each([
  ['a byte order mark', `\ufeffx: 1\n${NONE}`, 'p.yaml:1:1:'],
  ['Windows line ends', `spec:\r\n  sourceAccess:\r\n    mode: none\r\nx: 1\r\n`, 'p.yaml:4:1:'],
])('%s does not shift the places', (_, content, place) => {
  expect(linesOf(content)[0]).toMatch(new RegExp(`^${place}`));
});

test('an alias brings its value, and a problem within it is told at the alias', () => {
  const text = `x-repos: &repos [my-repo]\nspec: { sourceAccess: { github: { allowedRepos: *repos } } }`;
  expect(linesOf(text)[1]).toBe(
    'p.yaml:1:18: spec.sourceAccess.github.allowedRepos[0]: the owner is missing: my-repo -- Write owner/my-repo, or "owner/*".',
  );
});

test('whatever the text, it is read or refused with a place, and never breaks the reader', () => {
  const scrap = fc.oneof(
    fc.constantFrom(
      'spec:',
      'sourceAccess:',
      'github:',
      'allowedRepos:',
      'mode: none',
      '- a/b',
      '\n',
      '\n  ',
      '\n    ',
    ),
    fc.constantFrom(
      '&a ',
      '*a',
      '<<: ',
      '!!str ',
      '? ',
      ': ',
      '| ',
      '> ',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      '#',
      '\t',
      '---\n',
      '%',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  const text = fc.array(scrap, { maxLength: 30 }).map((scraps) => scraps.join(''));
  fc.assert(
    fc.property(text, (content) => {
      for (const line of linesOf(content))
        expect(line).toMatch(/^(?:p\.yaml:\d+:\d+: .+ -- .+|and \d+ more)$/s);
    }),
    { numRuns: 2_000 },
  );
});

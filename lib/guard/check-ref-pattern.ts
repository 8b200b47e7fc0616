/** What is wrong with a value, and what to write instead. */
export interface Finding {
  readonly message: string;
  readonly fix: string;
}

/** Longer than any ref name in use; git's own limit is the file system's 255 bytes a component. */
export const LONGEST_REF_PATTERN = 200;

/** A bracket expression: members, and ranges within one kind of letter or digit; `!` or `^` in front negates. */
export const BRACKET = /\[([!^]?)(-?(?:[A-Z]-[A-Z]|[a-z]-[a-z]|[0-9]-[0-9]|[A-Za-z0-9._+@#%=,])+-?)\]/g;

/** A range within a bracket expression. */
export const RANGE = /([A-Za-z0-9])-([A-Za-z0-9])/g;

type Rule = readonly [broken: RegExp, message: string, fix: string];

/** What people write who have another pattern language in mind. */
const MEANINGS: readonly Rule[] = [
  [/^!/, 'a pattern cannot be negated', 'List what may be pushed; everything else is denied.'],
  [
    /^\+/,
    'a leading + belongs to a refspec',
    'Leave the + out; allowForcePushes: true allows forced pushes.',
  ],
  [/\[\[[:=.]/, 'brackets know no named classes', 'Write the range, such as [a-z].'],
  [/:/, 'a refspec is not a ref pattern', 'Write the name that is pushed to, such as main.'],
  [/[{}()|]/, 'alternatives cannot be listed within a pattern', 'Write one pattern for each.'],
  [/\\/, 'a backslash does not escape anything', 'Leave it out.'],
];

/**
 * The characters that a pattern may hold. What git forbids in a ref name is left out, and so is everything that a
 * shell, a policy file or a template could read as more than a character, though git would allow it.
 */
const CHARACTERS = /^[A-Za-z0-9._/+@#%=,*?[\]!^-]*$/;

/** What `git check-ref-format` refuses; applied with every bracket expression cut down to `?`. */
const FORM: readonly Rule[] = [
  [/^-/, 'git allows no branch name that begins with -', 'Leave the - out.'],
  [/^\//, 'a ref does not begin with /', 'Leave the / out.'],
  [/\/$/, 'a ref does not end with /', 'Write name/* for everything below a name.'],
  [/\/\//, 'a ref holds no //', 'Write one / between two names.'],
  [/\.\./, 'git allows no .. in a ref', 'Write one dot, or *.'],
  [/(?:^|\/)\./, 'git allows no name in a ref that begins with a dot', 'Leave the dot out.'],
  [/\.$/, 'a ref does not end with a dot', 'Leave the dot out, or write .* there.'],
  [/\.lock(?:\/|$)/, 'git allows no name in a ref that ends with .lock', 'Leave .lock out.'],
  [/^@$/, '@ alone is no ref name', 'Write the name of a branch.'],
  [
    /[[\]!^]/,
    'brackets hold letters, digits and ranges only, such as [0-9], [abc] or [!x]',
    'Close the bracket around such members, or use * or ?.',
  ],
];

const firstBroken = (rules: readonly Rule[], text: string): Finding | undefined => {
  const rule = rules.find(([broken]) => broken.test(text));
  return rule && { message: rule[1], fix: rule[2] };
};

const named = (character: string): string => {
  if (character === ' ') return 'a space';
  if (/^[\x21-\x7e]$/.test(character)) return `the character ${character}`;
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `the character U+${code}`;
};

const foreignCharacter = (pattern: string): Finding | undefined => {
  const culprit = [...pattern].find((character) => !CHARACTERS.test(character));
  if (culprit === undefined) return undefined;
  return {
    message: `a ref pattern cannot hold ${named(culprit)}`,
    fix: 'Use letters, digits and . _ / + @ # % = , - with * ? and [ ] as wildcards.',
  };
};

const emptyRange = (pattern: string): Finding | undefined => {
  for (const [bracket, , members = ''] of pattern.matchAll(BRACKET)) {
    for (const [range, from = '', to = ''] of members.matchAll(RANGE)) {
      if (from > to)
        return { message: `the range ${range} in ${bracket} is empty`, fix: `Write ${to}-${from}.` };
    }
  }
  return undefined;
};

/**
 * Says what is wrong with a ref pattern, or nothing. A pattern is what `git check-ref-format` allows in a ref, with the
 * wildcards `*`, `?` and `[…]` of bash, in ASCII; no whitespace, quotes, `$`, backslash or other shell character, and
 * none of bash's extended patterns, which `[[ ]]` reads unasked.
 *
 * {@link https://git-scm.com/docs/git-check-ref-format}
 */
export const checkRefPattern = (pattern: string): Finding | undefined => {
  if (pattern === '')
    return { message: 'a ref pattern cannot be empty', fix: 'Write a branch name, or "*".' };
  if (pattern.length > LONGEST_REF_PATTERN) {
    return {
      message: `a ref pattern has at most ${LONGEST_REF_PATTERN} characters, not ${pattern.length}`,
      fix: 'Shorten it with *.',
    };
  }
  return (
    firstBroken(MEANINGS, pattern) ??
    foreignCharacter(pattern) ??
    firstBroken(FORM, pattern.replace(BRACKET, '?')) ??
    emptyRange(pattern)
  );
};

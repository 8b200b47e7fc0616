import type * as z from 'zod/mini';
import type { Finding } from '../guard/check-ref-pattern.ts';
import { nearestWord } from './nearest-word.ts';
import { explainUnknownKey } from './unknown-key.ts';
import { writeExample } from './write-example.ts';

/** A problem at a path of the profile; `at` says what to look at. */
export interface PathFinding extends Finding {
  readonly path: readonly PropertyKey[];
  readonly at: 'key' | 'value' | 'missing';
}

/** What stands at a path: as read, and as written. */
export interface Found {
  readonly value: unknown;
  readonly source: string;
}

/** What other tools call a verb. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['read', 'clone and fetch'],
  ['pull', 'fetch'],
  ['write', 'push'],
  ['issues', 'comment'],
  ['pull_requests', 'review'],
  ['workflows', 'workflow'],
]);

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
  boolean: 'true or false',
};

const NO_GITHUB = /^spec\.sourceAccess(?:\.github)?$/;

const missing = (path: readonly PropertyKey[]): PathFinding => {
  const otherwise = NO_GITHUB.test(path.join('.')) ? ', or mode: none for no GitHub at all' : '';
  return { path, at: 'missing', message: 'this is missing', fix: `${writeExample('Add', path)}${otherwise}` };
};

const wrongType = (expected: string, found: Found, path: readonly PropertyKey[]): Finding => {
  const { value, source } = found;
  if (value === null) {
    return { message: 'this is empty', fix: `${writeExample('Write', path)}, or leave the line out.` };
  }
  if (expected === 'string' && typeof value !== 'object') {
    return {
      message: `YAML reads this as a ${typeof value}, not as text`,
      fix: `Write "${source}" in quotes.`,
    };
  }
  if (expected === 'array' && typeof value === 'string') {
    return { message: 'this must be a list', fix: `Write [${source}], or one entry a line with - in front.` };
  }
  return { message: `this must be ${TYPES[expected] ?? expected}`, fix: writeExample('Write', path) };
};

const wrongValue = (allowed: readonly unknown[], value: unknown): Finding => {
  const words = allowed.map(String);
  const word = String(value);
  const synonym = words.includes('clone') ? SYNONYMS.get(word) : undefined;
  const meant = synonym ?? nearestWord(word, words) ?? (words.length === 1 ? words[0] : undefined);
  return {
    message: `this must be ${words.length === 1 ? '' : 'one of '}${words.join(', ')}`,
    fix: `Write ${meant ?? 'one of them'}.`,
  };
};

type Issue = z.core.$ZodIssue;

/** What a check of the schema's own said, which brings its fix along; else only how the thing is written. */
const ownFinding = (issue: Issue | undefined, path: readonly PropertyKey[]): Finding => {
  const fix = issue?.code === 'custom' ? issue.params?.fix : undefined;
  if (issue === undefined || typeof fix !== 'string') {
    return { message: 'this cannot stand here', fix: writeExample('Write', path) };
  }
  return { message: issue.message, fix };
};

/** The one thing that may be written in two ways is the time to live: as text, or as the number 0. */
const neitherForm = (
  issue: Extract<Issue, { code: 'invalid_union' }>,
  found: Found,
  path: readonly PropertyKey[],
): Finding => {
  const own = issue.errors.flat().find(({ code }) => code === 'custom');
  if (own) return ownFinding(own, path);
  if (typeof found.value !== 'number') return wrongType('string', found, path);
  return {
    message: 'a number of seconds, minutes, hours or days needs its unit',
    fix: writeExample('Write', path),
  };
};

/** Turns what the schema objects to into problems for a reader: what is wrong, in a profile's own words, and the fix. */
export const explainIssue = (issue: Issue, found: Found): readonly PathFinding[] => {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], at: 'key', ...explainUnknownKey(path, key) }));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((inner) => ({ path, at: 'key', ...ownFinding(inner, path) }));
  }
  if (found.value === undefined) return [missing(path)];
  switch (issue.code) {
    case 'invalid_type':
      return [{ path, at: 'value', ...wrongType(issue.expected, found, path) }];
    case 'invalid_value':
      return [{ path, at: 'value', ...wrongValue(issue.values, found.value) }];
    case 'invalid_union':
      return [{ path, at: 'value', ...neitherForm(issue, found, path) }];
    default:
      return [{ path, at: 'value', ...ownFinding(issue, path) }];
  }
};

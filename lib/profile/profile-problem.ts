/** A place in a file: both count from 1, columns in UTF-16 units as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a profile, where, and what to do about it. */
export interface ProfileProblem extends Place {
  readonly file: string;
  /** Such as `spec.sourceAccess.github.allowedRepos[0]`; empty for the file as a whole. */
  readonly path: string;
  /** The bad value as it stands in the file, shortened, with whatever looks like a secret taken out; may be empty. */
  readonly value: string;
  readonly message: string;
  readonly fix: string;
}

const LONGEST_VALUE = 80;
/** GitHub's token forms, AWS key ids, and the user part of an address. */
const SECRETS =
  /\b(?:gh[a-z]_|github_pat_)[A-Za-z0-9._-]{8,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}|(?<=:\/\/)[^/\s]+(?=@)/g;

const REDACTED = '[redacted]';

/** A text with whatever looks like a token, a key id or a password in an address taken out. */
export const withoutSecrets = (text: string): string => text.replace(SECRETS, REDACTED);

/** Text that a terminal shows as it is: control and other unprintable characters are escaped or replaced. */
export const printable = (text: string): string =>
  text.replace(/[\p{C}\u2028\u2029]/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? '\ufffd' : escaped;
  });

/** A value as one line of a message shows it: printable, without secrets, and short. */
export const shownValue = (value: string): string => {
  const characters = [...printable(withoutSecrets(value))];
  return characters.length > LONGEST_VALUE
    ? `${characters.slice(0, LONGEST_VALUE - 1).join('')}…`
    : characters.join('');
};

/** A path as one reads it in a message: `spec.sourceAccess.github.allowedRepos[0]`. */
export const shownPath = (path: readonly PropertyKey[]): string =>
  shownValue(
    path.reduce<string>((text, key) => {
      if (typeof key === 'number') return `${text}[${key}]`;
      if (!/^[\w./-]+$/.test(String(key))) return `${text}[${JSON.stringify(key)}]`;
      return text === '' ? String(key) : `${text}.${String(key)}`;
    }, ''),
  );

/** One problem on one line: `FILE:LINE:COLUMN: PATH: MESSAGE: VALUE -- FIX` */
export const problemLine = ({ file, line, column, path, value, message, fix }: ProfileProblem): string =>
  `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}${value === '' ? '' : `: ${value}`} -- ${fix}`;

import { decodedText } from './check-text.ts';
import { compileGitHub } from './compile-github.ts';
import { explainIssue, type PathFinding } from './explain-issue.ts';
import { unmanagedPaths } from './klanker-keys.ts';
import { profileAdvice } from './profile-advice.ts';
import { ProfileError } from './profile-error.ts';
import {
  type Place,
  type ProfileProblem,
  printable,
  shownPath,
  shownValue,
  withoutSecrets,
} from './profile-problem.ts';
import { type Profile, profileSchema } from './profile-schema.ts';
import { readYaml, type YamlFile } from './read-yaml.ts';
import type { Spot } from './walk-yaml.ts';

/** Something that a reader should know about a profile that is valid. */
export interface ProfileWarning extends Place {
  readonly file: string;
  /** Such as `spec.execution`. */
  readonly path: string;
  readonly message: string;
}

export interface ParsedProfile {
  readonly profile: Profile;
  readonly warnings: readonly ProfileWarning[];
}

const START: Spot = { line: 1, column: 1, source: '' };

/** The place of what is there; for what is missing, that of the nearest key around it. */
const spotOf = (yaml: YamlFile, path: readonly PropertyKey[], at: PathFinding['at']): Spot => {
  const spot = at === 'missing' ? undefined : at === 'key' ? yaml.keyAt(path) : yaml.valueAt(path);
  if (spot) return spot;
  for (let length = path.length; length > 0; length -= 1) {
    const around = yaml.keyAt(path.slice(0, length));
    if (around) return { ...around, source: '' };
  }
  return { ...(yaml.valueAt([]) ?? START), source: '' };
};

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);

const schemaFindings = (yaml: YamlFile): PathFinding[] => {
  const { error } = profileSchema.safeParse(yaml.value);
  return (error?.issues ?? []).flatMap((issue) =>
    explainIssue(issue, {
      value: valueAt(yaml.value, issue.path),
      source: shownValue(yaml.valueAt(issue.path)?.source ?? ''),
    }),
  );
};

const problemsOf = (yaml: YamlFile, file: string): ProfileProblem[] => {
  const inYaml = yaml.problems.map(({ path, ...problem }) => ({
    ...problem,
    path: shownPath(path),
    value: '',
  }));
  const inSchema = (yaml.value === undefined ? [] : schemaFindings(yaml)).map(
    ({ path, at, message, fix }) => {
      const { line, column, source } = spotOf(yaml, path, at);
      return {
        line,
        column,
        path: shownPath(path),
        value: at === 'value' ? shownValue(source) : '',
        message,
        fix,
      };
    },
  );
  return [...inYaml, ...inSchema].map(({ line, column, path, value, message, fix }) => ({
    file,
    line,
    column,
    path,
    value,
    message,
    fix,
  }));
};

const warningsOf = (yaml: YamlFile, profile: Profile, file: string): ProfileWarning[] => {
  const unmanaged = unmanagedPaths(profile);
  const [first] = unmanaged;
  const names = unmanaged.map(shownPath).join(', ');
  const klanker = first && {
    path: first,
    message: `km accepts what Klanker reads and does nothing with it: ${names}`,
  };
  const advice = profileAdvice(profile.spec.sourceAccess, compileGitHub(profile.spec.sourceAccess));
  return [...(klanker ? [klanker] : []), ...advice].map(({ path, message }) => {
    const { line, column } = spotOf(yaml, path, 'key');
    return { file, line, column, path: shownPath(path), message: withoutSecrets(message) };
  });
};

/**
 * Reads a SandboxProfile. Everything that is wrong with it comes at once, each with file, line, column, the value and
 * the fix; only where the YAML itself is broken do its keys wait. What km does not manage of a Klanker profile is
 * accepted and named in one warning.
 *
 * @param content The file's text, or its bytes, which are read as UTF-8.
 * @throws {ProfileError} `ErrProfileInvalid`, with `problems`.
 */
export const parseProfile = (
  content: string | Uint8Array,
  options: {
    /** The name of the file in messages. */
    readonly file: string;
  },
): ParsedProfile => {
  const file = printable(options.file);
  const yaml = readYaml(decodedText(content));
  const problems = problemsOf(yaml, file);
  if (problems.length > 0) throw new ProfileError(problems);
  const profile = profileSchema.parse(yaml.value);
  return { profile, warnings: warningsOf(yaml, profile, file) };
};

import { type Document, LineCounter, parseDocument, type YAMLError } from 'yaml';
import type { Finding } from '../guard/check-ref-pattern.ts';
import { checkText } from './check-text.ts';
import { type Spot, TOO_DEEP, type YamlProblem, YamlWalk } from './walk-yaml.ts';

export interface YamlFile {
  /** What the file says: maps without prototype, numbers and booleans as YAML 1.2 reads them; undefined when broken. */
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** The spot of a value. */
  readonly valueAt: (path: readonly PropertyKey[]) => Spot | undefined;
  /** The spot of a map's key. */
  readonly keyAt: (path: readonly PropertyKey[]) => Spot | undefined;
}

const ADVICE: Readonly<Partial<Record<YAMLError['code'], Finding>>> = {
  DUPLICATE_KEY: { message: 'this key stands here twice', fix: 'Keep one of them.' },
  MULTIPLE_DOCS: { message: 'a file holds one profile', fix: 'Put what follows --- into a file of its own.' },
  TAB_AS_INDENT: { message: 'YAML allows no tab as indentation', fix: 'Indent with spaces.' },
  TAG_RESOLVE_FAILED: {
    message: 'a profile holds no tags',
    fix: 'Leave out the word that begins with !, or write it in quotes.',
  },
  RESOURCE_EXHAUSTION: TOO_DEEP,
  BAD_DQ_ESCAPE: { message: 'YAML knows no such escape in double quotes', fix: "Use 'single quotes'." },
};

const adviceOn = ({ code, message }: YAMLError): Finding =>
  ADVICE[code] ?? {
    message: message.replace(/\.$/, ''),
    fix: 'Check indentation, quotes and brackets there.',
  };

/** The parser's objections. Once it has given up on depth, what else it says is an effect of that. */
const syntaxProblems = ({ errors, warnings }: Document.Parsed, lines: LineCounter): YamlProblem[] => {
  const exhausted = errors.filter(({ code }) => code === 'RESOURCE_EXHAUSTION');
  return (exhausted.length > 0 ? exhausted : [...errors, ...warnings]).map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return { line, column: col, path: [], ...adviceOn(error) };
  });
};

/** Several complaints about one place are one mistake. */
const firstOfEachPlace = (problems: readonly YamlProblem[]): YamlProblem[] => [
  ...new Map(problems.toReversed().map((problem) => [`${problem.line}:${problem.column}`, problem])).values(),
];

/**
 * Reads one YAML 1.2 document, in the core schema, and where everything in it stands. Duplicate keys, tags, further
 * documents and other versions are refused; `<<` is a key like any other. Never throws.
 *
 * {@link https://yaml.org/spec/1.2.2/}
 */
export const readYaml = (text: string): YamlFile => {
  const lines = new LineCounter();
  const refused = (offset: number, finding: Finding): YamlFile => {
    const before = text.slice(0, offset).split(/\r\n|\n/);
    const place = { line: before.length, column: (before.at(-1) ?? '').length + 1 };
    const { message, fix } = finding;
    return {
      value: undefined,
      problems: [{ ...place, message, fix, path: [] }],
      valueAt: () => undefined,
      keyAt: () => undefined,
    };
  };
  const unreadable = checkText(text);
  if (unreadable) return refused(unreadable.offset, unreadable);
  const doc = parse(text, lines);
  if (doc === undefined) return refused(0, TOO_DEEP);
  if (doc.directives?.yaml.explicit && doc.directives.yaml.version !== '1.2') {
    return refused(0, { message: 'a profile is in YAML 1.2', fix: 'Leave the %YAML line out.' });
  }
  if (doc.contents === null && doc.errors.length === 0) {
    return refused(0, {
      message: 'the file is empty',
      fix: 'Begin with spec:, or copy examples/profile.yaml.',
    });
  }
  const walk = new YamlWalk(doc, text, lines);
  const value = walk.read(doc.contents, []);
  const isBroken =
    walk.problems.length + doc.warnings.length > 0 || doc.errors.some(({ code }) => code !== 'DUPLICATE_KEY');
  return {
    // A broken structure would only add problems that are none; of a repeated key, the first is read.
    value: isBroken ? undefined : value,
    problems: firstOfEachPlace([...walk.problems, ...syntaxProblems(doc, lines)]),
    valueAt: (path) => walk.values.get(JSON.stringify(path)),
    keyAt: (path) => walk.keys.get(JSON.stringify(path)),
  };
};

const parse = (text: string, lineCounter: LineCounter): Document.Parsed | undefined => {
  try {
    return parseDocument(text, {
      lineCounter,
      schema: 'core',
      version: '1.2',
      merge: false,
      resolveKnownTags: false,
      prettyErrors: false,
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

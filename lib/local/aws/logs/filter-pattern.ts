import { AwsError } from '../cloud.ts';

type Matches = (message: string) => boolean;
type Condition = (event: unknown) => boolean;

const invalid = (pattern: string): AwsError =>
  new AwsError('InvalidParameterException', `Invalid filter pattern: ${pattern}`);

const notImplemented = (pattern: string, what: string): AwsError =>
  new AwsError('NotImplemented', `The local cloud implements no ${what} in filterPattern: ${pattern}`, 501);

/** Words that an event must have, must not have (`-word`), or of which it must have one (`?word ?word`). */
const terms = (pattern: string): Matches => {
  const all = pattern.match(/[-?]?"[^"]*"|\S+/g) ?? [];
  const has = (message: string, term: string): boolean =>
    message.includes(term.replace(/^[-?]/, '').replace(/^"|"$/g, ''));
  const optional = all.filter((term) => term.startsWith('?'));
  if (optional.length > 0 && optional.length < all.length)
    throw notImplemented(pattern, 'mix of ?terms with others');
  if (optional.length > 0) return (message) => optional.some((term) => has(message, term));
  return (message) => all.every((term) => has(message, term) !== term.startsWith('-'));
};

const NUMBER = /^[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

/** `$.a.b[0]` of an event; undefined when it is not there. */
const selector = (text: string): ((event: unknown) => unknown) => {
  const steps = [...text.matchAll(/\.([\w-]+)|\[(\d+)\]|\[['"]([^'"]+)['"]\]/g)].map(
    ([, name, index, quoted]) => name ?? quoted ?? Number(index),
  );
  return (event) =>
    steps.reduce<unknown>(
      (value, step) =>
        value !== null && typeof value === 'object' && Object.hasOwn(value, step)
          ? (value as Record<string | number, unknown>)[step]
          : undefined,
      event,
    );
};

const TOKENS =
  /\$(?:\.[\w-]+|\[\d+\]|\[(?:'[^']*'|"[^"]*")\])+|"(?:[^"\\]|\\.)*"|&&|\|\||[()]|[<>!]=|[=<>]|[^\s()=<>!&|"]+|\S/g;

/** Reads the inside of `{ … }`: comparisons of fields, joined by && (which binds closer) and ||. */
class Reader {
  readonly #pattern: string;
  readonly #tokens: string[];

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#tokens = pattern.slice(1, -1).match(TOKENS) ?? [];
  }

  read(): Condition {
    const condition = this.#either();
    if (this.#tokens.length > 0) throw invalid(this.#pattern);
    return condition;
  }

  #either(): Condition {
    const all = [this.#both()];
    while (this.#take('||')) all.push(this.#both());
    return (event) => all.some((condition) => condition(event));
  }

  #both(): Condition {
    const all = [this.#one()];
    while (this.#take('&&')) all.push(this.#one());
    return (event) => all.every((condition) => condition(event));
  }

  #one(): Condition {
    if (this.#take('(')) {
      const inner = this.#either();
      if (!this.#take(')')) throw invalid(this.#pattern);
      return inner;
    }
    const field = this.#next();
    if (!field.startsWith('$')) throw invalid(this.#pattern);
    const read = selector(field);
    const operator = this.#next();
    if (operator === 'IS') return this.#is(read);
    if (operator === 'NOT' && this.#take('EXISTS')) return (event) => read(event) === undefined;
    const compare = COMPARISONS[operator];
    if (compare === undefined) throw invalid(this.#pattern);
    return this.#compared(read, operator, compare);
  }

  #is(read: (event: unknown) => unknown): Condition {
    const wanted = ({ TRUE: true, FALSE: false, NULL: null } as Record<string, unknown>)[this.#next()];
    if (wanted === undefined) throw invalid(this.#pattern);
    return (event) => read(event) === wanted;
  }

  #compared(
    read: (event: unknown) => unknown,
    operator: string,
    compare: (a: number, b: number) => boolean,
  ): Condition {
    const value = this.#next();
    if (value.startsWith('%')) throw notImplemented(this.#pattern, 'regular expressions');
    if (NUMBER.test(value)) {
      return (event) => {
        const found = read(event);
        return typeof found === 'number' && compare(found, Number(value));
      };
    }
    if (operator !== '=' && operator !== '!=') throw invalid(this.#pattern);
    const text = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
    const quoted = text.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*');
    const wanted = new RegExp(`^${quoted}$`, 's');
    return (event) => {
      const found = read(event);
      if (found === undefined || found === null) return false;
      const same = typeof found === 'object' ? text === '*' : wanted.test(String(found));
      return same === (operator === '=');
    };
  }

  #take(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #next(): string {
    const token = this.#tokens.shift();
    if (token === undefined) throw invalid(this.#pattern);
    return token;
  }
}

const parsed = (message: string): unknown => {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
};

/**
 * Whether a log event matches a filter pattern: of terms, or of the fields of JSON events,
 * `{ $.sandbox_id = "sb-1" && $.ms > 100 }`. An event that is not wholly JSON matches no pattern of fields.
 *
 * Throws InvalidParameterException, and NotImplemented for patterns of space-delimited events and regular expressions.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export const filterPattern = (given: string | undefined): Matches => {
  const pattern = (given ?? '').trim();
  if (pattern === '') return () => true;
  if (/^[[%]/.test(pattern))
    throw notImplemented(pattern, pattern.startsWith('%') ? 'regular expressions' : 'space-delimited events');
  if (!pattern.startsWith('{')) return terms(pattern);
  if (!pattern.endsWith('}')) throw invalid(pattern);
  const condition = new Reader(pattern).read();
  return (message) => {
    const event = message.trimStart().startsWith('{') ? parsed(message) : undefined;
    return event !== undefined && condition(event);
  };
};

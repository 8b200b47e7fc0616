import { AwsError } from '../cloud.ts';
import type { Series } from './metric-store.ts';

/** The value of an expression at one time: undefined where data is missing. */
type Value = number | undefined;
type Expression = (at: { readonly time: number; readonly metric: (id: string) => Value }) => Value;

const wrong = (expression: string): AwsError =>
  new AwsError('ValidationError', `Error in expression: the local cloud cannot read '${expression}'`);

/** Those that bind closer come later. */
const OPERATORS: readonly Readonly<Record<string, (a: number, b: number) => Value>>[] = [
  { '||': (a, b) => Number(a !== 0 || b !== 0), OR: (a, b) => Number(a !== 0 || b !== 0) },
  { '&&': (a, b) => Number(a !== 0 && b !== 0), AND: (a, b) => Number(a !== 0 && b !== 0) },
  {
    '>=': (a, b) => Number(a >= b),
    '<=': (a, b) => Number(a <= b),
    '==': (a, b) => Number(a === b),
    '!=': (a, b) => Number(a !== b),
    '>': (a, b) => Number(a > b),
    '<': (a, b) => Number(a < b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  // what is divided by zero is no data
  { '*': (a, b) => a * b, '/': (a, b) => (b === 0 ? undefined : a / b) },
];

const known = (values: readonly Value[]): number[] => values.filter((value) => value !== undefined);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The functions that work on one time at a time. */
const FUNCTIONS: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  FILL: ([value, otherwise]) => value ?? otherwise,
  IF: ([condition, then, otherwise]) =>
    condition === undefined ? undefined : condition !== 0 ? then : otherwise,
  ABS: ([value]) => (value === undefined ? undefined : Math.abs(value)),
  MAX: (values) => (known(values).length === 0 ? undefined : Math.max(...known(values))),
  MIN: (values) => (known(values).length === 0 ? undefined : Math.min(...known(values))),
  SUM: (values) => (known(values).length === 0 ? undefined : sum(known(values))),
  AVG: (values) => (known(values).length === 0 ? undefined : sum(known(values)) / known(values).length),
};
/** These make one number of a whole series, unless they are given a list of metrics. */
const OF_LISTS = ['MAX', 'MIN', 'SUM', 'AVG'];

class Reader {
  readonly #text: string;
  readonly #tokens: string[];

  constructor(text: string) {
    this.#text = text;
    this.#tokens = text.match(/\d+(?:\.\d+)?|[A-Za-z_]\w*|\|\||&&|[<>=!]=|[-+*/()<>,[\]]|\S/g) ?? [];
  }

  read(): Expression {
    const expression = this.#level(0);
    if (this.#tokens.length > 0) throw wrong(this.#text);
    return expression;
  }

  #level(level: number): Expression {
    const operators = OPERATORS[level];
    if (operators === undefined) return this.#operand();
    let left = this.#level(level + 1);
    for (;;) {
      const token = this.#tokens[0] ?? '';
      const operator = Object.hasOwn(operators, token) ? operators[token] : undefined;
      if (operator === undefined) return left;
      this.#tokens.shift();
      const [first, second] = [left, this.#level(level + 1)];
      left = (at) => {
        const [a, b] = [first(at), second(at)];
        return a === undefined || b === undefined ? undefined : operator(a, b);
      };
    }
  }

  #operand(): Expression {
    const token = this.#tokens.shift() ?? '';
    if (token === '-') {
      const operand = this.#operand();
      return (at) => {
        const value = operand(at);
        return value === undefined ? undefined : -value;
      };
    }
    if (token === '(') return this.#until(')')[0] ?? this.#fail();
    if (/^\d/.test(token)) return () => Number(token);
    if (/^[a-z]\w*$/.test(token)) return ({ metric }) => metric(token);
    const apply = Object.hasOwn(FUNCTIONS, token) ? FUNCTIONS[token] : undefined;
    if (apply === undefined || this.#tokens.shift() !== '(') return this.#fail();
    const list = this.#tokens[0] === '[';
    if (list !== OF_LISTS.includes(token)) return this.#fail();
    if (list) this.#tokens.shift();
    const operands = this.#until(list ? ']' : ')');
    if (list && this.#tokens.shift() !== ')') return this.#fail();
    return (at) => apply(operands.map((operand) => operand(at)));
  }

  #until(end: string): Expression[] {
    const all = [this.#level(0)];
    while (this.#tokens[0] === ',') {
      this.#tokens.shift();
      all.push(this.#level(0));
    }
    if (this.#tokens.shift() !== end) throw wrong(this.#text);
    return all;
  }

  #fail(): never {
    throw wrong(this.#text);
  }
}

/**
 * Computes a metric math expression at each of `times`: arithmetic, comparisons, AND, OR, FILL with a number, IF, ABS, and
 * SUM, AVG, MIN, MAX of lists. Where a metric has no data the result has none. Throws ValidationError for any other.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const computeExpression = (
  text: string,
  times: readonly number[],
  series: (id: string) => Series | undefined,
): Series => {
  const expression = new Reader(text).read();
  const metric = (time: number) => (id: string) => {
    const found = series(id);
    if (found === undefined) throw new AwsError('ValidationError', `Error in expression: no metric ${id}`);
    return found.get(time);
  };
  const values = times.map((time) => [time, expression({ time, metric: metric(time) })] as const);
  return new Map(values.filter((entry): entry is [number, number] => entry[1] !== undefined));
};

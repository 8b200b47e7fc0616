import { BlockList, isIP } from 'node:net';
import { type Context, plainText, substitute } from './context.ts';
import { arnMatches, globMatches } from './wildcard.ts';

type Condition = Readonly<
  Record<string, Readonly<Record<string, string | boolean | number | readonly unknown[]>>>
>;
type Comparison = (wanted: string, given: string) => boolean;

const time = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const numeric =
  (
    compare: (wanted: number, given: number) => boolean,
    read: (text: string) => number = Number,
  ): Comparison =>
  (wanted, given) =>
    compare(read(wanted), read(given));

const inNetwork: Comparison = (wanted, given) => {
  const [address = '', bits] = wanted.split('/');
  const family = (ip: string): 'ipv4' | 'ipv6' => (isIP(ip) === 6 ? 'ipv6' : 'ipv4');
  if (!isIP(address) || !isIP(given)) return false;
  const network = new BlockList();
  network.addSubnet(
    address,
    bits === undefined ? (isIP(address) === 6 ? 128 : 32) : Number(bits),
    family(address),
  );
  return network.check(given, family(given));
};

const plain =
  (compare: Comparison): Comparison =>
  (wanted, given) =>
    compare(plainText(wanted), given);

const equalsIgnoringCase: Comparison = (wanted, given) => wanted.toLowerCase() === given.toLowerCase();

/** Each comparison that says yes; the operators with `Not` are their negations. */
const POSITIVE: Readonly<Record<string, Comparison>> = {
  StringEquals: plain((wanted, given) => wanted === given),
  StringEqualsIgnoreCase: plain(equalsIgnoringCase),
  StringLike: globMatches,
  ArnEquals: arnMatches,
  ArnLike: arnMatches,
  NumericEquals: numeric((wanted, given) => given === wanted),
  NumericLessThan: numeric((wanted, given) => given < wanted),
  NumericLessThanEquals: numeric((wanted, given) => given <= wanted),
  NumericGreaterThan: numeric((wanted, given) => given > wanted),
  NumericGreaterThanEquals: numeric((wanted, given) => given >= wanted),
  DateEquals: numeric((wanted, given) => given === wanted, time),
  DateLessThan: numeric((wanted, given) => given < wanted, time),
  DateLessThanEquals: numeric((wanted, given) => given <= wanted, time),
  DateGreaterThan: numeric((wanted, given) => given > wanted, time),
  DateGreaterThanEquals: numeric((wanted, given) => given >= wanted, time),
  Bool: plain(equalsIgnoringCase),
  BinaryEquals: plain((wanted, given) => wanted === given),
  IpAddress: plain(inNetwork),
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
};

interface Operator {
  readonly quantifier: 'ForAnyValue' | 'ForAllValues' | undefined;
  readonly ifExists: boolean;
  readonly negated: boolean;
  readonly compare: Comparison | 'Null';
}

/** Reads an operator's name, as `ForAllValues:StringLikeIfExists`; undefined when IAM has none such. */
export const readOperator = (name: string): Operator | undefined => {
  const parts = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/.exec(name);
  if (!parts) return undefined;
  const [, quantifier, base = '', ifExists] = parts;
  const compare = base === 'Null' ? 'Null' : POSITIVE[NEGATED[base] ?? base];
  if (compare === undefined || (base === 'Null' && (quantifier || ifExists))) return undefined;
  return {
    quantifier: quantifier as Operator['quantifier'],
    ifExists: ifExists !== undefined,
    negated: base in NEGATED,
    compare,
  };
};

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);

const entryHolds = (
  operator: Operator,
  wanted: readonly string[],
  given: readonly string[] | undefined,
): boolean => {
  const { compare, negated, quantifier } = operator;
  if (compare === 'Null')
    return wanted.some((text) => (text.toLowerCase() === 'true') === (given === undefined));
  if (given === undefined || given.length === 0) {
    if (quantifier === 'ForAllValues' || operator.ifExists) return true;
    return quantifier === 'ForAnyValue' ? false : negated;
  }
  const satisfies = (value: string): boolean => wanted.some((text) => compare(text, value)) !== negated;
  if (quantifier === 'ForAllValues') return given.every(satisfies);
  if (quantifier === 'ForAnyValue') return given.some(satisfies);
  return negated ? given.every(satisfies) : given.some(satisfies);
};

/**
 * True when every entry of a Condition block holds: operators and keys are joined by AND, the values of one key by OR
 * (by NOR for negated operators).
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 *
 * @param reading whether policy variables are replaced, and what an operator that IAM does not have comes to
 */
export const conditionHolds = (
  condition: Condition | undefined,
  context: Context,
  reading: { readonly variables: boolean; readonly unknownOperator: boolean },
): boolean => {
  for (const [name, entries] of Object.entries(condition ?? {})) {
    const operator = readOperator(name);
    if (!operator) {
      if (reading.unknownOperator) continue;
      return false;
    }
    for (const [key, value] of Object.entries(entries)) {
      const wanted = listOf(value).map((text) => (reading.variables ? substitute(text, context) : text));
      const known = wanted.filter((text) => text !== undefined);
      if (known.length === 0) return false;
      if (!entryHolds(operator, known, context.get(key.toLowerCase()))) return false;
    }
  }
  return true;
};

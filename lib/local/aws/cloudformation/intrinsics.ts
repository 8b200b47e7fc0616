import { type Template, validationError } from './template.ts';

/** What the functions of a template are resolved against. */
export interface Scope {
  readonly template: Template;
  /** Parameters and pseudo parameters by name; lists as arrays. */
  readonly values: Readonly<Record<string, string | readonly string[]>>;
  /** What stands for a resource: its `Ref`, and its attributes. */
  readonly resource: (logicalId: string) => ResolvedResource | undefined;
}

export interface ResolvedResource {
  readonly type: string;
  readonly ref: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** `AWS::NoValue`: the property that holds it is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

type Resolve = (value: unknown, scope: Scope) => unknown;

const VARIABLE = /\$\{(!?)([^}]+)\}/g;

const ref: Resolve = (name, scope) => {
  if (name === 'AWS::NoValue') return NO_VALUE;
  const value = scope.values[String(name)];
  if (value !== undefined) return value;
  const resource = scope.resource(String(name));
  if (resource === undefined) throw validationError(`Unresolved resource dependency [${name}]`);
  return resource.ref;
};

const getAtt: Resolve = (argument, scope) => {
  const [logicalId = '', ...rest] =
    typeof argument === 'string' ? argument.split('.') : (argument as string[]);
  const attribute = rest.join('.');
  const resource = scope.resource(logicalId);
  if (resource === undefined) throw validationError(`Unresolved resource dependency [${logicalId}]`);
  const value = resource.attributes[attribute];
  if (value === undefined) {
    throw validationError(`Requested attribute ${attribute} does not exist in schema for ${resource.type}`);
  }
  return value;
};

const sub: Resolve = (argument, scope) => {
  const [text, given] = (Array.isArray(argument) ? argument : [argument, {}]) as [
    string,
    Record<string, unknown>,
  ];
  return text.replace(VARIABLE, (_, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`;
    const variable = name.trim();
    if (Object.hasOwn(given, variable)) return asText(resolve(given[variable], scope), `Fn::Sub ${variable}`);
    const value =
      variable.includes('.') && !variable.includes('::') ? getAtt(variable, scope) : ref(variable, scope);
    return asText(value, `Fn::Sub ${variable}`);
  });
};

const condition: Resolve = (name, scope) => {
  const body = scope.template.Conditions[String(name)];
  if (body === undefined)
    throw validationError(`Template format error: Unresolved condition dependency ${name}`);
  return truth(body, scope);
};

/** The value of a condition: a function of conditions, or `{"Condition": name}`. */
function truth(value: unknown, scope: Scope): boolean {
  const found = functionOf(value);
  if (found?.[0] === 'Condition') return condition(found[1], scope) as boolean;
  const result = resolve(value, scope);
  if (result === true || result === 'true') return true;
  if (result === false || result === 'false') return false;
  throw validationError(
    'Template format error: Conditions can only be boolean operations on parameters and other conditions',
  );
}

const list = (value: unknown, scope: Scope, where: string): unknown[] => {
  const resolved = resolve(value, scope);
  if (!Array.isArray(resolved)) throw validationError(`Template error: ${where} requires a list`);
  return resolved;
};

const pair = (value: unknown, where: string): [unknown, unknown] => {
  if (!Array.isArray(value) || value.length !== 2) {
    throw validationError(`Template error: ${where} object requires two parameters`);
  }
  return value as [unknown, unknown];
};

const FUNCTIONS: Readonly<Record<string, Resolve>> = {
  Ref: ref,
  'Fn::GetAtt': getAtt,
  'Fn::Sub': sub,
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = pair(argument, 'Fn::Join');
    return list(parts, scope, 'Fn::Join')
      .map((part) => asText(part, 'Fn::Join'))
      .join(String(separator));
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = pair(argument, 'Fn::Split');
    return asText(resolve(text, scope), 'Fn::Split').split(String(separator));
  },
  'Fn::Select': (argument, scope) => {
    const [index, items] = pair(argument, 'Fn::Select');
    const value = list(items, scope, 'Fn::Select')[Number(resolve(index, scope))];
    if (value === undefined)
      throw validationError('Template error: Fn::Select cannot select nonexistent value');
    return value;
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = list(argument, scope, 'Fn::FindInMap').map(String);
    const value = scope.template.Mappings[map ?? '']?.[first ?? '']?.[second ?? ''];
    if (value === undefined)
      throw validationError(`Template error: Unable to get mapping for ${map}::${first}::${second}`);
    return value;
  },
  'Fn::If': (argument, scope) => {
    const [name, then, otherwise] = argument as [unknown, unknown, unknown];
    return resolve(condition(name, scope) === true ? then : otherwise, scope);
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = pair(argument, 'Fn::Equals').map((side) => resolve(side, scope));
    return JSON.stringify(left) === JSON.stringify(right) || String(left) === String(right);
  },
  'Fn::And': (argument, scope) => (argument as unknown[]).every((each) => truth(each, scope)),
  'Fn::Or': (argument, scope) => (argument as unknown[]).some((each) => truth(each, scope)),
  'Fn::Not': (argument, scope) => !truth((argument as unknown[])[0], scope),
  'Fn::Contains': (argument, scope) => {
    const [items, wanted] = pair(argument, 'Fn::Contains');
    return list(items, scope, 'Fn::Contains')
      .map(String)
      .includes(String(resolve(wanted, scope)));
  },
};

/** The function that an object stands for, with its argument; undefined for plain data. */
export function functionOf(value: unknown): [name: string, argument: unknown] | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [''];
  if (entries.length !== 1) return undefined;
  if (name === 'Condition' && typeof argument === 'string') return [name, argument];
  return name === 'Ref' || name.startsWith('Fn::') ? [name, argument] : undefined;
}

/** Whether the local cloud knows a function of that name. */
export const isSupportedFunction = (name: string): boolean =>
  Object.hasOwn(FUNCTIONS, name) || name === 'Condition';

const asText = (value: unknown, where: string): string => {
  if (value === NO_VALUE) return '';
  if (typeof value === 'object' && value !== null)
    throw validationError(`Template error: ${where} does not resolve to a string`);
  return String(value);
};

/**
 * A value of a template with its functions resolved; properties whose value is `AWS::NoValue` are left out.
 *
 * Throws ValidationError.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  }
  if (value === null || typeof value !== 'object') return value;
  const found = functionOf(value);
  const run = found === undefined ? undefined : FUNCTIONS[found[0]];
  if (found !== undefined && run !== undefined) return run(found[1], scope);
  const entries = Object.entries(value).map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
}

/** Whether a named condition holds; without a name it does. Throws ValidationError for an unknown one. */
export function holds(name: string | undefined, scope: Scope): boolean {
  return name === undefined || condition(name, scope) === true;
}

/** The value of a condition written in place, as the rules of a template have it. Throws ValidationError. */
export function isTrue(value: unknown, scope: Scope): boolean {
  return truth(value, scope);
}

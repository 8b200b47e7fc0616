import { isTrue, type Scope } from './intrinsics.ts';
import { type Template, type TemplateParameter, validationError } from './template.ts';

/** A parameter as a request gives it. */
export interface GivenParameter {
  readonly ParameterKey: string;
  readonly ParameterValue?: string;
  readonly UsePreviousValue?: string | boolean;
}

const VALUE_LIMIT = 4096;
const TYPES = new Set(['String', 'Number', 'List<Number>', 'CommaDelimitedList']);

const check = (name: string, parameter: TemplateParameter, value: string): void => {
  const refuse = (what: string): never => {
    const said = parameter.ConstraintDescription;
    throw validationError(
      said === undefined
        ? `Parameter '${name}' ${what}`
        : `Parameter ${name} failed to satisfy constraint: ${said}`,
    );
  };
  if (Buffer.byteLength(value) > VALUE_LIMIT) {
    throw validationError(`Parameter '${name}' must be at most ${VALUE_LIMIT} bytes`);
  }
  const each = parameter.Type.includes('List') ? split(value) : [value];
  for (const item of each) {
    const { AllowedValues: allowed, AllowedPattern: pattern } = parameter;
    if (allowed !== undefined && !allowed.map(String).includes(item)) {
      refuse(`must be one of AllowedValues [${allowed.join(', ')}]`);
    }
    if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(item))
      refuse(`must match pattern ${pattern}`);
    if (!parameter.Type.includes('Number')) continue;
    if (item.trim() === '' || Number.isNaN(Number(item))) refuse('must be a number');
    if (Number(item) < Number(parameter.MinValue ?? -Infinity))
      refuse(`must be at least ${parameter.MinValue}`);
    if (Number(item) > Number(parameter.MaxValue ?? Infinity))
      refuse(`must be at most ${parameter.MaxValue}`);
  }
  if (value.length < Number(parameter.MinLength ?? 0)) {
    refuse(`must contain at least ${parameter.MinLength} characters`);
  }
  if (value.length > Number(parameter.MaxLength ?? Infinity)) {
    refuse(`must contain at most ${parameter.MaxLength} characters`);
  }
};

const split = (value: string): string[] => (value === '' ? [] : value.split(',').map((item) => item.trim()));

/**
 * The values of a template's parameters: what is given, else the previous value where that is asked for,
 * else the default. All are strings, as in the request.
 *
 * Throws ValidationError, worded as CloudFormation words it.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
export function parameterValues(
  template: Template,
  given: readonly GivenParameter[],
  previous: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const unknown = given.filter(({ ParameterKey }) => !Object.hasOwn(template.Parameters, ParameterKey));
  if (unknown.length > 0) {
    const names = unknown.map(({ ParameterKey }) => ParameterKey).join(', ');
    throw validationError(`Parameters: [${names}] do not exist in the template`);
  }
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const [name, parameter] of Object.entries(template.Parameters)) {
    if (!TYPES.has(parameter.Type)) {
      throw validationError(
        `Template format error: Unsupported type ${parameter.Type} of parameter ${name} in the local cloud`,
      );
    }
    const entry = given.find(({ ParameterKey }) => ParameterKey === name);
    const keep = String(entry?.UsePreviousValue ?? 'false') === 'true';
    const value = keep ? previous[name] : (entry?.ParameterValue ?? parameter.Default);
    if (value === undefined) missing.push(name);
    else {
      check(name, parameter, String(value));
      values[name] = String(value);
    }
  }
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  return values;
}

/** Parameter values as `Ref` gives them: list types as lists. */
export function parameterRefs(
  template: Template,
  values: Readonly<Record<string, string>>,
): Record<string, string | readonly string[]> {
  const isList = (name: string): boolean => template.Parameters[name]?.Type.includes('List') ?? false;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, isList(name) ? split(value) : value]),
  );
}

/**
 * Checks the assertions of the Rules section.
 *
 * Throws ValidationError with the description of the first assertion that fails.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
 */
export function checkRules(scope: Scope): void {
  for (const [name, rule] of Object.entries(scope.template.Rules)) {
    if (rule.RuleCondition !== undefined && !isTrue(rule.RuleCondition, scope)) continue;
    for (const { Assert, AssertDescription } of rule.Assertions) {
      if (isTrue(Assert, scope)) continue;
      throw validationError(
        `Template error: rule ${name} failed: ${AssertDescription ?? 'assertion is false'}`,
      );
    }
  }
}

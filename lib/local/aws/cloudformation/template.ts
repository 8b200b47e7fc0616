import { parse as parseYaml } from 'yaml';
import { AwsError } from '../cloud.ts';

/** A template as it stands in its body: nothing resolved yet. */
export interface Template {
  readonly Description?: string;
  readonly Parameters: Readonly<Record<string, TemplateParameter>>;
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Rules: Readonly<Record<string, TemplateRule>>;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs: Readonly<Record<string, TemplateOutput>>;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string | number;
  readonly Description?: string;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly MinLength?: number | string;
  readonly MaxLength?: number | string;
  readonly MinValue?: number | string;
  readonly MaxValue?: number | string;
  readonly NoEcho?: boolean | string;
}

export interface TemplateRule {
  readonly RuleCondition?: unknown;
  readonly Assertions: readonly { readonly Assert: unknown; readonly AssertDescription?: string }[];
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Metadata?: unknown;
}

export interface TemplateOutput {
  readonly Value: unknown;
  readonly Description?: string;
  readonly Condition?: string;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const BODY_LIMIT = 51_200;
const SECTIONS = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Rules',
  'Resources',
  'Outputs',
]);
const RESOURCE_KEYS = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
]);
const OUTPUT_KEYS = new Set(['Value', 'Description', 'Condition']);
const DELETION_POLICIES = new Set(['Delete', 'Retain', 'RetainExceptOnCreate']);

/** The error CloudFormation answers for everything that is wrong with a request or a template. */
export const validationError = (message: string): AwsError => new AwsError('ValidationError', message, 400);

const formatError = (message: string): AwsError => validationError(`Template format error: ${message}`);

// biome-ignore lint/suspicious/noExplicitAny: an unchecked template
type Loose = any;

const parseBody = (body: string): Loose => {
  try {
    return JSON.parse(body);
  } catch {
    try {
      return parseYaml(body);
    } catch {
      throw formatError('JSON not well-formed, and not YAML either.');
    }
  }
};

const checkResource = (id: string, resource: Loose): void => {
  if (!/^[A-Za-z0-9]{1,255}$/.test(id)) throw formatError(`Resource name ${id} is non alphanumeric.`);
  if (typeof resource?.Type !== 'string') {
    throw formatError(`[/Resources/${id}] Every Resources object must contain a Type member.`);
  }
  const unknown = Object.keys(resource).filter((key) => !RESOURCE_KEYS.has(key));
  if (unknown.length > 0) {
    throw formatError(`Unsupported attribute(s) ${unknown.join(', ')} on resource ${id} in the local cloud`);
  }
  for (const policy of [resource.DeletionPolicy, resource.UpdateReplacePolicy]) {
    if (policy !== undefined && !DELETION_POLICIES.has(policy)) {
      throw formatError(`Unrecognized DeletionPolicy ${policy} for resource ${id}`);
    }
  }
};

const checkOutput = (name: string, output: Loose): void => {
  if (output?.Value === undefined) throw formatError(`Output ${name} is malformed.`);
  const unknown = Object.keys(output).filter((key) => !OUTPUT_KEYS.has(key));
  if (unknown.length > 0) {
    throw formatError(`Unsupported attribute(s) ${unknown.join(', ')} on output ${name} in the local cloud`);
  }
};

/**
 * Reads a template body (JSON, or YAML without short-form tags) and checks its form. What the local cloud
 * does not know is refused by name, not passed over.
 *
 * Throws ValidationError.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */
export function parseTemplate(body: string): Template {
  const size = Buffer.byteLength(body);
  if (size > BODY_LIMIT) {
    throw validationError(
      `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: ` +
        `Member must have length less than or equal to ${BODY_LIMIT}`,
    );
  }
  const raw = parseBody(body);
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) {
    throw formatError('unsupported structure.');
  }
  const unknown = Object.keys(raw).filter((key) => !SECTIONS.has(key));
  if (unknown.length > 0)
    throw validationError(`Invalid template property or properties [${unknown.join(', ')}]`);
  if (raw.Resources === undefined || Object.keys(raw.Resources).length === 0) {
    throw formatError('At least one Resources member must be defined.');
  }
  for (const [id, resource] of Object.entries(raw.Resources)) checkResource(id, resource);
  for (const [name, output] of Object.entries(raw.Outputs ?? {})) checkOutput(name, output);
  return {
    ...(raw.Description === undefined ? {} : { Description: raw.Description }),
    Parameters: raw.Parameters ?? {},
    Mappings: raw.Mappings ?? {},
    Conditions: raw.Conditions ?? {},
    Rules: raw.Rules ?? {},
    Resources: raw.Resources,
    Outputs: raw.Outputs ?? {},
  };
}

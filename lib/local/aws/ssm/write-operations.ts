import { AwsError, type Call } from '../cloud.ts';
import { flag, type Operation, optionalText, text } from '../operations.ts';
import { checkName } from './parameter-name.ts';
import type { ParameterRecord, Parameters, ParameterType, ParameterVersion } from './parameters.ts';
import { namesOf } from './read-operations.ts';
import { readTags } from './tag-operations.ts';

const MAX_VALUE_BYTES = 4096;
const MAX_PARAMETERS = 10_000;
const MAX_VERSIONS = 100;
const DEFAULT_KEY = 'alias/aws/ssm';
const TYPES: readonly string[] = ['String', 'StringList', 'SecureString'];

const unsupported = (what: string): AwsError =>
  new AwsError('NotImplemented', `The local cloud does not implement ${what} of ssm:PutParameter`, 501);

const checkValue = (call: Call): string => {
  const value = text(call, 'Value', { min: 1 });
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES) {
    throw new AwsError(
      'ValidationException',
      `Standard tier parameters support a maximum parameter value of ${MAX_VALUE_BYTES} characters. To create a larger ` +
        'parameter value, upgrade the parameter to use the advanced-parameter tier.',
    );
  }
  const pattern = optionalText(call, 'AllowedPattern', { max: 1024 });
  if (pattern && !new RegExp(`^(?:${pattern})$`, 'u').test(value)) {
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value can't be validated against the pattern ${pattern}`,
    );
  }
  return value;
};

const refuseUnsupported = (call: Call): void => {
  if (optionalText(call, 'Tier', { oneOf: ['Standard', 'Advanced', 'Intelligent-Tiering'] }) === 'Advanced') {
    throw unsupported('the advanced tier');
  }
  if ((optionalText(call, 'DataType', { max: 128 }) ?? 'text') !== 'text')
    throw unsupported('data types beside text');
  if (optionalText(call, 'Policies')) throw unsupported('Policies');
};

const typeOf = (call: Call, existing: ParameterRecord | undefined): ParameterType => {
  const type = optionalText(call, 'Type', { oneOf: TYPES }) ?? existing?.type;
  if (type === undefined) {
    throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
  }
  if (existing && existing.type !== type) {
    throw new AwsError(
      'HierarchyTypeMismatchException',
      `The parameter ${existing.name} is a ${existing.type} and cannot become a ${type}: create a new, unique parameter.`,
    );
  }
  return type as ParameterType;
};

const checkOverwrite = (call: Call, existing: ParameterRecord | undefined, tagged: boolean): void => {
  const overwrite = flag(call, 'Overwrite');
  if (overwrite && tagged) {
    throw new AwsError(
      'ValidationException',
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite " +
        'flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.',
    );
  }
  if (existing && !overwrite) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
};

/** PutParameter, DeleteParameter and DeleteParameters. */
export const writeOperations = (parameters: Parameters): Record<string, Operation> => {
  const { cloud, table } = parameters;
  return {
    async PutParameter(call) {
      const name = text(call, 'Name', { min: 1, max: 2048 });
      checkName(name);
      const { tags, context } = readTags(call);
      const tagged = Object.keys(tags).length > 0;
      parameters.authorize(call, name, 'PutParameter', {
        'ssm:Overwrite': String(flag(call, 'Overwrite')),
        ...context,
      });
      if (tagged) parameters.authorize(call, name, 'AddTagsToResource', context);
      refuseUnsupported(call);
      const value = checkValue(call);
      const described = optionalText(call, 'Description', { max: 1024 });
      const given = optionalText(call, 'KeyId', { min: 1, max: 256 });

      const before = table.get(name);
      checkOverwrite(call, before, tagged);
      const type = typeOf(call, before);
      if (given !== undefined && type !== 'SecureString') {
        throw new AwsError('ValidationException', 'KeyId is required for SecureString type parameter only.');
      }
      if (!before && table.keys().length >= MAX_PARAMETERS) {
        throw new AwsError(
          'ParameterLimitExceeded',
          'You have exceeded the number of parameters for this account.',
        );
      }
      const keyId = type === 'SecureString' ? (given ?? DEFAULT_KEY) : undefined;
      const stored = keyId === undefined ? value : await parameters.seal(call, name, value, keyId);

      // Another write may have come while the key was asked: this one comes after it.
      const existing = table.get(name);
      checkOverwrite(call, existing, tagged);
      const last = existing?.versions.at(-1);
      const description = described ?? last?.description;
      const allowedPattern = optionalText(call, 'AllowedPattern') ?? last?.allowedPattern;
      const version: ParameterVersion = {
        version: (last?.version ?? 0) + 1,
        value: stored,
        ...(keyId === undefined ? {} : { keyId }),
        ...(description ? { description } : {}),
        ...(allowedPattern ? { allowedPattern } : {}),
        modified: cloud.clock.now(),
        modifiedBy: call.caller.arn,
      };
      const versions = [...(existing?.versions ?? []), version].slice(-MAX_VERSIONS);
      table.set(name, { name, type, tags: existing?.tags ?? tags, versions });
      return { Version: version.version, Tier: 'Standard' };
    },

    DeleteParameter(call) {
      const { name } = parameters.reference(text(call, 'Name', { min: 1, max: 2048 }));
      parameters.authorize(call, name);
      if (!table.delete(name)) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
    },

    DeleteParameters(call) {
      const names = namesOf(call).map((name) => parameters.reference(name).name);
      for (const name of names) parameters.authorize(call, name);
      const deleted = names.filter((name) => table.delete(name));
      return {
        DeletedParameters: deleted,
        InvalidParameters: names.filter((name) => !deleted.includes(name)),
      };
    },
  };
};

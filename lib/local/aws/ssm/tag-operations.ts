import { AwsError, type Call } from '../cloud.ts';
import { list, type Operation, text } from '../operations.ts';
import type { ParameterRecord, Parameters } from './parameters.ts';

interface SsmTag {
  readonly Key?: unknown;
  readonly Value?: unknown;
}

const MOST_TAGS = 50;

/** The tags of a request, and the condition keys that tell of them. Throws ValidationException. */
export const readTags = (
  call: Call,
): { tags: Record<string, string>; context: Record<string, string | string[]> } => {
  const tags: Record<string, string> = {};
  for (const { Key, Value } of list<SsmTag>(call, 'Tags')) {
    const keyOk =
      typeof Key === 'string' && /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(Key) && !/^aws:/i.test(Key);
    if (!keyOk || typeof Value !== 'string' || !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(Value)) {
      throw new AwsError('ValidationException', `'${String(Key)}' and its value are no tag`);
    }
    tags[Key] = Value;
  }
  const keys = Object.keys(tags);
  if (keys.length > MOST_TAGS)
    throw new AwsError('TooManyTagsError', 'The Targets parameter includes too many tags.');
  if (keys.length === 0) return { tags, context: {} };
  const requested = Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return { tags, context: { 'aws:TagKeys': keys, ...Object.fromEntries(requested) } };
};

/** AddTagsToResource, RemoveTagsFromResource and ListTagsForResource, for parameters. */
export const tagOperations = (parameters: Parameters): Record<string, Operation> => {
  const target = (call: Call, context: Record<string, string | string[]> = {}): ParameterRecord => {
    text(call, 'ResourceType', { oneOf: ['Parameter'], code: 'InvalidResourceType' });
    const { name } = parameters.reference(text(call, 'ResourceId', { min: 1 }));
    parameters.authorize(call, name, call.operation, context);
    const record = parameters.table.get(name);
    if (!record) throw new AwsError('InvalidResourceId', `The resource ID is not valid: ${name}`);
    return record;
  };

  return {
    AddTagsToResource(call) {
      const { tags, context } = readTags(call);
      const record = target(call, context);
      parameters.table.set(record.name, { ...record, tags: { ...record.tags, ...tags } });
    },
    RemoveTagsFromResource(call) {
      const keys = list<string>(call, 'TagKeys');
      const record = target(call, { 'aws:TagKeys': keys });
      const tags = Object.fromEntries(Object.entries(record.tags).filter(([key]) => !keys.includes(key)));
      parameters.table.set(record.name, { ...record, tags });
    },
    ListTagsForResource: (call) => ({
      TagList: Object.entries(target(call).tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  };
};

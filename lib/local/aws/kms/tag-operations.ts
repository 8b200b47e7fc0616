import { AwsError, type Call } from '../cloud.ts';
import { list, type Operation, text } from '../operations.ts';
import { mustNotBePending } from './key-checks.ts';
import type { Keys } from './keys.ts';

interface KmsTag {
  readonly TagKey?: unknown;
  readonly TagValue?: unknown;
}

const invalid = (message: string): AwsError => new AwsError('TagException', message);

/** The tags of a request, and the condition keys that tell of them. */
export const readTags = (
  call: Call,
): { tags: Record<string, string>; context: Record<string, string | string[]> } => {
  const tags: Record<string, string> = {};
  for (const { TagKey, TagValue } of list<KmsTag>(call, 'Tags')) {
    if (
      typeof TagKey !== 'string' ||
      !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(TagKey) ||
      /^aws:/i.test(TagKey)
    ) {
      throw invalid(`'${String(TagKey)}' is no tag key`);
    }
    if (typeof TagValue !== 'string' || TagValue.length > 256)
      throw invalid(`The value of tag '${TagKey}' is no tag value`);
    if (TagKey in tags) throw invalid(`The tag key '${TagKey}' is given twice`);
    tags[TagKey] = TagValue;
  }
  const entries = Object.entries(tags);
  if (entries.length === 0) return { tags, context: {} };
  return {
    tags,
    context: {
      'aws:TagKeys': Object.keys(tags),
      ...Object.fromEntries(entries.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    },
  };
};

/** TagResource, UntagResource and ListResourceTags. */
export const tagOperations = (keys: Keys): Record<string, Operation> => ({
  TagResource(call) {
    const key = keys.find(text(call, 'KeyId'), false);
    const { tags, context } = readTags(call);
    keys.authorize(call, key, 'TagResource', context);
    mustNotBePending(key);
    keys.table.set(key.id, { ...key, tags: { ...key.tags, ...tags } });
  },
  UntagResource(call) {
    const key = keys.find(text(call, 'KeyId'), false);
    const names = list<string>(call, 'TagKeys');
    keys.authorize(call, key, 'UntagResource', { 'aws:TagKeys': names });
    mustNotBePending(key);
    const left = Object.entries(key.tags).filter(([name]) => !names.includes(name));
    keys.table.set(key.id, { ...key, tags: Object.fromEntries(left) });
  },
  ListResourceTags(call) {
    const key = keys.find(text(call, 'KeyId'), false);
    keys.authorize(call, key, 'ListResourceTags');
    return {
      Tags: Object.entries(key.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
      Truncated: false,
    };
  },
});

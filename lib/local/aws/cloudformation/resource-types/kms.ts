import {
  document,
  isTrue,
  pick,
  type ResourceType,
  required,
  retag,
  sameValue,
  tagList,
  unlessGone,
} from './resource-type.ts';

const asTags = (tags: readonly { Key: string; Value: string }[]) =>
  tags.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html */
export const kmsKey: ResourceType = {
  properties: ['Description', 'EnableKeyRotation', 'KeyPolicy', 'PendingWindowInDays', 'Tags'],
  replacing: [],
  async create(context, properties) {
    const { KeyMetadata } = await context.call('kms', 'CreateKey', {
      ...pick(properties, ['Description']),
      Tags: asTags(tagList(context, properties.Tags)),
      ...(properties.KeyPolicy === undefined ? {} : { Policy: document(properties.KeyPolicy) }),
    });
    const { KeyId, Arn } = KeyMetadata;
    context.identify(KeyId);
    if (isTrue(properties.EnableKeyRotation)) await context.call('kms', 'EnableKeyRotation', { KeyId });
    return { physicalId: KeyId, attributes: { Arn, KeyId } };
  },
  async update(context, made, properties, before) {
    const KeyId = made.physicalId;
    if (!sameValue(properties.KeyPolicy, before.KeyPolicy)) {
      await context.call('kms', 'PutKeyPolicy', {
        KeyId,
        PolicyName: 'default',
        Policy: document(properties.KeyPolicy),
      });
    }
    if (properties.Description !== before.Description) {
      await context.call('kms', 'UpdateKeyDescription', { KeyId, Description: properties.Description ?? '' });
    }
    if (isTrue(properties.EnableKeyRotation) !== isTrue(before.EnableKeyRotation)) {
      const operation = isTrue(properties.EnableKeyRotation) ? 'EnableKeyRotation' : 'DisableKeyRotation';
      await context.call('kms', operation, { KeyId });
    }
    await retag(context, properties, before, {
      tag: (tags) => context.call('kms', 'TagResource', { KeyId, Tags: asTags(tags) }),
      untag: (TagKeys) => context.call('kms', 'UntagResource', { KeyId, TagKeys }),
    });
    return made;
  },
  async delete(context, KeyId, properties) {
    const { KeyMetadata } = await context.call('kms', 'DescribeKey', { KeyId }).catch((error) => {
      if (error.code === 'NotFoundException') return { KeyMetadata: { KeyState: 'PendingDeletion' } };
      throw error;
    });
    if (KeyMetadata.KeyState === 'PendingDeletion') return;
    const PendingWindowInDays = Number(properties.PendingWindowInDays ?? 30);
    await unlessGone(context.call('kms', 'ScheduleKeyDeletion', { KeyId, PendingWindowInDays }));
  },
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-alias.html */
export const kmsAlias: ResourceType = {
  properties: ['AliasName', 'TargetKeyId'],
  replacing: ['AliasName'],
  async create(context, properties) {
    const AliasName = required(properties, 'AliasName');
    await context.call('kms', 'CreateAlias', { AliasName, TargetKeyId: required(properties, 'TargetKeyId') });
    return { physicalId: AliasName, attributes: {} };
  },
  async update(context, made, properties) {
    const TargetKeyId = required(properties, 'TargetKeyId');
    await context.call('kms', 'UpdateAlias', { AliasName: made.physicalId, TargetKeyId });
    return made;
  },
  delete: (context, AliasName) => unlessGone(context.call('kms', 'DeleteAlias', { AliasName })),
};

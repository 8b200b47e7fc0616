import { randomUUID } from 'node:crypto';
import { AwsError, type Cloud } from '../cloud.ts';
import { integer, type Operation, optionalText, pageOf, text } from '../operations.ts';
import { defaultKeyPolicy, readKeyPolicy } from './key-policy.ts';
import { callContext, type KeyRecord, type Keys, mustBeUsable, mustNotBePending } from './keys.ts';
import { readTags } from './tag-operations.ts';

const DAY_MS = 86_400_000;

const stateOf = (key: KeyRecord): string =>
  key.deletion ? 'PendingDeletion' : key.enabled ? 'Enabled' : 'Disabled';

const metadata = (accountId: string, key: KeyRecord): object => ({
  AWSAccountId: accountId,
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: new Date(key.created),
  Enabled: stateOf(key) === 'Enabled',
  Description: key.description,
  KeyUsage: 'ENCRYPT_DECRYPT',
  KeyState: stateOf(key),
  ...(key.deletion ? { DeletionDate: new Date(key.deletion.date) } : {}),
  Origin: 'AWS_KMS',
  KeyManager: key.manager,
  CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
  KeySpec: 'SYMMETRIC_DEFAULT',
  EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
  MultiRegion: false,
});

/** The life of a key: made, described, its policy, switched on and off, rotated, deleted. */
export const keyOperations = (cloud: Cloud, keys: Keys): Record<string, Operation> => {
  /** Finds the key of a call that takes no alias and checks the call's own permission on it. */
  const managed = (call: Parameters<Operation>[0], context: Record<string, string> = {}): KeyRecord => {
    const key = keys.find(text(call, 'KeyId'), call.operation === 'DescribeKey');
    keys.authorize(call, key, call.operation, context);
    return key;
  };
  const save = (key: KeyRecord, change: Partial<KeyRecord>): void =>
    keys.table.set(key.id, { ...key, ...change });

  return {
    CreateKey(call) {
      optionalText(call, 'KeySpec', { oneOf: ['SYMMETRIC_DEFAULT'] });
      optionalText(call, 'CustomerMasterKeySpec', { oneOf: ['SYMMETRIC_DEFAULT'] });
      optionalText(call, 'KeyUsage', { oneOf: ['ENCRYPT_DECRYPT'] });
      optionalText(call, 'Origin', { oneOf: ['AWS_KMS'] });
      if (call.input.MultiRegion === true) {
        throw new AwsError('UnsupportedOperationException', 'The local cloud has one region');
      }
      const description = optionalText(call, 'Description', { max: 8192 }) ?? '';
      const tags = readTags(call);
      const id = randomUUID();
      const arn = keys.arnOf(`key/${id}`);
      const context = {
        ...callContext(cloud, call),
        'kms:KeySpec': 'SYMMETRIC_DEFAULT',
        'kms:KeyUsage': 'ENCRYPT_DECRYPT',
        'kms:KeyOrigin': 'AWS_KMS',
        'kms:MultiRegion': 'false',
        'kms:BypassPolicyLockoutSafetyCheck': String(call.input.BypassPolicyLockoutSafetyCheck === true),
        ...tags.context,
      };
      cloud.authorize(call, { action: 'kms:CreateKey', resource: '*', context });
      if (Object.keys(tags.tags).length > 0) {
        cloud.authorize(call, { action: 'kms:TagResource', resource: arn, context });
      }
      const policy =
        call.input.Policy === undefined
          ? { policy: defaultKeyPolicy(cloud.accountId), principalIds: {} }
          : readKeyPolicy(cloud, call, arn);
      const key = keys.add({ ...policy, description, tags: tags.tags, manager: 'CUSTOMER' }, id);
      return { KeyMetadata: metadata(cloud.accountId, key) };
    },
    DescribeKey: (call) => ({ KeyMetadata: metadata(cloud.accountId, managed(call)) }),
    ListKeys(call) {
      cloud.authorize(call, { action: 'kms:ListKeys', resource: '*', context: callContext(cloud, call) });
      const size = integer(call, 'Limit', { min: 1, max: 1000, fallback: 100 });
      const page = pageOf(keys.all(), optionalText(call, 'Marker'), size, 'InvalidMarkerException');
      return {
        Keys: page.items.map((key) => ({ KeyId: key.id, KeyArn: key.arn })),
        Truncated: page.next !== undefined,
        ...(page.next ? { NextMarker: page.next } : {}),
      };
    },
    UpdateKeyDescription(call) {
      const key = managed(call);
      mustNotBePending(key);
      save(key, { description: text(call, 'Description', { max: 8192 }) });
    },
    EnableKey(call) {
      const key = managed(call);
      mustNotBePending(key);
      save(key, { enabled: true });
    },
    DisableKey(call) {
      const key = managed(call);
      mustNotBePending(key);
      save(key, { enabled: false });
    },
    PutKeyPolicy(call) {
      optionalText(call, 'PolicyName', { oneOf: ['default'] });
      const key = managed(call, {
        'kms:BypassPolicyLockoutSafetyCheck': String(call.input.BypassPolicyLockoutSafetyCheck === true),
      });
      text(call, 'Policy', { min: 1 });
      save(key, readKeyPolicy(cloud, call, key.arn));
    },
    GetKeyPolicy(call) {
      optionalText(call, 'PolicyName', { oneOf: ['default'] });
      return { Policy: JSON.stringify(managed(call).policy, null, 2), PolicyName: 'default' };
    },
    ListKeyPolicies(call) {
      managed(call);
      return { PolicyNames: ['default'], Truncated: false };
    },
    EnableKeyRotation(call) {
      const key = managed(call);
      mustBeUsable(key);
      const rotationDays = integer(call, 'RotationPeriodInDays', {
        min: 90,
        max: 2560,
        fallback: key.rotationDays,
      });
      save(key, { rotation: true, rotationDays });
    },
    DisableKeyRotation(call) {
      const key = managed(call);
      mustBeUsable(key);
      save(key, { rotation: false });
    },
    GetKeyRotationStatus(call) {
      const key = managed(call);
      const on = key.rotation && !key.deletion;
      return {
        KeyId: key.arn,
        KeyRotationEnabled: on,
        ...(on ? { RotationPeriodInDays: key.rotationDays } : {}),
      };
    },
    ScheduleKeyDeletion(call) {
      const days = integer(call, 'PendingWindowInDays', { min: 7, max: 30, fallback: 30 });
      const key = managed(call, { 'kms:ScheduleKeyDeletionPendingWindowInDays': String(days) });
      mustNotBePending(key);
      const date = cloud.clock.now() + days * DAY_MS;
      save(key, { deletion: { date }, enabled: false });
      return {
        KeyId: key.arn,
        DeletionDate: new Date(date),
        KeyState: 'PendingDeletion',
        PendingWindowInDays: days,
      };
    },
    CancelKeyDeletion(call) {
      const { deletion, ...key } = managed(call);
      if (!deletion) throw new AwsError('KMSInvalidStateException', `${key.arn} is not pending deletion.`);
      keys.table.set(key.id, { ...key, enabled: false });
      return { KeyId: key.arn };
    },
  };
};

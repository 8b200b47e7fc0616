import { randomUUID } from 'node:crypto';
import { AwsError, type Call, type Cloud } from '../cloud.ts';
import { integer, type Operation, optionalText, pageOf, text } from '../operations.ts';
import { mustBeUsable, mustHaveMaterial, mustNotBePending } from './key-checks.ts';
import { metadataOf, traitsOf } from './key-metadata.ts';
import { defaultKeyPolicy, readKeyPolicy } from './key-policy.ts';
import { generateRsa, isRsaSpec, RSA_SPECS } from './key-spec.ts';
import { callContext, type KeyRecord, type Keys, traitContext } from './keys.ts';
import { readTags } from './tag-operations.ts';

const DAY_MS = 86_400_000;

/** The kind of key that CreateKey asks for. Symmetric keys encrypt, RSA keys sign; other pairs are not known here. */
const kindOf = (call: Call): Pick<KeyRecord, 'spec' | 'external'> => {
  const oneOf = ['SYMMETRIC_DEFAULT', ...RSA_SPECS];
  const spec =
    optionalText(call, 'KeySpec', { oneOf }) ??
    optionalText(call, 'CustomerMasterKeySpec', { oneOf }) ??
    'SYMMETRIC_DEFAULT';
  const origin = optionalText(call, 'Origin', { oneOf: ['AWS_KMS', 'EXTERNAL'] });
  const usage = optionalText(call, 'KeyUsage', { oneOf: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'] });
  const refuse = (message: string) => new AwsError('ValidationException', message);
  if (isRsaSpec(spec) && usage === undefined)
    throw refuse('You must specify a KeyUsage value for an asymmetric KMS key.');
  if (!isRsaSpec(spec) && usage === 'SIGN_VERIFY')
    throw refuse(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  if (isRsaSpec(spec) && usage === 'ENCRYPT_DECRYPT')
    throw new AwsError('NotImplemented', 'The local cloud does not implement encryption with RSA keys', 501);
  return { ...(isRsaSpec(spec) ? { spec } : {}), ...(origin === 'EXTERNAL' ? { external: {} } : {}) };
};

/** The material that KMS makes itself: none for a key that waits for an import; that of symmetric keys comes by default. */
const materialOf = async ({ spec, external }: Pick<KeyRecord, 'spec' | 'external'>) =>
  spec && !external ? { material: (await generateRsa(spec)).privateKey.toString('base64') } : {};

/** Rotation is for symmetric keys with AWS's own material. */
const mustRotate = (key: KeyRecord, operation: string): void => {
  const { KeySpec, Origin } = traitsOf(key);
  if (key.spec || key.external)
    throw new AwsError(
      'UnsupportedOperationException',
      `${key.arn} (${KeySpec}, origin ${Origin}) is not valid for ${operation}.`,
    );
};

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
    async CreateKey(call) {
      const kind = kindOf(call);
      if (call.input.MultiRegion === true) {
        throw new AwsError('UnsupportedOperationException', 'The local cloud has one region');
      }
      const description = optionalText(call, 'Description', { max: 8192 }) ?? '';
      const tags = readTags(call);
      const id = randomUUID();
      const arn = keys.arnOf(`key/${id}`);
      const context = {
        ...callContext(cloud, call),
        ...traitContext(kind),
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
      const own = { description, tags: tags.tags, manager: 'CUSTOMER' as const };
      const key = keys.add({ ...policy, ...own, ...kind, ...(await materialOf(kind)) }, id);
      return { KeyMetadata: metadataOf(cloud.accountId, key) };
    },
    DescribeKey: (call) => ({ KeyMetadata: metadataOf(cloud.accountId, managed(call)) }),
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
      mustHaveMaterial(key);
      save(key, { enabled: true });
    },
    DisableKey(call) {
      const key = managed(call);
      mustNotBePending(key);
      mustHaveMaterial(key);
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
      mustRotate(key, 'EnableKeyRotation');
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
      mustRotate(key, 'DisableKeyRotation');
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

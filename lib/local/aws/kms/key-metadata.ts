import { SIGNING_ALGORITHMS } from './key-spec.ts';
import type { KeyRecord } from './keys.ts';

/** What a key is made for; tells in its metadata, in the answer of GetPublicKey and in the condition keys. */
export const traitsOf = (key: Pick<KeyRecord, 'spec' | 'external'>) => ({
  KeySpec: key.spec ?? 'SYMMETRIC_DEFAULT',
  KeyUsage: key.spec ? 'SIGN_VERIFY' : 'ENCRYPT_DECRYPT',
  Origin: key.external ? 'EXTERNAL' : 'AWS_KMS',
});

export const stateOf = (key: KeyRecord): string => {
  if (key.deletion) return 'PendingDeletion';
  if (key.material === undefined) return 'PendingImport';
  return key.enabled ? 'Enabled' : 'Disabled';
};

const validity = ({ external, material }: KeyRecord): object => {
  if (!external || material === undefined) return {};
  return external.expires === undefined
    ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
    : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(external.expires) };
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html */
export const metadataOf = (accountId: string, key: KeyRecord): object => {
  const traits = traitsOf(key);
  const state = stateOf(key);
  return {
    AWSAccountId: accountId,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: new Date(key.created),
    Enabled: state === 'Enabled',
    Description: key.description,
    KeyState: state,
    ...traits,
    ...(key.deletion ? { DeletionDate: new Date(key.deletion.date) } : {}),
    ...validity(key),
    KeyManager: key.manager,
    CustomerMasterKeySpec: traits.KeySpec,
    ...(key.spec
      ? { SigningAlgorithms: SIGNING_ALGORITHMS }
      : { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }),
    MultiRegion: false,
  };
};

import type { Members } from '../operations.ts';

const CONTEXT = 'EncryptionContext';

/** What each operation of KMS understands; grant tokens, key stores and dry runs are not among it. */
export const KMS_MEMBERS: Members = {
  CreateKey:
    'Policy Description KeyUsage KeySpec CustomerMasterKeySpec Origin BypassPolicyLockoutSafetyCheck Tags MultiRegion',
  DescribeKey: 'KeyId',
  ListKeys: 'Limit Marker',
  UpdateKeyDescription: 'KeyId Description',
  EnableKey: 'KeyId',
  DisableKey: 'KeyId',
  PutKeyPolicy: 'KeyId PolicyName Policy BypassPolicyLockoutSafetyCheck',
  GetKeyPolicy: 'KeyId PolicyName',
  ListKeyPolicies: 'KeyId Limit Marker',
  EnableKeyRotation: 'KeyId RotationPeriodInDays',
  DisableKeyRotation: 'KeyId',
  GetKeyRotationStatus: 'KeyId',
  ScheduleKeyDeletion: 'KeyId PendingWindowInDays',
  CancelKeyDeletion: 'KeyId',
  CreateAlias: 'AliasName TargetKeyId',
  UpdateAlias: 'AliasName TargetKeyId',
  DeleteAlias: 'AliasName',
  ListAliases: 'KeyId Limit Marker',
  TagResource: 'KeyId Tags',
  UntagResource: 'KeyId TagKeys',
  ListResourceTags: 'KeyId Limit Marker',
  GetParametersForImport: 'KeyId WrappingAlgorithm WrappingKeySpec',
  ImportKeyMaterial: 'KeyId ImportToken EncryptedKeyMaterial ValidTo ExpirationModel',
  DeleteImportedKeyMaterial: 'KeyId',
  GetPublicKey: 'KeyId',
  Sign: 'KeyId Message MessageType SigningAlgorithm',
  Verify: 'KeyId Message MessageType Signature SigningAlgorithm',
  Encrypt: `KeyId Plaintext EncryptionAlgorithm ${CONTEXT}`,
  Decrypt: `KeyId CiphertextBlob EncryptionAlgorithm ${CONTEXT}`,
  GenerateDataKey: `KeyId KeySpec NumberOfBytes ${CONTEXT}`,
  GenerateDataKeyWithoutPlaintext: `KeyId KeySpec NumberOfBytes ${CONTEXT}`,
};

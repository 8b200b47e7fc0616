import type { Cloud, Service } from '../cloud.ts';
import { serviceOf } from '../operations.ts';
import { aliasOperations } from './alias-operations.ts';
import { encryptionOperations } from './encryption.ts';
import { importOperations } from './import-material.ts';
import { keyOperations } from './key-operations.ts';
import { Keys } from './keys.ts';
import { KMS_MEMBERS } from './members.ts';
import { signingOperations } from './signing.ts';
import { tagOperations } from './tag-operations.ts';

/**
 * KMS with symmetric keys that encrypt (AES-256-GCM bound to the encryption context) and RSA keys that sign: real key
 * material, made here or imported, and key policies by KMS's rules.
 *
 * https://docs.aws.amazon.com/kms/latest/APIReference/
 */
export const createKms = (cloud: Cloud): Service => {
  const keys = new Keys(cloud);
  const operations = {
    ...keyOperations(cloud, keys),
    ...aliasOperations(cloud, keys),
    ...tagOperations(keys),
    ...encryptionOperations(keys),
    ...importOperations(cloud, keys),
    ...signingOperations(keys),
  };
  return serviceOf('kms', operations, KMS_MEMBERS);
};

import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms';
import { createKmsSigningKeys } from '../../lib/broker/kms-signing-keys.ts';
import type { SigningKeys } from '../../lib/broker/signing-keys.ts';

/** Opens KMS. A bundle of its own, which only a function with signer `kms` loads: see scripts/build.ts. */
export const openSigningKeys = (config: KMSClientConfig): SigningKeys =>
  createKmsSigningKeys(new KMSClient(config));

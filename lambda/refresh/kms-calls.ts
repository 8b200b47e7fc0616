import { GetPublicKeyCommand, KMSClient, type KMSClientConfig, SignCommand } from '@aws-sdk/client-kms';
import type { KmsCalls } from '../../lib/broker/kms-signing-keys.ts';

/**
 * Opens KMS. A bundle of its own, which only a function with signer `kms` loads; see scripts/build.ts. It
 * interprets nothing and throws none of km's errors, whose classes would be there twice.
 */
export const openKms = (config: KMSClientConfig): KmsCalls => {
  const kms = new KMSClient(config);
  return {
    sign: (input) => kms.send(new SignCommand(input)),
    getPublicKey: (input) => kms.send(new GetPublicKeyCommand(input)),
  };
};

import { GetPublicKeyCommand, KMSClient, type KMSClientConfig, SignCommand } from '@aws-sdk/client-kms';
import type { KmsCalls } from '../../lib/broker/kms-signing-keys.ts';
import type { Metrics } from '../../lib/broker/metrics.ts';
import { countThrottles } from './count-throttles.ts';

/**
 * Opens KMS. A bundle of its own, which only a function with signer `kms` loads; see scripts/build.ts. It
 * interprets nothing and throws none of km's errors, whose classes would be there twice.
 */
export const openKms = (config: KMSClientConfig, onThrottle: Metrics['throttled']): KmsCalls => {
  const kms = new KMSClient(config);
  countThrottles(kms, 'kms', onThrottle);
  return {
    sign: (input) => kms.send(new SignCommand(input)),
    getPublicKey: (input) => kms.send(new GetPublicKeyCommand(input)),
  };
};

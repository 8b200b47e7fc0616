import { AwsError } from '../cloud.ts';
import { traitsOf } from './key-metadata.ts';
import type { KeyRecord } from './keys.ts';

/**
 * Refuses a key that may not be used now: KMSInvalidStateException while it waits for deletion or its material, else
 * DisabledException.
 */
export const mustBeUsable = (key: KeyRecord): void => {
  mustNotBePending(key);
  mustHaveMaterial(key);
  if (!key.enabled) throw new AwsError('DisabledException', `${key.arn} is disabled.`);
};

/** Refuses a key that waits for its material. */
export const mustHaveMaterial = (key: KeyRecord): void => {
  if (key.material === undefined)
    throw new AwsError('KMSInvalidStateException', `${key.arn} is pending import.`);
};

/** Refuses a key that was made for another use. */
export const mustHaveUsage = (key: KeyRecord, usage: string, operation: string): void => {
  const { KeyUsage } = traitsOf(key);
  if (KeyUsage !== usage)
    throw new AwsError(
      'InvalidKeyUsageException',
      `${key.arn} key usage is ${KeyUsage} which is not valid for ${operation}.`,
    );
};

/** Refuses a key that waits for its deletion. */
export const mustNotBePending = (key: KeyRecord): void => {
  if (key.deletion) throw new AwsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
};

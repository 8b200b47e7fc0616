import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/**
 * The fingerprint of a key as GitHub shows it in an App's settings: `SHA256:` and the SHA-256 of the DER public key
 * (SPKI) in base64. Takes either half of the pair.
 *
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps#verifying-private-keys
 */
export const keyFingerprint = (key: KeyObject): string => {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(der).digest('base64')}`;
};

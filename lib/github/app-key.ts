import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { badKey } from './errors.ts';

const SMALLEST_MODULUS = 2048;

/**
 * Reads a GitHub App's private key from PEM, as PKCS#1 (`RSA PRIVATE KEY`, GitHub's own) or PKCS#8 (`PRIVATE KEY`).
 *
 * @throws {KmError} `ErrGitHubBadKey` when it is no such key; the message says what it is instead, never any of it.
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps
 */
export const readAppKey = (pem: Secret): KeyObject => {
  const text = pem.reveal().trim();
  if (!text.startsWith('-----BEGIN ')) throw badKey('is not a PEM file');
  if (/^-----BEGIN (?:ENCRYPTED |PUBLIC|RSA PUBLIC|CERTIFICATE)/.test(text)) {
    throw badKey('is encrypted, a public key or a certificate, not a plain private key');
  }
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    throw badKey('cannot be read (it is cut off, or not PKCS#1 or PKCS#8)');
  }
  if (key.asymmetricKeyType !== 'rsa') throw badKey(`is of type ${key.asymmetricKeyType}, not RSA`);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < SMALLEST_MODULUS) throw badKey(`has ${bits} bits, fewer than ${SMALLEST_MODULUS}`);
  return key;
};

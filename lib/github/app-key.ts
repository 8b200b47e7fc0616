import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { badKey } from './errors.ts';

const SMALLEST_MODULUS = 2048;

/**
 * Reads a private key of any type from PEM, to say what it is.
 *
 * @param which The key's name for the message, when it is not the stored one.
 * @throws {KmError} `ErrGitHubBadKey` when it is none; the message says what it is instead, never any of it.
 */
export const parsePrivateKey = (pem: Secret, which?: string): KeyObject => {
  const text = pem.reveal().trim();
  if (text === '') throw badKey('is empty', which);
  if (!text.startsWith('-----BEGIN ')) throw badKey('is not a PEM file', which);
  // PKCS#8 says so in its first line, OpenSSL's older form in its headers.
  if (text.startsWith('-----BEGIN ENCRYPTED ') || /^Proc-Type:.*ENCRYPTED/m.test(text))
    throw badKey('is encrypted with a passphrase, which nobody could type when a token is due', which);
  if (/^-----BEGIN (?:RSA )?PUBLIC/.test(text)) throw badKey('is a public key, not the private one', which);
  if (text.startsWith('-----BEGIN CERTIFICATE')) throw badKey('is a certificate, not a private key', which);
  try {
    return createPrivateKey(text);
  } catch {
    throw badKey('cannot be read (it is cut off, or not PKCS#1 or PKCS#8)', which);
  }
};

/**
 * Refuses a key, either half of the pair, that GitHub's JWTs cannot be signed with.
 *
 * @throws {KmError} `ErrGitHubBadKey`.
 */
export const mustBeAppKey = (key: KeyObject, which?: string): void => {
  if (key.asymmetricKeyType !== 'rsa') throw badKey(`is of type ${key.asymmetricKeyType}, not RSA`, which);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < SMALLEST_MODULUS) throw badKey(`has ${bits} bits, fewer than ${SMALLEST_MODULUS}`, which);
};

/**
 * Reads a GitHub App's private key from PEM, as PKCS#1 (`RSA PRIVATE KEY`, GitHub's own) or PKCS#8 (`PRIVATE KEY`).
 *
 * @param which The key's name for the message, when it is not the stored one.
 * @throws {KmError} `ErrGitHubBadKey` when it is no such key; the message says what it is instead, never any of it.
 * @see https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps
 */
export const readAppKey = (pem: Secret, which?: string): KeyObject => {
  const key = parsePrivateKey(pem, which);
  mustBeAppKey(key, which);
  return key;
};

import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { KmError } from '../../lib/errors.ts';
import { readAppKey } from '../../lib/github/app-key.ts';
import { Secret } from '../../lib/secret.ts';
import { PKCS1, PKCS8, publicKey } from './test-app.ts';

const refused = (pem: string): KmError => {
  try {
    readAppKey(new Secret(pem));
  } catch (error) {
    if (error instanceof KmError) return error;
    throw error;
  }
  throw new Error('accepted');
};

const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
  type: 'pkcs1',
  format: 'pem',
});
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
});
const encrypted = (type: 'pkcs1' | 'pkcs8'): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
const ENCRYPTED = 'is encrypted with a passphrase, which nobody could type when a token is due';

describe('an App key', () => {
  test.each([
    ['PKCS#1, as GitHub issues it', PKCS1],
    ['PKCS#8', PKCS8],
    ['with blank lines around it', `\n${PKCS1}\n\n`],
    ['with CRLF', PKCS1.replaceAll('\n', '\r\n')],
  ])('is read: %s', (_name, pem) => {
    expect(readAppKey(new Secret(pem)).asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  test.each([
    ['empty', ' \n', 'is empty'],
    ['a word', 'SECRET-WORD', 'is not a PEM file'],
    ['cut off', PKCS1.slice(0, 400), 'cannot be read (it is cut off, or not PKCS#1 or PKCS#8)'],
    [
      'a public key',
      publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      'is a public key, not the private one',
    ],
    [
      'a certificate',
      '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      'is a certificate, not a private key',
    ],
    ['encrypted PKCS#8', encrypted('pkcs8'), ENCRYPTED],
    ['encrypted PKCS#1', encrypted('pkcs1'), ENCRYPTED],
    ['of a curve', curve.toString(), 'is of type ec, not RSA'],
    ['too small', small.toString(), 'has 1024 bits, fewer than 2048'],
  ])('is refused: %s', (_name, pem, reason) => {
    const error = refused(pem);
    expect(error.code).toBe('ErrGitHubBadKey');
    expect(error.message).toBe(`The stored private key of the GitHub App ${reason}`);
  });

  test('is never quoted when it is refused', () => {
    const pem = PKCS1.slice(0, 400);
    const line = pem.split('\n')[2] ?? 'missing';
    const error = refused(pem);
    expect(inspect(error, { depth: 10, showHidden: true }) + error.stack).not.toContain(line);
  });
});

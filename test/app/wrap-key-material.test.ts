import { constants, createDecipheriv, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import { expect, test } from 'vitest';
import { wrapKeyMaterial } from '../../lib/app/wrap-key-material.ts';
import { Secret } from '../../lib/secret.ts';

const appKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** What KMS does with it. */
function unwrap(
  wrapped: Uint8Array,
  importKey: ReturnType<typeof generateKeyPairSync>['privateKey'],
): Buffer {
  const size = (importKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const aesKey = privateDecrypt(
    { key: importKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    wrapped.subarray(0, size),
  );
  const cipher = createDecipheriv('id-aes256-wrap-pad', aesKey, Buffer.from('a65959a6', 'hex'));
  return Buffer.concat([cipher.update(wrapped.subarray(size)), cipher.final()]);
}

test.each([
  ['pkcs1', 2048],
  ['pkcs8', 3072],
  ['pkcs1', 4096],
] as const)(
  'a %s key under an import key of %i bits comes out as the PKCS#8 of the same key',
  (type, bits) => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
    const pem = new Secret(appKey.export({ type, format: 'pem' }).toString());
    const wrapped = wrapKeyMaterial(pem, publicKey.export({ type: 'spki', format: 'der' }));
    const pkcs8 = unwrap(wrapped, privateKey);
    expect(pkcs8.equals(appKey.export({ type: 'pkcs8', format: 'der' }))).toBe(true);
  },
);

test('each wrapping is under a key of its own', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = new Secret(appKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const tails = [1, 2].map(() => Buffer.from(wrapKeyMaterial(pem, der).subarray(256)).toString('hex'));
  expect(tails[0]).not.toBe(tails[1]);
});

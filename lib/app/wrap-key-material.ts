import {
  constants,
  createCipheriv,
  createPrivateKey,
  createPublicKey,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import type { Secret } from '../secret.ts';

const AES_KEY_BYTES = 32;

/** The alternative initial value of AES key wrap with padding. */
const KWP_INITIAL_VALUE = Buffer.from('a65959a6', 'hex');

/**
 * Wraps a private key for import into KMS by `RSA_AES_KEY_WRAP_SHA_256`: its PKCS#8 under a fresh AES-256 key by AES
 * key wrap with padding, preceded by that AES key under the import public key by RSAES-OAEP with SHA-256. OAEP alone
 * is too small for an RSA key. The plain bytes made on the way are overwritten.
 *
 * @param pem An App's key, as `readAppKey` takes it.
 * @param importPublicKey DER (SPKI), from GetParametersForImport.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
 * @see https://www.rfc-editor.org/rfc/rfc5649
 */
export function wrapKeyMaterial(pem: Secret, importPublicKey: Uint8Array): Uint8Array {
  const pkcs8 = createPrivateKey(pem.reveal()).export({ type: 'pkcs8', format: 'der' });
  const aesKey = randomBytes(AES_KEY_BYTES);
  try {
    const wrappedAesKey = publicEncrypt(
      {
        key: createPublicKey({ key: Buffer.from(importPublicKey), type: 'spki', format: 'der' }),
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: 'sha256',
      },
      aesKey,
    );
    const cipher = createCipheriv('id-aes256-wrap-pad', aesKey, KWP_INITIAL_VALUE);
    return Buffer.concat([wrappedAesKey, cipher.update(pkcs8), cipher.final()]);
  } finally {
    pkcs8.fill(0);
    aesKey.fill(0);
  }
}

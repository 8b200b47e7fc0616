import { constants, createDecipheriv, createPrivateKey, privateDecrypt } from 'node:crypto';

/** RFC 5649, section 3. */
const WRAP_PAD_IV = Buffer.from('A65959A6', 'hex');

/** The hash of each wrapping algorithm, and whether an AES key of the sender stands between. */
const ALGORITHMS = {
  RSAES_OAEP_SHA_1: { hash: 'sha1', aes: false },
  RSAES_OAEP_SHA_256: { hash: 'sha256', aes: false },
  RSA_AES_KEY_WRAP_SHA_1: { hash: 'sha1', aes: true },
  RSA_AES_KEY_WRAP_SHA_256: { hash: 'sha256', aes: true },
} as const;

export type WrappingAlgorithm = keyof typeof ALGORITHMS;

export const WRAPPING_ALGORITHMS = Object.keys(ALGORITHMS) as WrappingAlgorithm[];

/** Whether an algorithm wraps private keys: RSA_AES wraps those of RSA, RSAES alone has no room for them. */
export const wrapsPrivateKeys = (algorithm: WrappingAlgorithm): boolean => ALGORITHMS[algorithm].aes;

const unwrapAes = (key: Buffer, wrapped: Buffer): Buffer => {
  const decipher = createDecipheriv(`id-aes${key.length * 8}-wrap-pad`, key, WRAP_PAD_IV);
  return Buffer.concat([decipher.update(wrapped), decipher.final()]);
};

/**
 * Takes imported key material out of its wrapping; undefined for what is not wrapped so, or under another key. RSA_AES
 * is an AES key under RSA-OAEP followed by the material under that AES key (AES-KWP).
 *
 * @param wrappingKey PKCS#8 DER
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html
 */
export const unwrap = (
  algorithm: WrappingAlgorithm,
  wrappingKey: Buffer,
  encrypted: Buffer,
): Buffer | undefined => {
  const { hash, aes } = ALGORITHMS[algorithm];
  try {
    const key = createPrivateKey({ key: wrappingKey, format: 'der', type: 'pkcs8' });
    const size = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const open = (bytes: Buffer): Buffer =>
      privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, bytes);
    return aes ? unwrapAes(open(encrypted.subarray(0, size)), encrypted.subarray(size)) : open(encrypted);
  } catch {
    return undefined;
  }
};

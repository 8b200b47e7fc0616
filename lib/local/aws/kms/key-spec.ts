import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

/** The RSA key specs of KMS and their sizes in bits. */
const RSA_BITS = { RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 } as const;

export type RsaSpec = keyof typeof RSA_BITS;

export const RSA_SPECS = Object.keys(RSA_BITS) as RsaSpec[];

export const isRsaSpec = (spec: string): spec is RsaSpec => Object.hasOwn(RSA_BITS, spec);

export const bitsOf = (spec: RsaSpec): number => RSA_BITS[spec];

/** What keys of `SIGN_VERIFY` and an RSA spec can sign with. */
export const SIGNING_ALGORITHMS: readonly string[] = ['RSASSA_PKCS1_V1_5', 'RSASSA_PSS'].flatMap((scheme) =>
  ['SHA_256', 'SHA_384', 'SHA_512'].map((hash) => `${scheme}_${hash}`),
);

/** A fresh RSA key: the private half as PKCS#8 DER, the public one as SPKI DER. */
export const generateRsa = (spec: RsaSpec): Promise<{ privateKey: Buffer; publicKey: Buffer }> =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: bitsOf(spec),
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });

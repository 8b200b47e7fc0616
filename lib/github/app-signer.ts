import { sign as signWith } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '../secret.ts';
import { readAppKey } from './app-key.ts';

/** What signs an App's JWTs. Whoever holds the key, a signer gives out nothing of it. */
export interface AppSigner {
  /**
   * The RSASSA-PKCS1-v1_5 signature with SHA-256 over these bytes, 4,096 of them at most.
   *
   * @throws {KmError} of the signer's own kind when it cannot sign.
   * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.3
   */
  readonly sign: (input: Uint8Array) => Promise<Uint8Array>;
}

const rsaSha256 = promisify(signWith).bind(undefined, 'RSA-SHA256');

/**
 * Signs with a private key in PEM (PKCS#1 or PKCS#8).
 *
 * @throws {KmError} `ErrGitHubBadKey`.
 */
export const pemSigner = (pem: Secret): AppSigner => {
  const key = readAppKey(pem);
  return { sign: (input) => rsaSha256(input, key) };
};

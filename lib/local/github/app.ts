import { generateKeyPair, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import type { Permissions } from './permissions.ts';

/** An App as GitHub holds it: the public halves of its keys only. */
export interface App {
  readonly id: number;
  readonly clientId: string;
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  /** The homepage. */
  readonly url: string;
  /** The account that it belongs to. Absent: of nobody on this GitHub, as an App of a seed without accounts. */
  readonly ownerId?: number;
  /** Whether others than its owner may install it. */
  readonly public: boolean;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  /** Where a browser goes after an installation, and also after a change of one. */
  readonly setupUrl?: string;
  readonly setupOnUpdate?: boolean;
  /** PEM, SPKI; none until the code of its manifest was converted. */
  readonly publicKeys: readonly string[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `length` random letters and digits, as in GitHub's client ids and tokens. */
export const randomText = (length: number): string =>
  Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

/** A 2,048-bit RSA key: the public half as SPKI PEM, the private one as PKCS#1 PEM, as GitHub issues it. */
export const generateAppKey = (): Promise<{ publicKey: string; privateKey: string }> =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });

/** What stands for an App in its URLs: its name in lower case, with a hyphen for whatever is no letter or digit. */
export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-')
    .replaceAll(/^-|-$/g, '');

import type { AppSigner } from '../github/app-signer.ts';
import type { ResourceNames } from './names.ts';

/** The public half of a key in KMS. */
export interface SigningKeyDetails {
  readonly arn: string;
  /** DER, SPKI. */
  readonly publicKey: Uint8Array;
}

/** The keys in KMS that sign as the App, each by its alias. */
export interface SigningKeys {
  /** A signer for the key that the alias leads to at each signature. */
  readonly signer: (alias: string) => AppSigner;
  /** Throws `ErrSigningKeyUnusable` or `ErrAws`. `kms:GetPublicKey`. */
  readonly details: (alias: string) => Promise<SigningKeyDetails>;
}

export interface AppKeyOptions {
  readonly names: ResourceNames;
  readonly signingKeys?: SigningKeys;
  /** The key that a rotation is about to switch to, in place of the current one. */
  readonly candidate?: boolean;
}

/** Where the App's key is: the parameter that holds it, or with signer `kms` the alias of a key that nobody can read. */
export type AppKeyPlace =
  | { readonly signer: 'parameter'; readonly parameter: string }
  | { readonly signer: 'kms'; readonly alias: string; readonly keys: SigningKeys };

/** See {@link AppKeyPlace}. */
export const appKeyPlace = ({ names, signingKeys, candidate = false }: AppKeyOptions): AppKeyPlace =>
  signingKeys === undefined
    ? { signer: 'parameter', parameter: candidate ? names.privateKeyCandidate : names.privateKey }
    : {
        signer: 'kms',
        alias: candidate ? names.signingKeyCandidateAlias : names.signingKeyAlias,
        keys: signingKeys,
      };

/** The parameters without which nothing can be signed. */
export const neededParameters = (names: ResourceNames, place: AppKeyPlace): readonly string[] => [
  names.appClientId,
  ...(place.signer === 'parameter' ? [place.parameter] : []),
];

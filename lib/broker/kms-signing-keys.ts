import type {
  GetPublicKeyCommandInput,
  GetPublicKeyCommandOutput,
  SignCommandInput,
  SignCommandOutput,
} from '@aws-sdk/client-kms';
import { KmError } from '../errors.ts';
import type { SigningKeys } from './signing-keys.ts';

/** The two calls of KMS that signing needs, as `KMS` of the SDK has them. */
export interface KmsCalls {
  readonly sign: (input: SignCommandInput) => Promise<SignCommandOutput>;
  readonly getPublicKey: (input: GetPublicKeyCommandInput) => Promise<GetPublicKeyCommandOutput>;
}

/** KMS's words for a key that signs nothing until someone mends it. Everything else may pass by itself. */
const UNUSABLE: Readonly<Record<string, string>> = {
  NotFoundException: 'KMS knows no such alias or key',
  DisabledException: 'its key is disabled',
  KMSInvalidStateException: 'its key waits for its deletion or for its key material',
  InvalidKeyUsageException: 'its key is not one that signs',
  AccessDeniedException: "the refresher's role or the key's policy does not allow it",
};

const failed = (alias: string, error: unknown): KmError => {
  const name = error instanceof Error ? error.name : 'UnknownError';
  const reason = Object.hasOwn(UNUSABLE, name) ? UNUSABLE[name] : undefined;
  if (reason === undefined) {
    const message = error instanceof Error ? error.message : '';
    return new KmError('ErrAws', `KMS did not answer for ${alias}: ${name}: ${message}`, { cause: error });
  }
  return new KmError(
    'ErrSigningKeyUnusable',
    `The App's JWT cannot be signed with ${alias}: ${reason} (${name})`,
    {
      cause: error,
      remedy:
        'Look at the key in KMS; if it is gone, import a new private key of the App with km configure github --signer kms. A new alias or policy may take some minutes to count.',
    },
  );
};

/**
 * Keys in KMS that sign as the App. The key never leaves KMS, not even towards this function.
 *
 * Each is addressed by its alias, never by its id: that is what the role's condition `kms:RequestAlias` holds it to.
 * IAM: `kms:Sign` and `kms:GetPublicKey`.
 *
 * @param load Loads the SDK's client, at the first call.
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export const createKmsSigningKeys = (load: () => Promise<KmsCalls>): SigningKeys => {
  const call = async <T>(alias: string, work: (kms: KmsCalls) => Promise<T>): Promise<T> => {
    try {
      return await work(await load());
    } catch (error) {
      throw failed(alias, error);
    }
  };
  return {
    signer: (alias) => ({
      sign: async (input) => {
        const { Signature } = await call(alias, (kms) =>
          kms.sign({
            KeyId: alias,
            Message: input,
            MessageType: 'RAW',
            SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
          }),
        );
        if (Signature !== undefined) return Signature;
        throw new KmError('ErrAws', `KMS answered without a signature for ${alias}`);
      },
    }),

    details: async (alias) => {
      const { KeyId, PublicKey } = await call(alias, (kms) => kms.getPublicKey({ KeyId: alias }));
      if (KeyId !== undefined && PublicKey !== undefined) return { arn: KeyId, publicKey: PublicKey };
      throw new KmError('ErrAws', `KMS answered without a public key for ${alias}`);
    },
  };
};

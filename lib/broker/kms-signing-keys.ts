import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { KmError } from '../errors.ts';
import type { SigningKeys } from './signing-keys.ts';

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
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export const createKmsSigningKeys = (kms: Pick<KMSClient, 'send'>): SigningKeys => ({
  signer: (alias) => ({
    sign: async (input) => {
      const { Signature } = await kms
        .send(
          new SignCommand({
            KeyId: alias,
            Message: input,
            MessageType: 'RAW',
            SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
          }),
        )
        .catch((error: unknown) => {
          throw failed(alias, error);
        });
      if (Signature === undefined)
        throw new KmError('ErrAws', `KMS answered without a signature for ${alias}`);
      return Signature;
    },
  }),

  details: async (alias) => {
    const { KeyId, PublicKey } = await kms
      .send(new GetPublicKeyCommand({ KeyId: alias }))
      .catch((error: unknown) => {
        throw failed(alias, error);
      });
    if (KeyId === undefined || PublicKey === undefined)
      throw new KmError('ErrAws', `KMS answered without a public key for ${alias}`);
    return { arn: KeyId, publicKey: PublicKey };
  },
});

import { createPublicKey } from 'node:crypto';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  type KeyMetadata,
  KMSClient,
  ScheduleKeyDeletionCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { KmError } from '../errors.ts';
import { keyFingerprint } from '../github/key-fingerprint.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { removeParameters } from './app-parameters.ts';
import type { GivenKey } from './read-key-file.ts';
import { signingKeyPolicy } from './signing-key-policy.ts';
import { wrapKeyMaterial } from './wrap-key-material.ts';

/** KMS's shortest. Until then a deletion can be called off. */
const DAYS_TO_DELETION = 7;

const isNotFound = (error: unknown): boolean => error instanceof Error && error.name === 'NotFoundException';

/** The key behind an alias, a key id or an ARN; `undefined` when there is none. IAM: `kms:DescribeKey`. */
export async function describeKey(context: SandboxContext, keyId: string): Promise<KeyMetadata | undefined> {
  try {
    const { KeyMetadata } = await context.client(KMSClient).send(new DescribeKeyCommand({ KeyId: keyId }));
    return KeyMetadata;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Imports a private key of the App into a KMS key of its own, which the candidate's alias leads to: origin EXTERNAL,
 * RSA, for signing only. What an interrupted import left under that alias is used or put away.
 *
 * IAM: `kms:CreateKey`, `kms:TagResource`, `kms:CreateAlias`, `kms:DeleteAlias`, `kms:DescribeKey`,
 * `kms:GetParametersForImport`, `kms:ImportKeyMaterial`, `kms:GetPublicKey`, `kms:ScheduleKeyDeletion`.
 *
 * @returns the KMS key's ARN.
 * @throws {KmError} `ErrSigningKeyUnusable` when the key is of a size that KMS has no spec for, or when KMS answers with
 * another public key; what the SDK throws.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
 */
export async function importSigningKey(context: SandboxContext, key: GivenKey): Promise<string> {
  const kms = context.client(KMSClient);
  const alias = context.names.signingKeyCandidateAlias;
  const kept = await reusableKey(context, key);
  const { Arn: arn = '', KeyState } = kept ?? (await createKey(context, key));
  if (KeyState === 'PendingImport') {
    const { PublicKey, ImportToken } = await kms.send(
      new GetParametersForImportCommand({
        KeyId: arn,
        WrappingAlgorithm: 'RSA_AES_KEY_WRAP_SHA_256',
        WrappingKeySpec: 'RSA_4096',
      }),
    );
    if (!PublicKey || !ImportToken) throw unusable(`KMS gives nothing to import with for ${alias}`);
    await kms.send(
      new ImportKeyMaterialCommand({
        KeyId: arn,
        ImportToken,
        EncryptedKeyMaterial: wrapKeyMaterial(key.pem, PublicKey),
        ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      }),
    );
  }
  const fingerprint = await signingFingerprint(context, arn);
  if (fingerprint !== key.fingerprint)
    throw unusable(`The KMS key ${arn} holds ${fingerprint}, not ${key.fingerprint}`);
  return arn;
}

/** Has the alias that the refresher signs with lead to this key. IAM: `kms:CreateAlias`, `kms:UpdateAlias`. */
export async function useSigningKey(context: SandboxContext, arn: string): Promise<void> {
  const kms = context.client(KMSClient);
  const AliasName = context.names.signingKeyAlias;
  const now = await describeKey(context, AliasName);
  if (now?.Arn === arn) return;
  const input = { AliasName, TargetKeyId: arn };
  await kms.send(now === undefined ? new CreateAliasCommand(input) : new UpdateAliasCommand(input));
}

/** Removes an alias, and has the key behind it deleted in a week unless `keep` is that key. Safe to repeat. */
export async function retireSigningKey(
  context: SandboxContext,
  { alias, arn }: { readonly alias?: string; readonly arn?: string | undefined },
  keep?: string,
): Promise<void> {
  const kms = context.client(KMSClient);
  const target = arn ?? (alias === undefined ? undefined : (await describeKey(context, alias))?.Arn);
  if (alias !== undefined) {
    await kms.send(new DeleteAliasCommand({ AliasName: alias })).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
  if (target === undefined || target === keep) return;
  const key = await describeKey(context, target);
  if (key === undefined || key.KeyState === 'PendingDeletion') return;
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: target, PendingWindowInDays: DAYS_TO_DELETION }));
}

/** Removes every trace of a key in KMS that signed: both aliases, the stored ARN, and in a week the key. Safe to repeat. */
export async function removeSigningKeys(context: SandboxContext, arn: string | undefined): Promise<void> {
  const { names } = context;
  await retireSigningKey(context, { arn });
  await retireSigningKey(context, { alias: names.signingKeyAlias });
  await retireSigningKey(context, { alias: names.signingKeyCandidateAlias });
  await removeParameters(context, [names.signingKey]);
}

/** The fingerprint of a KMS key, as GitHub shows it. IAM: `kms:GetPublicKey`. */
export async function signingFingerprint(context: SandboxContext, keyId: string): Promise<string> {
  const { PublicKey } = await context.client(KMSClient).send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (!PublicKey) throw unusable(`KMS gives no public key for ${keyId}`);
  return keyFingerprint(createPublicKey({ key: Buffer.from(PublicKey), type: 'spki', format: 'der' }));
}

/** What an earlier import left under the candidate's alias, when it waits for its material or holds this very key. */
async function reusableKey(context: SandboxContext, key: GivenKey): Promise<KeyMetadata | undefined> {
  const alias = context.names.signingKeyCandidateAlias;
  const [left, inUse] = await Promise.all([
    describeKey(context, alias),
    describeKey(context, context.names.signingKeyAlias),
  ]);
  if (left === undefined) return undefined;
  if (left.KeyState === 'PendingImport' && left.KeySpec === specOf(key)) return left;
  if (left.KeyState === 'Enabled' && (await signingFingerprint(context, alias)) === key.fingerprint)
    return left;
  await retireSigningKey(context, { alias }, inUse?.Arn);
  return undefined;
}

async function createKey(context: SandboxContext, key: GivenKey): Promise<KeyMetadata> {
  const kms = context.client(KMSClient);
  const { names, region } = context;
  const { Arn: caller = '' } = await context.client(STSClient).send(new GetCallerIdentityCommand({}));
  const [, partition = 'aws', , , account = ''] = caller.split(':');
  const { KeyMetadata } = await kms.send(
    new CreateKeyCommand({
      Origin: 'EXTERNAL',
      KeySpec: specOf(key),
      KeyUsage: 'SIGN_VERIFY',
      Description: `Signs as the GitHub App of ${names.prefix}`,
      Policy: signingKeyPolicy({ partition, account, role: names.refresherRole(region) }),
      Tags: [{ TagKey: 'km:app-key', TagValue: names.prefix }],
    }),
  );
  if (!KeyMetadata?.Arn) throw unusable('KMS made no key');
  const { Arn } = KeyMetadata;
  await kms
    .send(new CreateAliasCommand({ AliasName: names.signingKeyCandidateAlias, TargetKeyId: Arn }))
    .catch(async (error: unknown) => {
      // Without its alias no later run would find it.
      await retireSigningKey(context, { arn: Arn }).catch(() => undefined);
      throw error;
    });
  return KeyMetadata;
}

function specOf({ bits, source }: GivenKey): 'RSA_2048' | 'RSA_3072' | 'RSA_4096' {
  if (bits === 2048 || bits === 3072 || bits === 4096) return `RSA_${bits}`;
  throw unusable(`The private key in ${source} has ${bits} bits; KMS takes 2048, 3072 or 4096`);
}

const unusable = (message: string): KmError =>
  new KmError('ErrSigningKeyUnusable', message, {
    remedy: "Generate a new private key in the App's settings on GitHub, and run the same command with it.",
  });

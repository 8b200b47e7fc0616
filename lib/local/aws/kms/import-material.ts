import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { AwsError, type Call, type Cloud, type Table } from '../cloud.ts';
import { type Operation, optionalText, text } from '../operations.ts';
import { mustNotBePending } from './key-checks.ts';
import { bitsOf, generateRsa, RSA_SPECS, type RsaSpec } from './key-spec.ts';
import type { KeyRecord, Keys } from './keys.ts';
import { unwrap, WRAPPING_ALGORITHMS, type WrappingAlgorithm, wrapsPrivateKeys } from './wrapping.ts';

const DAY_MS = 86_400_000;
const TOKEN_BYTES = 256;
const SYMMETRIC_BYTES = 32;

/** A wrapping key that was handed out, as the table `kms-imports` holds it under the SHA-256 of its import token. */
interface ImportRecord {
  readonly keyId: string;
  readonly algorithm: WrappingAlgorithm;
  /** PKCS#8 DER, base64. */
  readonly wrappingKey: string;
  readonly expires: number;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64');

const mustBeExternal = (key: KeyRecord): void => {
  if (key.external) return;
  throw new AwsError(
    'UnsupportedOperationException',
    `${key.arn} origin is AWS_KMS which is not valid for this operation.`,
  );
};

/** The material as it is kept: a private key as PKCS#8 DER. Throws IncorrectKeyMaterialException for any other. */
const readMaterial = (key: KeyRecord, material: Buffer): Buffer => {
  const incorrect = (message: string) => new AwsError('IncorrectKeyMaterialException', message);
  if (!key.spec) {
    if (material.length === SYMMETRIC_BYTES) return material;
    throw incorrect(`The key material must have ${SYMMETRIC_BYTES} bytes`);
  }
  try {
    const read = createPrivateKey({ key: material, format: 'der', type: 'pkcs8' });
    if (read.asymmetricKeyType === 'rsa' && read.asymmetricKeyDetails?.modulusLength === bitsOf(key.spec))
      return read.export({ format: 'der', type: 'pkcs8' });
  } catch {}
  throw incorrect(`The key material is no ${key.spec} private key in PKCS #8 (DER)`);
};

/** When imported material expires, in milliseconds since the epoch; undefined: never. */
const expiryOf = (call: Call, now: number): number | undefined => {
  const model =
    optionalText(call, 'ExpirationModel', {
      oneOf: ['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE'],
    }) ?? 'KEY_MATERIAL_EXPIRES';
  const given: unknown = call.input.ValidTo;
  const refuse = (message: string) => new AwsError('ValidationException', message);
  if (model === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (given !== undefined) throw refuse('ValidTo must not be set when the key material does not expire.');
    return undefined;
  }
  if (typeof given !== 'number')
    throw refuse('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES');
  const expires = given * 1000;
  if (expires <= now || expires > now + 365 * DAY_MS)
    throw refuse('ValidTo must be in the future, by 365 days at most.');
  return expires;
};

/**
 * GetParametersForImport, ImportKeyMaterial and DeleteImportedKeyMaterial: the material comes wrapped, is unwrapped and
 * checked against the key's spec. A key takes one material only: the same again after it was deleted or has expired.
 *
 * https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
 */
export const importOperations = (cloud: Cloud, keys: Keys): Record<string, Operation> => {
  const imports: Table<ImportRecord> = cloud.table<ImportRecord>('kms-imports');

  const sweep = (): void => {
    const now = cloud.clock.now();
    for (const [hash, { expires }] of imports.entries()) if (expires + DAY_MS < now) imports.delete(hash);
  };

  const tokenOf = (call: Call, key: KeyRecord): ImportRecord => {
    const found = imports.get(sha256(Buffer.from(text(call, 'ImportToken', { min: 1 }), 'base64')));
    if (!found || found.keyId !== key.id)
      throw new AwsError(
        'InvalidImportTokenException',
        'The import token is invalid or belongs to another KMS key',
      );
    if (found.expires <= cloud.clock.now())
      throw new AwsError('ExpiredImportTokenException', 'The import token has expired');
    return found;
  };

  return {
    async GetParametersForImport(call) {
      const algorithm = text(call, 'WrappingAlgorithm', { oneOf: WRAPPING_ALGORITHMS }) as WrappingAlgorithm;
      const spec = text(call, 'WrappingKeySpec', { oneOf: RSA_SPECS }) as RsaSpec;
      const key = keys.find(text(call, 'KeyId'), false);
      keys.authorize(call, key, 'GetParametersForImport', {
        'kms:WrappingAlgorithm': algorithm,
        'kms:WrappingKeySpec': spec,
      });
      mustBeExternal(key);
      mustNotBePending(key);
      if (wrapsPrivateKeys(algorithm) !== (key.spec !== undefined))
        throw new AwsError(
          'UnsupportedOperationException',
          `${algorithm} cannot wrap the key material of a ${key.spec ?? 'SYMMETRIC_DEFAULT'} key.`,
        );
      sweep();
      const { privateKey, publicKey } = await generateRsa(spec);
      const token = randomBytes(TOKEN_BYTES);
      const expires = cloud.clock.now() + DAY_MS;
      const wrappingKey = privateKey.toString('base64');
      imports.set(sha256(token), { keyId: key.id, algorithm, wrappingKey, expires });
      return {
        KeyId: key.arn,
        ImportToken: token.toString('base64'),
        PublicKey: publicKey.toString('base64'),
        ParametersValidTo: new Date(expires),
      };
    },
    ImportKeyMaterial(call) {
      const key = keys.find(text(call, 'KeyId'), false);
      const expires = expiryOf(call, cloud.clock.now());
      keys.authorize(call, key, 'ImportKeyMaterial', {
        'kms:ExpirationModel':
          expires === undefined ? 'KEY_MATERIAL_DOES_NOT_EXPIRE' : 'KEY_MATERIAL_EXPIRES',
        ...(expires === undefined ? {} : { 'kms:ValidTo': new Date(expires).toISOString() }),
      });
      mustBeExternal(key);
      mustNotBePending(key);
      const { algorithm, wrappingKey } = tokenOf(call, key);
      const encrypted = Buffer.from(text(call, 'EncryptedKeyMaterial', { min: 1 }), 'base64');
      const unwrapped = unwrap(algorithm, Buffer.from(wrappingKey, 'base64'), encrypted);
      if (!unwrapped) throw new AwsError('InvalidCiphertextException', '');
      const material = readMaterial(key, unwrapped);
      const fingerprint = sha256(material);
      const before = key.external?.fingerprint;
      if (before !== undefined && before !== fingerprint)
        throw new AwsError(
          'IncorrectKeyMaterialException',
          'The key material is not the one that was imported into this KMS key before',
        );
      keys.table.set(key.id, {
        ...key,
        material: material.toString('base64'),
        enabled: true,
        external: { fingerprint, ...(expires === undefined ? {} : { expires }) },
      });
      return { KeyId: key.arn };
    },
    DeleteImportedKeyMaterial(call) {
      const key = keys.find(text(call, 'KeyId'), false);
      keys.authorize(call, key, 'DeleteImportedKeyMaterial');
      mustBeExternal(key);
      keys.dropMaterial(key);
      return { KeyId: key.arn };
    },
  };
};

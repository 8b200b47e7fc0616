import { randomBytes } from 'node:crypto';
import { AwsError, type Call } from '../cloud.ts';
import { integer, type Operation, optionalText, text } from '../operations.ts';
import { type EncryptionContext, keyIdOf, openUnder, sealUnder } from './cipher.ts';
import { mustBeUsable, mustHaveUsage } from './key-checks.ts';
import type { KeyRecord, Keys } from './keys.ts';

const MAX_PLAINTEXT = 4096;

const contextOf = (call: Call): EncryptionContext => {
  const context: unknown = call.input.EncryptionContext ?? {};
  if (
    typeof context !== 'object' ||
    context === null ||
    Object.values(context).some((v) => typeof v !== 'string')
  ) {
    throw new AwsError('ValidationException', 'EncryptionContext must hold names and text values');
  }
  return context as EncryptionContext;
};

const conditionKeys = (context: EncryptionContext): Record<string, string | string[]> => ({
  'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
  ...(Object.keys(context).length > 0 ? { 'kms:EncryptionContextKeys': Object.keys(context) } : {}),
  ...Object.fromEntries(
    Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
  ),
});

const bytes = (call: Call, member: string, max: number): Buffer => {
  const value = Buffer.from(text(call, member), 'base64');
  if (value.length < 1 || value.length > max) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: '${member}' must have 1 to ${max} bytes`,
    );
  }
  return value;
};

/** A symmetric key's id and material, if it may be used now. */
const usable = (call: Call, key: KeyRecord): { id: string; material: string } => {
  mustBeUsable(key);
  mustHaveUsage(key, 'ENCRYPT_DECRYPT', call.operation);
  return { id: key.id, material: key.material ?? '' };
};

const algorithm = (call: Call): void => {
  optionalText(call, 'EncryptionAlgorithm', { oneOf: ['SYMMETRIC_DEFAULT'] });
};

/** Encrypt, Decrypt, GenerateDataKey and GenerateDataKeyWithoutPlaintext. */
export const encryptionOperations = (keys: Keys): Record<string, Operation> => {
  const encrypt: Operation = (call) => {
    const key = keys.find(text(call, 'KeyId'), true);
    const context = contextOf(call);
    algorithm(call);
    keys.authorize(call, key, 'Encrypt', conditionKeys(context));
    const blob = sealUnder(usable(call, key), bytes(call, 'Plaintext', MAX_PLAINTEXT), context);
    return {
      CiphertextBlob: blob.toString('base64'),
      KeyId: key.arn,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
  };

  const decrypt: Operation = (call) => {
    const blob = bytes(call, 'CiphertextBlob', 6144);
    const context = contextOf(call);
    algorithm(call);
    const id = keyIdOf(blob);
    const named = optionalText(call, 'KeyId');
    const key = named === undefined ? id && keys.live(id) : keys.find(named, true);
    if (!key) {
      // Not even whether such a key ever was is told.
      throw id === undefined ? new AwsError('InvalidCiphertextException', '') : hidden(call);
    }
    try {
      keys.authorize(call, key, 'Decrypt', conditionKeys(context));
    } catch (error) {
      throw named === undefined && error instanceof AwsError ? hidden(call) : error;
    }
    if (id !== key.id) {
      throw new AwsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    }
    const plaintext = openUnder(usable(call, key), blob, context);
    if (!plaintext) throw new AwsError('InvalidCiphertextException', '');
    return {
      Plaintext: plaintext.toString('base64'),
      KeyId: key.arn,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    };
  };

  const dataKey = (call: Call, action: string): { key: string; blob: string; plaintext: string } => {
    const key = keys.find(text(call, 'KeyId'), true);
    const context = contextOf(call);
    keys.authorize(call, key, action, conditionKeys(context));
    const secret = usable(call, key);
    const spec = optionalText(call, 'KeySpec', { oneOf: ['AES_256', 'AES_128'] });
    const number = integer(call, 'NumberOfBytes', { min: 1, max: 1024, fallback: 0 });
    if ((spec === undefined) === (number === 0)) {
      throw new AwsError('ValidationException', 'Please specify either number of bytes or key spec.');
    }
    const plaintext = randomBytes(spec === 'AES_128' ? 16 : spec === 'AES_256' ? 32 : number);
    return {
      key: key.arn,
      blob: sealUnder(secret, plaintext, context).toString('base64'),
      plaintext: plaintext.toString('base64'),
    };
  };

  return {
    Encrypt: encrypt,
    Decrypt: decrypt,
    GenerateDataKey(call) {
      const { key, blob, plaintext } = dataKey(call, 'GenerateDataKey');
      return { CiphertextBlob: blob, Plaintext: plaintext, KeyId: key };
    },
    GenerateDataKeyWithoutPlaintext(call) {
      const { key, blob } = dataKey(call, 'GenerateDataKeyWithoutPlaintext');
      return { CiphertextBlob: blob, KeyId: key };
    },
  };
};

const hidden = (call: Call): AwsError =>
  new AwsError(
    'AccessDeniedException',
    `User: ${call.caller.arn} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext ` +
      'because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based ' +
      'policy explicitly denies access',
    403,
  );

import {
  constants,
  createCipheriv,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import {
  type AlgorithmSpec,
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  ScheduleKeyDeletionCommand,
  SignCommand,
  type WrappingKeySpec,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clients, startTestCloud, type TestCloud } from './test-cloud.ts';

let local: TestCloud;
let kms: Clients['kms'];

beforeAll(async () => {
  local = await startTestCloud();
  ({ kms } = local.clients());
});
afterAll(() => local[Symbol.asyncDispose]());

const rsa = (modulusLength: number) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength });
  return {
    pkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }),
    pkcs1: privateKey.export({ format: 'der', type: 'pkcs1' }),
    spki: publicKey.export({ format: 'der', type: 'spki' }),
  };
};
const KEY = rsa(2048);

const newKey = async (input: CreateKeyCommandInput = {}): Promise<string> => {
  const made = await kms.send(
    new CreateKeyCommand({ Origin: 'EXTERNAL', KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY', ...input }),
  );
  return made.KeyMetadata?.KeyId ?? '';
};

const parameters = (KeyId: string, WrappingAlgorithm: AlgorithmSpec, WrappingKeySpec: WrappingKeySpec) =>
  kms.send(new GetParametersForImportCommand({ KeyId, WrappingAlgorithm, WrappingKeySpec }));

const oaep = (publicKey: Uint8Array | undefined, bytes: Buffer, oaepHash: string): Buffer =>
  publicEncrypt(
    {
      key: createPublicKey({ key: Buffer.from(publicKey ?? []), format: 'der', type: 'spki' }),
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash,
    },
    bytes,
  );

/** RFC 5649 under a fresh AES key, which goes before it under RSA-OAEP. */
const wrap = (publicKey: Uint8Array | undefined, material: Buffer, hash = 'sha256', size = 32): Buffer => {
  const aes = randomBytes(size);
  const cipher = createCipheriv(`id-aes${size * 8}-wrap-pad`, aes, Buffer.from('A65959A6', 'hex'));
  return Buffer.concat([oaep(publicKey, aes, hash), cipher.update(material), cipher.final()]);
};

const send = (input: Pick<ImportKeyMaterialCommandInput, 'KeyId' | 'ImportToken' | 'EncryptedKeyMaterial'>) =>
  kms.send(new ImportKeyMaterialCommand({ ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ...input }));

/** The whole way: parameters, wrapping, import. */
const put = async (KeyId: string, material: Buffer = KEY.pkcs8) => {
  const { ImportToken, PublicKey } = await parameters(KeyId, 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_2048');
  return send({ KeyId, ImportToken, EncryptedKeyMaterial: wrap(PublicKey, material) });
};

const describeKey = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
const publicKeyOf = async (KeyId: string) =>
  Buffer.from((await kms.send(new GetPublicKeyCommand({ KeyId }))).PublicKey ?? []);

const failure = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return 'no failure';
  } catch (error) {
    return (error as Error).name;
  }
};

describe('a key of origin EXTERNAL', () => {
  test('waits for its import, and is of use only then', async () => {
    const KeyId = await newKey();
    expect(await describeKey(KeyId)).toMatchObject({
      KeyState: 'PendingImport',
      Enabled: false,
      Origin: 'EXTERNAL',
      KeySpec: 'RSA_2048',
      KeyUsage: 'SIGN_VERIFY',
    });
    const sign = () =>
      kms.send(
        new SignCommand({ KeyId, Message: randomBytes(9), SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' }),
      );
    expect(await failure(sign())).toBe('KMSInvalidStateException');
    expect(await failure(publicKeyOf(KeyId))).toBe('KMSInvalidStateException');
    expect(await failure(kms.send(new DisableKeyCommand({ KeyId })))).toBe('KMSInvalidStateException');
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/waiting', TargetKeyId: KeyId }));

    await put(KeyId);
    expect(await describeKey(KeyId)).toMatchObject({
      KeyState: 'Enabled',
      Enabled: true,
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    });
    expect(await publicKeyOf('alias/waiting')).toEqual(KEY.spki);
    expect((await sign()).Signature).toHaveLength(256);
  });

  test.each<[AlgorithmSpec, WrappingKeySpec, string, number]>([
    ['RSA_AES_KEY_WRAP_SHA_256', 'RSA_2048', 'sha256', 32],
    ['RSA_AES_KEY_WRAP_SHA_256', 'RSA_3072', 'sha256', 16],
    ['RSA_AES_KEY_WRAP_SHA_256', 'RSA_4096', 'sha256', 24],
    ['RSA_AES_KEY_WRAP_SHA_1', 'RSA_2048', 'sha1', 32],
  ])('takes material under %s and a wrapping key of %s', async (algorithm, spec, hash, size) => {
    const KeyId = await newKey();
    const given = await parameters(KeyId, algorithm, spec);
    expect(given.ParametersValidTo?.getTime()).toBeGreaterThan(Date.now() + 86_000_000);
    const EncryptedKeyMaterial = wrap(given.PublicKey, KEY.pkcs8, hash, size);
    await send({ KeyId, ImportToken: given.ImportToken, EncryptedKeyMaterial });
    expect(await publicKeyOf(KeyId)).toEqual(KEY.spki);
  });

  test('of the symmetric kind takes 32 bytes under RSA-OAEP', async () => {
    const KeyId = await newKey({ KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' });
    const put = async (material: Buffer) => {
      const { ImportToken, PublicKey } = await parameters(KeyId, 'RSAES_OAEP_SHA_256', 'RSA_2048');
      return send({ KeyId, ImportToken, EncryptedKeyMaterial: oaep(PublicKey, material, 'sha256') });
    };
    expect(await failure(put(randomBytes(31)))).toBe('IncorrectKeyMaterialException');
    await put(randomBytes(32));
    const sealed = await kms.send(new EncryptCommand({ KeyId, Plaintext: randomBytes(8) }));
    expect(sealed.CiphertextBlob).toBeDefined();
  });

  test.each<[AlgorithmSpec, CreateKeyCommandInput]>([
    ['RSAES_OAEP_SHA_256', {}],
    ['RSA_AES_KEY_WRAP_SHA_256', { KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' }],
  ])('%s does not wrap the material of every key', async (algorithm, input) => {
    expect(await failure(parameters(await newKey(input), algorithm, 'RSA_4096'))).toBe(
      'UnsupportedOperationException',
    );
  });

  test('has no rotation', async () => {
    const KeyId = await newKey();
    await put(KeyId);
    expect(await failure(kms.send(new EnableKeyRotationCommand({ KeyId })))).toBe(
      'UnsupportedOperationException',
    );
  });
});

describe('an import is refused', () => {
  test.each<[string, () => Buffer]>([
    ['a key of another size', () => rsa(3072).pkcs8],
    ['PKCS #1', () => KEY.pkcs1],
    [
      'an EC key',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
          format: 'der',
          type: 'pkcs8',
        }),
    ],
    ['a public key', () => KEY.spki],
    ['PEM', () => Buffer.from(`-----BEGIN PRIVATE KEY-----\n${KEY.pkcs8.toString('base64')}\n`)],
    ['anything else', () => randomBytes(40)],
  ])('with %s', async (_title, material) => {
    const KeyId = await newKey();
    expect(await failure(put(KeyId, material()))).toBe('IncorrectKeyMaterialException');
    expect((await describeKey(KeyId))?.KeyState).toBe('PendingImport');
  });

  test.each<[string, (publicKey: Uint8Array | undefined) => Buffer]>([
    ['under another hash', (publicKey) => wrap(publicKey, KEY.pkcs8, 'sha1')],
    ['under another wrapping key', () => wrap(KEY.spki, KEY.pkcs8)],
    ['not wrapped at all', () => KEY.pkcs8],
    [
      'changed on its way',
      (publicKey) => {
        const bytes = wrap(publicKey, KEY.pkcs8);
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        return bytes;
      },
    ],
  ])('of what was %s', async (_title, encrypt) => {
    const KeyId = await newKey();
    const { ImportToken, PublicKey } = await parameters(KeyId, 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_2048');
    const attempt = send({ KeyId, ImportToken, EncryptedKeyMaterial: encrypt(PublicKey) });
    expect(await failure(attempt)).toBe('InvalidCiphertextException');
  });

  test('with the token of another key, or one that KMS never gave', async () => {
    const [KeyId, other] = [await newKey(), await newKey()];
    const { ImportToken, PublicKey } = await parameters(other, 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_2048');
    const EncryptedKeyMaterial = wrap(PublicKey, KEY.pkcs8);
    for (const token of [ImportToken, randomBytes(256)])
      expect(await failure(send({ KeyId, ImportToken: token, EncryptedKeyMaterial }))).toBe(
        'InvalidImportTokenException',
      );
  });

  test('into a key with material of AWS, or one that waits for its deletion', async () => {
    const own = await newKey({ Origin: 'AWS_KMS' });
    expect(await failure(parameters(own, 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_2048'))).toBe(
      'UnsupportedOperationException',
    );
    expect(await failure(kms.send(new DeleteImportedKeyMaterialCommand({ KeyId: own })))).toBe(
      'UnsupportedOperationException',
    );
    const KeyId = await newKey();
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(await failure(put(KeyId))).toBe('KMSInvalidStateException');
  });

  test.each<[string, Partial<ImportKeyMaterialCommandInput>]>([
    ['neither a model nor an end', {}],
    [
      'an end of material that has none',
      { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ValidTo: new Date(4e12) },
    ],
    ['an end in the past', { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(1e12) }],
    ['an end in years', { ValidTo: new Date(Date.now() + 400 * 86_400_000) }],
  ])('with %s', async (_title, more) => {
    const KeyId = await newKey();
    const { ImportToken, PublicKey } = await parameters(KeyId, 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_2048');
    const EncryptedKeyMaterial = wrap(PublicKey, KEY.pkcs8);
    const attempt = kms.send(
      new ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial, ...more }),
    );
    expect(await failure(attempt)).toBe('ValidationException');
  });
});

test('deleted material can be imported again, and only the same', async () => {
  const KeyId = await newKey();
  await put(KeyId);
  await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId }));
  expect(await describeKey(KeyId)).toMatchObject({ KeyState: 'PendingImport' });
  expect(await failure(publicKeyOf(KeyId))).toBe('KMSInvalidStateException');
  expect(await failure(put(KeyId, rsa(2048).pkcs8))).toBe('IncorrectKeyMaterialException');
  await put(KeyId);
  expect(await publicKeyOf(KeyId)).toEqual(KEY.spki);
});

describe('on the clock', () => {
  test('a wrapping key is good for a day, material until its end', async () => {
    await using own = await startTestCloud();
    // A client keeps the time that it has learned, and these do not retry: a new one learns it anew.
    const nextDay = async () => {
      await own.admin('POST', 'clock/advance', { ms: 86_400_000 });
      ({ kms } = own.clients());
    };
    ({ kms } = own.clients());
    try {
      const KeyId = await newKey();
      const { ImportToken, PublicKey } = await parameters(KeyId, 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_2048');
      const input = { KeyId, ImportToken, EncryptedKeyMaterial: wrap(PublicKey, KEY.pkcs8) };
      const ValidTo = new Date(Date.now() + 2 * 86_400_000);
      await kms.send(new ImportKeyMaterialCommand({ ...input, ValidTo }));
      expect(await describeKey(KeyId)).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_EXPIRES' });
      await nextDay();
      expect((await describeKey(KeyId))?.KeyState).toBe('Enabled');
      expect(await failure(send(input))).toBe('ExpiredImportTokenException');
      await nextDay();
      expect((await describeKey(KeyId))?.KeyState).toBe('PendingImport');
      expect(await failure(publicKeyOf(KeyId))).toBe('KMSInvalidStateException');
    } finally {
      ({ kms } = local.clients());
    }
  });
});

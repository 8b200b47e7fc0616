import { constants, createHash, createPublicKey, verify } from 'node:crypto';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  SignCommand,
  type SignCommandInput,
  type SigningAlgorithmSpec,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, type Clients, startTestCloud, type TestCloud } from './test-cloud.ts';

const PKCS1 = 'RSASSA_PKCS1_V1_5_SHA_256';
const MESSAGE = new TextEncoder().encode('header.payload');
const DIGEST = createHash('sha256').update(MESSAGE).digest();

let local: TestCloud;
let kms: Clients['kms'];
let KeyId: string;

beforeAll(async () => {
  local = await startTestCloud();
  ({ kms } = local.clients());
  KeyId = await newKey();
});
afterAll(() => local[Symbol.asyncDispose]());

const newKey = async (input: CreateKeyCommandInput = {}): Promise<string> =>
  (await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY', ...input })))
    .KeyMetadata?.KeyId ?? '';

const sign = (input: Partial<SignCommandInput> = {}, client = kms) =>
  client.send(new SignCommand({ KeyId, Message: MESSAGE, SigningAlgorithm: PKCS1, ...input }));

const publicKey = async () => {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
  return createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
};

const failure = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return 'no failure';
  } catch (error) {
    return (error as Error).name;
  }
};

describe('a signature', () => {
  test.each<[SigningAlgorithmSpec, string]>([
    ['RSASSA_PKCS1_V1_5_SHA_256', 'sha256'],
    ['RSASSA_PKCS1_V1_5_SHA_384', 'sha384'],
    ['RSASSA_PKCS1_V1_5_SHA_512', 'sha512'],
    ['RSASSA_PSS_SHA_256', 'sha256'],
    ['RSASSA_PSS_SHA_512', 'sha512'],
  ])('of %s is good under the public key, anywhere', async (SigningAlgorithm, hash) => {
    const { Signature, ...answer } = await sign({ SigningAlgorithm });
    expect(answer).toMatchObject({
      KeyId: `arn:aws:kms:us-east-1:${ACCOUNT}:key/${KeyId}`,
      SigningAlgorithm,
    });
    const padding = SigningAlgorithm.includes('PSS')
      ? constants.RSA_PKCS1_PSS_PADDING
      : constants.RSA_PKCS1_PADDING;
    const key = { key: await publicKey(), padding };
    expect(verify(hash, MESSAGE, key, Signature ?? new Uint8Array())).toBe(true);
    const check = { KeyId, Message: MESSAGE, SigningAlgorithm, Signature };
    expect((await kms.send(new VerifyCommand(check))).SignatureValid).toBe(true);
  });

  test('of a digest is that of its message', async () => {
    const { Signature: raw } = await sign({ MessageType: 'RAW' });
    const { Signature } = await sign({ Message: DIGEST, MessageType: 'DIGEST' });
    expect(Signature).toEqual(raw);
    const check = { KeyId, SigningAlgorithm: PKCS1, Signature } as const;
    for (const [Message, MessageType] of [
      [MESSAGE, 'RAW'],
      [DIGEST, 'DIGEST'],
    ] as const)
      expect((await kms.send(new VerifyCommand({ ...check, Message, MessageType }))).SignatureValid).toBe(
        true,
      );
  });

  test('that is another’s is refused', async () => {
    const { Signature } = await sign();
    for (const more of [
      { Message: DIGEST },
      { Message: createHash('sha256').update('x').digest(), MessageType: 'DIGEST' },
      { SigningAlgorithm: 'RSASSA_PSS_SHA_256' },
      { KeyId: await newKey() },
      { Signature: Signature?.map((byte) => byte ^ 1) },
    ] as const) {
      const check = { KeyId, Message: MESSAGE, SigningAlgorithm: PKCS1, Signature, ...more } as const;
      expect(await failure(kms.send(new VerifyCommand(check)))).toBe('KMSInvalidSignatureException');
    }
  });
});

describe('Sign refuses', () => {
  test.each<[string, Partial<SignCommandInput>, string]>([
    ['a message of more than 4,096 bytes', { Message: new Uint8Array(4097) }, 'ValidationException'],
    ['a digest of another length', { Message: MESSAGE, MessageType: 'DIGEST' }, 'ValidationException'],
    ['an algorithm of other keys', { SigningAlgorithm: 'ECDSA_SHA_256' }, 'InvalidKeyUsageException'],
    ['a key that is not there', { KeyId: 'alias/none' }, 'NotFoundException'],
  ])('%s', async (_title, input, code) => {
    expect(await failure(sign(input))).toBe(code);
  });

  test('a disabled key, and one that encrypts; a key that signs does not encrypt', async () => {
    const disabled = await newKey();
    await kms.send(new DisableKeyCommand({ KeyId: disabled }));
    expect(await failure(sign({ KeyId: disabled }))).toBe('DisabledException');
    const symmetric = await newKey({ KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' });
    expect(await failure(sign({ KeyId: symmetric }))).toBe('InvalidKeyUsageException');
    expect(await failure(kms.send(new GetPublicKeyCommand({ KeyId: symmetric })))).toBe(
      'UnsupportedOperationException',
    );
    expect(await failure(kms.send(new EncryptCommand({ KeyId, Plaintext: MESSAGE })))).toBe(
      'InvalidKeyUsageException',
    );
  });

  test('4,096 bytes are signed', async () => {
    expect((await sign({ Message: new Uint8Array(4096) })).Signature).toHaveLength(256);
  });
});

describe('who may sign', () => {
  const statement = (Condition: object) => ({
    Effect: 'Allow' as const,
    Action: 'kms:Sign',
    Resource: '*',
    Condition: { StringEquals: Condition } as Record<string, Record<string, string>>,
  });

  test.each<[string, object, Partial<SignCommandInput>, boolean]>([
    ['the algorithm allowed', { 'kms:SigningAlgorithm': PKCS1 }, {}, true],
    [
      'another algorithm',
      { 'kms:SigningAlgorithm': PKCS1 },
      { SigningAlgorithm: 'RSASSA_PSS_SHA_256' },
      false,
    ],
    ['a message, by default', { 'kms:MessageType': 'RAW' }, {}, true],
    [
      'a digest where messages are allowed',
      { 'kms:MessageType': 'RAW' },
      { Message: DIGEST, MessageType: 'DIGEST' },
      false,
    ],
    [
      'a digest where digests are allowed',
      { 'kms:MessageType': 'DIGEST' },
      { Message: DIGEST, MessageType: 'DIGEST' },
      true,
    ],
    ['by the alias allowed', { 'kms:RequestAlias': 'alias/signing' }, { KeyId: 'alias/signing' }, true],
    ['past the alias allowed', { 'kms:RequestAlias': 'alias/signing' }, {}, false],
    ['with the kind of key allowed', { 'kms:KeySpec': 'RSA_2048', 'kms:KeyOrigin': 'AWS_KMS' }, {}, true],
    ['with another kind', { 'kms:KeyOrigin': 'EXTERNAL' }, {}, false],
  ])('%s', async (title, condition, input, allowed) => {
    const name = `signer-${title.replaceAll(/\W/g, '-')}`;
    const alias = kms.send(new CreateAliasCommand({ AliasName: 'alias/signing', TargetKeyId: KeyId }));
    await alias.catch((error: Error) => expect(error.name).toBe('AlreadyExistsException'));
    const credentials = await local.session(await local.makeRole(name, [statement(condition)]));
    const { kms: theirs } = local.clients(credentials);
    expect(await failure(sign(input, theirs))).toBe(allowed ? 'no failure' : 'AccessDeniedException');
  });
});

test.each<[string, CreateKeyCommandInput, string]>([
  ['an RSA key without its use', { KeySpec: 'RSA_2048', KeyUsage: undefined }, 'ValidationException'],
  ['a symmetric key that signs', { KeySpec: 'SYMMETRIC_DEFAULT' }, 'ValidationException'],
  ['an RSA key that encrypts', { KeyUsage: 'ENCRYPT_DECRYPT' }, 'NotImplemented'],
  ['a pair of another kind', { KeySpec: 'ECC_NIST_P256' }, 'ValidationException'],
])('%s is not made', async (_title, input, code) => {
  expect(await failure(newKey(input))).toBe(code);
});

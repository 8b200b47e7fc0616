import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateKeyCommand, DecryptCommand, DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { GetParameterCommand, PutParameterCommand, type PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, type Clients, startTestCloud, type TestCloud } from './test-cloud.ts';

let local: TestCloud;
let ssm: Clients['ssm'];
let kms: Clients['kms'];

beforeAll(async () => {
  local = await startTestCloud();
  ({ ssm, kms } = local.clients());
});
afterAll(() => local[Symbol.asyncDispose]());

const put = (input: Partial<PutParameterCommandInput>) =>
  ssm.send(new PutParameterCommand({ Name: '/p', Value: 'v', Type: 'String', ...input }));
const get = async (Name: string, WithDecryption = false) =>
  (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;
const failure = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return 'no failure';
  } catch (error) {
    return (error as Error).name;
  }
};

describe('PutParameter', () => {
  test('counts versions and answers them', async () => {
    expect(await put({ Name: '/count' })).toMatchObject({ Version: 1, Tier: 'Standard' });
    expect(await put({ Name: '/count', Value: 'w', Overwrite: true })).toMatchObject({ Version: 2 });
    expect(await get('/count')).toMatchObject({
      Name: '/count',
      Type: 'String',
      Value: 'w',
      Version: 2,
      ARN: `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/count`,
      DataType: 'text',
    });
    expect(await get('/count:1')).toMatchObject({ Value: 'v', Version: 1, Selector: ':1' });
    expect(await get(`arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/count`)).toBeDefined();
  });

  test.each<[string, Partial<PutParameterCommandInput>, string]>([
    ['a second time without Overwrite', { Name: '/twice' }, 'ParameterAlreadyExists'],
    [
      'tags together with Overwrite',
      { Name: '/twice', Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] },
      'ValidationException',
    ],
    [
      'another type',
      { Name: '/twice', Overwrite: true, Type: 'SecureString' },
      'HierarchyTypeMismatchException',
    ],
    ['4,097 bytes', { Value: 'x'.repeat(4097) }, 'ValidationException'],
    ['4,097 bytes in fewer characters', { Value: 'é'.repeat(2049) }, 'ValidationException'],
    ['an empty value', { Value: '' }, 'ValidationException'],
    ['a description past 1,024 characters', { Description: 'x'.repeat(1025) }, 'ValidationException'],
    ['no type for a new parameter', { Name: '/untyped', Type: undefined }, 'ValidationException'],
    ['a type that is none', { Type: 'Text' as 'String' }, 'ValidationException'],
    ['a KeyId for a String', { KeyId: 'alias/x' }, 'ValidationException'],
    ['a key that there is not', { Type: 'SecureString', KeyId: 'alias/none' }, 'InvalidKeyId'],
    ['a value against its pattern', { AllowedPattern: '\\d+' }, 'ParameterPatternMismatchException'],
    ['the advanced tier', { Tier: 'Advanced' }, 'NotImplemented'],
  ])('refuses %s', async (_, input, code) => {
    await put({ Name: '/twice', Overwrite: true });
    expect(await failure(put(input))).toBe(code);
  });

  test.each<[string, string]>([
    ['aws/x', 'ValidationException'],
    ['/aws/x', 'ValidationException'],
    ['/SSM-x', 'ValidationException'],
    ['a/b', 'ValidationException'],
    ['/a//b', 'ValidationException'],
    ['/a/', 'ValidationException'],
    ['/a b', 'ValidationException'],
    ['/a:1', 'ValidationException'],
    ['/../a*', 'ValidationException'],
    [`arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/a`, 'ValidationException'],
    [`/${Array.from({ length: 16 }, () => 'a').join('/')}`, 'HierarchyLevelLimitExceededException'],
  ])('refuses the name %s', async (Name, code) => {
    expect(await failure(put({ Name }))).toBe(code);
  });

  test('takes 4,096 bytes, 1,024 characters of description and 15 levels', async () => {
    const Name = `/${Array.from({ length: 15 }, () => 'a').join('/')}`;
    await put({ Name, Value: 'x'.repeat(4096), Description: 'd'.repeat(1024) });
    expect((await get(Name))?.Value).toHaveLength(4096);
  });

  test('writes that come together all get a version of their own', async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        put({ Name: '/race', Value: `${i}`, Type: 'SecureString', Overwrite: true }),
      ),
    );
    expect(all.map(({ Version }) => Version).sort((a = 0, b = 0) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
  });
});

describe('a SecureString', () => {
  test('is kept as ciphertext only, in the table and in every answer without decryption', async () => {
    const SECRET = 'the-plain-text-of-it';
    await put({ Name: '/secure', Value: SECRET, Type: 'SecureString' });
    const raw = (await get('/secure'))?.Value ?? '';
    expect(raw).not.toContain(SECRET);
    expect((await get('/secure', true))?.Value).toBe(SECRET);
    await expect
      .poll(() => readFileSync(join(local.stateDir, 'state', 'ssm-parameters.json'), 'utf8'))
      .toContain('/secure');
    const files = readFileSync(join(local.stateDir, 'state', 'ssm-parameters.json'), 'utf8');
    expect(files).not.toContain(SECRET);
    expect(files).not.toContain(Buffer.from(SECRET).toString('base64'));
    expect(readFileSync(join(local.stateDir, 'cloud.log'), 'utf8')).not.toContain(SECRET);
  });

  test("opens under its own parameter's ARN and no other", async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId;
    await put({ Name: '/bound', Value: 'mine', Type: 'SecureString', KeyId });
    const CiphertextBlob = Buffer.from((await get('/bound'))?.Value ?? '', 'base64');
    const open = (context?: Record<string, string>) =>
      kms.send(new DecryptCommand({ CiphertextBlob, ...(context ? { EncryptionContext: context } : {}) }));
    const arn = `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/bound`;
    const opened = await open({ PARAMETER_ARN: arn });
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('mine');
    expect(await failure(open({ PARAMETER_ARN: `${arn}2` }))).toBe('InvalidCiphertextException');
    expect(await failure(open({ PARAMETER_ARN: arn, more: 'x' }))).toBe('InvalidCiphertextException');
    expect(await failure(open())).toBe('InvalidCiphertextException');
  });

  test('needs its key to be usable, and names it when it is not', async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId;
    await put({ Name: '/off', Type: 'SecureString', KeyId });
    await kms.send(new DisableKeyCommand({ KeyId }));
    await expect(get('/off', true)).rejects.toMatchObject({
      name: 'InvalidKeyId',
      message: expect.stringContaining(`${KeyMetadata?.Arn} is disabled.`),
    });
    expect((await get('/off'))?.Version).toBe(1);
    await kms.send(new EnableKeyCommand({ KeyId }));
    expect((await get('/off', true))?.Value).toBe('v');
  });
});

import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PolicyStatement } from '../../../lib/local/aws/cloud.ts';
import { ACCOUNT, type Clients, policy, startTestCloud, type TestCloud } from './test-cloud.ts';

const DAY = 86_400_000;
const ROOT = { AWS: `arn:aws:iam::${ACCOUNT}:root` };

let local: TestCloud;
let kms: Clients['kms'];

beforeAll(async () => {
  local = await startTestCloud();
  ({ kms } = local.clients());
});
afterAll(() => local[Symbol.asyncDispose]());

const newKey = async (input: CreateKeyCommandInput = {}, client = kms): Promise<string> =>
  (await client.send(new CreateKeyCommand(input))).KeyMetadata?.KeyId ?? '';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const seal = async (KeyId: string, EncryptionContext: Record<string, string> = {}) =>
  (await kms.send(new EncryptCommand({ KeyId, Plaintext: bytes('plain'), EncryptionContext })))
    .CiphertextBlob;
const failure = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return 'no failure';
  } catch (error) {
    return (error as Error).name;
  }
};

describe('encryption', () => {
  test('opens what it sealed, without being told the key', async () => {
    const KeyId = await newKey();
    const CiphertextBlob = await seal(KeyId, { a: '1', b: '2' });
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext: { b: '2', a: '1' } }),
    );
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('plain');
    expect(opened.KeyId).toBe(`arn:aws:kms:us-east-1:${ACCOUNT}:key/${KeyId}`);
  });

  test('gives another ciphertext each time', async () => {
    const KeyId = await newKey();
    expect(await seal(KeyId)).not.toEqual(await seal(KeyId));
  });

  test.each<[string, Record<string, string>]>([
    ['none', {}],
    ['another value', { a: '1', b: '3' }],
    ['a name more', { a: '1', b: '2', c: '' }],
    ['a name less', { a: '1' }],
    ['the same text cut elsewhere', { a: '1b2' }],
    ['another case', { A: '1', b: '2' }],
  ])('refuses the context with %s', async (_, EncryptionContext) => {
    const CiphertextBlob = await seal(await newKey(), { a: '1', b: '2' });
    expect(await failure(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext })))).toBe(
      'InvalidCiphertextException',
    );
  });

  test('refuses a ciphertext that was changed, anywhere', async () => {
    const blob = (await seal(await newKey())) ?? new Uint8Array();
    for (let at = 17; at < blob.length; at += 7) {
      const CiphertextBlob = Uint8Array.from(blob);
      CiphertextBlob[at] = (CiphertextBlob[at] ?? 0) ^ 1;
      expect(await failure(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe(
        'InvalidCiphertextException',
      );
    }
  });

  test.each<[string, (blob: Uint8Array) => Uint8Array, string]>([
    ['is cut', (blob) => blob.subarray(0, 20), 'InvalidCiphertextException'],
    ['is no ciphertext', () => bytes('nonsense'), 'InvalidCiphertextException'],
    [
      'names a key that there is not',
      (blob) => blob.map((b, i) => (i === 5 ? b ^ 1 : b)),
      'AccessDeniedException',
    ],
  ])('refuses a ciphertext that %s', async (_, change, code) => {
    const CiphertextBlob = change((await seal(await newKey())) ?? new Uint8Array());
    expect(await failure(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe(code);
  });

  test('refuses a ciphertext under another key than the one named', async () => {
    const CiphertextBlob = await seal(await newKey());
    const KeyId = await newKey();
    expect(await failure(kms.send(new DecryptCommand({ CiphertextBlob, KeyId })))).toBe(
      'IncorrectKeyException',
    );
  });

  test('takes up to 4,096 bytes', async () => {
    const KeyId = await newKey();
    const encrypt = (n: number) => kms.send(new EncryptCommand({ KeyId, Plaintext: new Uint8Array(n) }));
    expect((await encrypt(4096)).CiphertextBlob?.length).toBeGreaterThan(4096);
    expect(await failure(encrypt(4097))).toBe('ValidationException');
  });

  test('GenerateDataKey gives a key in plain and sealed', async () => {
    const KeyId = await newKey();
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(opened.Plaintext).toEqual(made.Plaintext);
    expect(made.Plaintext).toHaveLength(32);
  });
});

describe('deletion', () => {
  test('waits for its window, refuses use meanwhile, and can be cancelled', async () => {
    const KeyId = await newKey();
    const CiphertextBlob = await seal(KeyId);
    const scheduled = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled).toMatchObject({ KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
    expect(scheduled.DeletionDate?.getTime()).toBeGreaterThan(Date.now() + 6.9 * DAY);
    const pending = 'KMSInvalidStateException';
    expect(await failure(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe(pending);
    expect(await failure(seal(KeyId))).toBe(pending);
    expect(await failure(kms.send(new EnableKeyCommand({ KeyId })))).toBe(pending);
    expect(await failure(kms.send(new ScheduleKeyDeletionCommand({ KeyId })))).toBe(pending);
    const alias = new CreateAliasCommand({ AliasName: 'alias/late', TargetKeyId: KeyId });
    expect(await failure(kms.send(alias))).toBe(pending);
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(KeyMetadata?.KeyState).toBe('Disabled');
    expect(await failure(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe('DisabledException');
    await kms.send(new EnableKeyCommand({ KeyId }));
    expect((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext).toBeDefined();
  });

  test.each([6, 31])('a window of %i days is refused', async (PendingWindowInDays) => {
    const attempt = kms.send(new ScheduleKeyDeletionCommand({ KeyId: await newKey(), PendingWindowInDays }));
    expect(await failure(attempt)).toBe('ValidationException');
  });

  test('comes when the clock reaches it, and takes the aliases with it', async () => {
    await using own = await startTestCloud();
    const clients = own.clients();
    const KeyId = await newKey({}, clients.kms);
    await clients.kms.send(new CreateAliasCommand({ AliasName: 'alias/short', TargetKeyId: KeyId }));
    await clients.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await own.admin('POST', 'clock/advance', { ms: 7 * DAY - 60_000 });
    expect((await clients.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe(
      'PendingDeletion',
    );
    await own.admin('POST', 'clock/advance', { ms: 60_000 });
    expect(await failure(clients.kms.send(new DescribeKeyCommand({ KeyId })))).toBe('NotFoundException');
    expect((await clients.kms.send(new ListAliasesCommand({}))).Aliases).toEqual([]);
    expect((await clients.kms.send(new ListKeysCommand({}))).Keys).toEqual([]);
  });
});

describe('a key policy', () => {
  const statement = (more: Partial<PolicyStatement>): PolicyStatement => ({
    Effect: 'Allow',
    Principal: ROOT,
    Action: 'kms:*',
    Resource: '*',
    ...more,
  });
  const text = (...statements: PolicyStatement[]): string => JSON.stringify(policy(...statements));

  test.each<[string, () => string]>([
    [
      'that names a role that does not exist',
      () => text(statement({}), statement({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/none` } })),
    ],
    [
      'that names another account',
      () => text(statement({}), statement({ Principal: { AWS: '111111111111' } })),
    ],
    ['that locks its author out', () => text(statement({ Action: 'kms:Decrypt' }))],
    ['that is no JSON', () => '{'],
    [
      'with a statement without principal',
      () => JSON.stringify({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
    ],
    ['with an operator that IAM has not', () => text(statement({ Condition: { StringIs: { a: 'b' } } }))],
    ['with an effect that is none', () => text(statement({ Effect: 'Permit' as 'Allow' }))],
  ])('%s is refused', async (_, document) => {
    expect(await failure(newKey({ Policy: document() }))).toBe('MalformedPolicyDocumentException');
    const put = kms.send(new PutKeyPolicyCommand({ KeyId: await newKey(), Policy: document() }));
    expect(await failure(put)).toBe('MalformedPolicyDocumentException');
  });

  test('that locks its author out is taken when the check is waived', async () => {
    const Policy = text(statement({ Action: 'kms:Decrypt' }));
    const KeyId = await newKey({ Policy, BypassPolicyLockoutSafetyCheck: true });
    expect(await failure(kms.send(new GetKeyPolicyCommand({ KeyId })))).toBe('AccessDeniedException');
  });

  test('decides over the admin as well', async () => {
    const KeyId = await newKey({
      Policy: text(statement({ Action: ['kms:Put*', 'kms:Get*', 'kms:Describe*'] })),
    });
    expect(await failure(seal(KeyId))).toBe('AccessDeniedException');
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId }));
    expect(JSON.parse(Policy ?? '{}').Statement).toHaveLength(1);
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy: text(statement({})) }));
    expect(await seal(KeyId)).toBeDefined();
  });
});

describe('aliases, rotation and tags', () => {
  test('an alias stands for its key, can be moved, and is one', async () => {
    const [first, second] = [await newKey({ Description: '1' }), await newKey({ Description: '2' })];
    const AliasName = 'alias/mine';
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: first }));
    const described = async () =>
      (await kms.send(new DescribeKeyCommand({ KeyId: AliasName }))).KeyMetadata?.Description;
    expect(await described()).toBe('1');
    const again = kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: second }));
    expect(await failure(again)).toBe('AlreadyExistsException');
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: second }));
    expect(await described()).toBe('2');
    const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: second }));
    expect(Aliases?.map((alias) => alias.AliasName)).toEqual([AliasName]);
    await kms.send(new DeleteAliasCommand({ AliasName }));
    expect(await failure(described())).toBe('NotFoundException');
  });

  test.each([
    ['alias/aws/mine', 'NotAuthorizedException'],
    ['mine', 'InvalidAliasNameException'],
    ['alias/a b', 'InvalidAliasNameException'],
  ])('the alias %s is refused', async (AliasName, code) => {
    const attempt = kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: await newKey() }));
    expect(await failure(attempt)).toBe(code);
  });

  test('the key that AWS makes for Parameter Store cannot be used past Parameter Store', async () => {
    const { ssm } = local.clients();
    await ssm.send(new PutParameterCommand({ Name: '/default', Value: 'v', Type: 'SecureString' }));
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/ssm' }));
    expect(KeyMetadata?.KeyManager).toBe('AWS');
    expect(await failure(seal('alias/aws/ssm'))).toBe('AccessDeniedException');
    const KeyId = KeyMetadata?.KeyId;
    expect(await failure(kms.send(new ScheduleKeyDeletionCommand({ KeyId })))).toBe('AccessDeniedException');
  });

  test('rotation is switched on and off', async () => {
    const KeyId = await newKey();
    const status = async () =>
      (await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).KeyRotationEnabled;
    expect(await status()).toBe(false);
    await kms.send(new EnableKeyRotationCommand({ KeyId }));
    expect(await status()).toBe(true);
    await kms.send(new DisableKeyRotationCommand({ KeyId }));
    expect(await status()).toBe(false);
  });

  test('tags are put, listed and removed', async () => {
    const KeyId = await newKey({ Tags: [{ TagKey: 'km:sandbox-id', TagValue: 'sb-1' }] });
    await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'b', TagValue: '' }] }));
    await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ['km:sandbox-id'] }));
    const { Tags } = await kms.send(new ListResourceTagsCommand({ KeyId }));
    expect(Tags).toEqual([{ TagKey: 'b', TagValue: '' }]);
  });

  test('keys are listed in pages', async () => {
    const all = (await kms.send(new ListKeysCommand({}))).Keys ?? [];
    const first = await kms.send(new ListKeysCommand({ Limit: 2 }));
    const second = await kms.send(new ListKeysCommand({ Limit: 1000, Marker: first.NextMarker }));
    expect(first.Truncated).toBe(true);
    expect([...(first.Keys ?? []), ...(second.Keys ?? [])]).toEqual(all);
  });
});

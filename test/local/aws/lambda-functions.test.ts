import { existsSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;
let role = '';

beforeAll(async () => {
  local = await startWorkloadCloud();
  role = await local.serviceRole('runner', 'lambda.amazonaws.com', []);
});
afterAll(() => local[Symbol.asyncDispose]());

/** A zip of these files, made by hand. */
const zip = (files: Readonly<Record<string, string>>): Buffer => {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const data = deflateRawSync(text);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(8, 8);
    header.writeUInt32LE(crc32(text), 14);
    header.writeUInt32LE(data.length, 18);
    header.writeUInt32LE(Buffer.byteLength(text), 22);
    header.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    header.copy(entry, 10, 8, 30);
    entry.writeUInt32LE(offset, 42);
    parts.push(header, Buffer.from(name), data);
    directory.push(entry, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
};

const create = (FunctionName: string, more: object = {}) =>
  local.lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Role: role,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.js': 'exports.handler = async () => 1;' }) },
      ...more,
    }),
  );

const result = async (FunctionName: string): Promise<unknown> => {
  const { Payload } = await local.lambda.send(new InvokeCommand({ FunctionName }));
  return JSON.parse(Buffer.from(Payload ?? []).toString());
};

test('a function runs from a zip in the request, also an ES module', async () => {
  const ZipFile = zip({
    'app/index.mjs': "import { answer } from './lib/answer.mjs';\nexport const handler = async () => answer;",
    'app/lib/answer.mjs': 'export const answer = 42;',
  });
  await create('zipped', { Code: { ZipFile }, Handler: 'app/index.handler' });
  expect(await result('zipped')).toBe(42);
});

test('a function keeps the code that it was deployed with until it is deployed again', async () => {
  await local.putCode('kept', "exports.handler = async () => 'one';");
  const Code = { S3Bucket: 'assets', S3Key: 'kept.zip' };
  const made = await create('kept', { Code });
  expect(await result('kept')).toBe('one');
  await local.putCode('kept', "exports.handler = async () => 'two';");
  expect(await result('kept')).toBe('one');
  const updated = await local.lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'kept', ...Code }));
  expect(await result('kept')).toBe('two');
  expect(updated.CodeSha256).not.toBe(made.CodeSha256);
});

test('a function is described as it was made', async () => {
  await create('described', {
    Description: 'says 1',
    Timeout: 60,
    MemorySize: 512,
    Architectures: ['arm64'],
    Tags: { a: '1' },
  });
  const expected = {
    FunctionName: 'described',
    FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:described',
    Description: 'says 1',
    Timeout: 60,
    MemorySize: 512,
    Architectures: ['arm64'],
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Role: role,
  };
  const arn = expected.FunctionArn;
  for (const FunctionName of ['described', arn, `${arn}:$LATEST`]) {
    expect(await local.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).toMatchObject(
      expected,
    );
  }
  const { Configuration, Tags } = await local.lambda.send(
    new GetFunctionCommand({ FunctionName: 'described' }),
  );
  expect(Configuration).toMatchObject(expected);
  expect(Tags).toEqual({ a: '1' });
  const { Functions } = await local.lambda.send(new ListFunctionsCommand({}));
  expect(Functions?.map(({ FunctionName }) => FunctionName)).toContain('described');
});

test('tags are added and taken away', async () => {
  await create('tagged', { Tags: { a: '1', b: '2' } });
  const Resource = 'arn:aws:lambda:us-east-1:000000000000:function:tagged';
  await local.lambda.send(new TagResourceCommand({ Resource, Tags: { c: '3' } }));
  await local.lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['a', 'b'] }));
  expect((await local.lambda.send(new ListTagsCommand({ Resource }))).Tags).toEqual({ c: '3' });
});

test('a deleted function is gone', async () => {
  await create('gone');
  await local.lambda.send(new DeleteFunctionCommand({ FunctionName: 'gone' }));
  await expect(result('gone')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

describe('CreateFunction refuses', () => {
  test.each([
    ['a name that is taken', { FunctionName: 'taken' }, 'ResourceConflictException', /already exist/],
    [
      'a role that Lambda may not assume',
      { Role: 'arn:aws:iam::000000000000:role/nobody' },
      'InvalidParameterValueException',
      /cannot be assumed/,
    ],
    ['another runtime', { Runtime: 'python3.13' }, 'InvalidParameterValueException', /python3.13/],
    [
      'reserved variables',
      { Environment: { Variables: { AWS_SESSION_TOKEN: 'x' } } },
      'InvalidParameterValueException',
      /AWS_SESSION_TOKEN/,
    ],
    [
      '4 KB of variables',
      { Environment: { Variables: { A: 'x'.repeat(4096) } } },
      'InvalidParameterValueException',
      /4KB/,
    ],
    ['a timeout over 15 minutes', { Timeout: 901 }, 'InvalidParameterValueException', /timeout/],
    ['memory under 128 MB', { MemorySize: 64 }, 'InvalidParameterValueException', /memorySize/],
    [
      'code that is no zip',
      { Code: { ZipFile: Buffer.from('text, but no zip at all') } },
      'InvalidParameterValueException',
      /unzip/,
    ],
    [
      'an asset that is not there',
      { Code: { S3Bucket: 'b', S3Key: 'k' } },
      'InvalidParameterValueException',
      /b\/k/,
    ],
    ['what it does not implement', { Layers: ['x'] }, 'NotImplemented', /Layers/],
  ])('%s', async (_, more, name, message) => {
    if ('FunctionName' in more) await create('taken');
    await expect(create('refused', more)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  test('a zip that climbs out of its folder', async () => {
    const ZipFile = zip({ '../../escaped.js': 'x' });
    await expect(create('climber', { Code: { ZipFile } })).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
    });
    expect(existsSync(`${local.stateDir}/escaped.js`)).toBe(false);
    expect(existsSync(`${local.stateDir}/lambda/escaped.js`)).toBe(false);
  });

  test('a role that the caller may not pass', async () => {
    const maker = await local.makeRole('maker', [{ Effect: 'Allow', Action: 'lambda:*', Resource: '*' }]);
    const { lambda } = local.as(await local.session(maker));
    const command = new CreateFunctionCommand({
      FunctionName: 'unpassed',
      Role: role,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.js': '' }) },
    });
    await expect(lambda.send(command)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('iam:PassRole'),
    });
  });
});

test("a function's own policy may let others invoke it", async () => {
  await create('open');
  const caller = await local.makeRole('outsider', []);
  const { lambda } = local.as(await local.session(caller));
  const invoke = () => lambda.send(new InvokeCommand({ FunctionName: 'open' }));
  await expect(invoke()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  const permission = {
    FunctionName: 'open',
    StatementId: 'let',
    Action: 'lambda:InvokeFunction',
    Principal: caller,
  };
  await local.lambda.send(new AddPermissionCommand(permission));
  expect((await invoke()).StatusCode).toBe(200);
  const { Policy } = await local.lambda.send(new GetPolicyCommand({ FunctionName: 'open' }));
  expect(JSON.parse(Policy ?? '').Statement).toMatchObject([{ Sid: 'let', Principal: { AWS: caller } }]);
  await expect(local.lambda.send(new AddPermissionCommand(permission))).rejects.toMatchObject({
    name: 'ResourceConflictException',
  });
  await local.lambda.send(new RemovePermissionCommand({ FunctionName: 'open', StatementId: 'let' }));
  await expect(invoke()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await expect(local.lambda.send(new GetPolicyCommand({ FunctionName: 'open' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

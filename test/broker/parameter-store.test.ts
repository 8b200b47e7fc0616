import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, test } from 'vitest';
import { createParameterStore, type ParameterStore } from '../../lib/broker/parameter-store.ts';
import { Secret } from '../../lib/secret.ts';
import { refusal } from '../github/refusal.ts';

const TOKEN = `ghs_${'T'.repeat(36)}`;

interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

type Answer = { readonly status?: number; readonly body: unknown };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Parameter Store's wire on loopback: each call gets the next of these answers. */
const serve = async (...answers: readonly Answer[]): Promise<{ store: ParameterStore; calls: Call[] }> => {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const operation = String(request.headers['x-amz-target']).replace('AmazonSSM.', '');
    calls.push({ operation, input: JSON.parse(Buffer.concat(chunks).toString()) });
    const answer = answers[calls.length - 1] ?? { status: 400, body: { __type: 'UnexpectedCall' } };
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ssm = new SSMClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  closing.push(async () => {
    ssm.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { store: createParameterStore(ssm), calls };
};

const token = {
  name: '/sandbox/sb-1/github-token',
  token: new Secret(TOKEN),
  keyId: 'alias/k',
  description: '{}',
};
const awsError = (type: string, message: string): Answer => ({
  status: 400,
  body: { __type: type, message },
});

describe('Parameter Store', () => {
  test('is read decrypted in one call, and what is missing is left out', async () => {
    const { store, calls } = await serve({
      body: { Parameters: [{ Name: '/a', Value: 'one' }], InvalidParameters: ['/b'] },
    });
    const read = await store.read(['/a', '/b']);
    expect([...read].map(([name, value]) => [name, value.reveal()])).toEqual([['/a', 'one']]);
    expect(calls).toEqual([
      { operation: 'GetParameters', input: { Names: ['/a', '/b'], WithDecryption: true } },
    ]);
  });

  test('tells when a parameter was written', async () => {
    const { store } = await serve({
      body: { Parameters: [{ Name: '/a', Value: 'one', LastModifiedDate: 1_795_168_800.5 }] },
    });
    const read = (await store.readStored(['/a', '/b'])).get('/a');
    expect([read?.value.reveal(), read?.lastModified]).toEqual(['one', 1_795_168_800_500]);
  });

  test('is read below a path over all pages, but for what is encrypted', async () => {
    const { store, calls } = await serve(
      { body: { Parameters: [{ Name: '/p/a', Value: '1', Type: 'String' }], NextToken: 'more' } },
      { body: { Parameters: [{ Name: '/p/b', Value: 'AQICAHc', Type: 'SecureString' }] } },
    );
    expect([...(await store.readBelow('/p'))]).toEqual([['/p/a', '1']]);
    expect(calls.map(({ input }) => [input.WithDecryption, input.NextToken])).toEqual([
      [false, undefined],
      [false, 'more'],
    ]);
  });

  test('is written as a standard SecureString under the given key', async () => {
    const { store, calls } = await serve({ body: { Version: 1 } });
    await store.write(token);
    expect(calls).toEqual([
      {
        operation: 'PutParameter',
        input: {
          Name: '/sandbox/sb-1/github-token',
          Value: TOKEN,
          Type: 'SecureString',
          KeyId: 'alias/k',
          Description: '{}',
          Tier: 'Standard',
          Overwrite: true,
        },
      },
    ]);
  });

  test('is not written with more than 4,096 bytes', async () => {
    const { store, calls } = await serve();
    const error = await refusal(store.write({ ...token, token: new Secret('a'.repeat(4097)) }));
    expect([error.code, error.message]).toEqual([
      'ErrParameterWriteFailed',
      'The token could not be written to /sandbox/sb-1/github-token: it takes 4097 bytes, and a standard parameter holds 4096',
    ]);
    expect(calls).toEqual([]);
  });

  test('that quotes the value in its refusal does not get it into the error', async () => {
    const { store } = await serve(
      awsError(
        'ValidationException',
        `1 validation error: Value '${TOKEN}' at 'value' failed to satisfy constraint`,
      ),
    );
    const error = await refusal(store.write(token));
    expect([error.code, error.message]).toEqual([
      'ErrParameterWriteFailed',
      'The token could not be written to /sandbox/sb-1/github-token: ValidationException',
    ]);
    expect(`${inspect(error, { depth: 10, showHidden: true })}${error.stack}`).not.toContain(TOKEN);
  });

  test('tells a key that KMS does not know from any other refusal', async () => {
    const { store } = await serve(awsError('InvalidKeyId', 'Alias arn:aws:kms:…:alias/k is not found.'));
    const error = await refusal(store.write(token));
    expect([error.code, error.message]).toEqual([
      'ErrSandboxKeyUnknown',
      'The token could not be written to /sandbox/sb-1/github-token: KMS does not know its key alias/k, or has disabled it (InvalidKeyId)',
    ]);
  });

  test('is listed page by page, without values', async () => {
    const { store, calls } = await serve(
      { body: { Parameters: [{ Name: '/p/a' }], NextToken: 'more' } },
      { body: { Parameters: [], NextToken: 'still-more' } },
      { body: { Parameters: [{ Name: '/p/b/c' }] } },
    );
    expect(await store.list('/p')).toEqual(['/p/a', '/p/b/c']);
    expect(calls.map(({ input }) => input)).toEqual([
      { Path: '/p', Recursive: true, WithDecryption: false },
      { Path: '/p', Recursive: true, WithDecryption: false, NextToken: 'more' },
      { Path: '/p', Recursive: true, WithDecryption: false, NextToken: 'still-more' },
    ]);
  });

  test('tells its history page by page', async () => {
    const version = (value: string) => ({
      Value: value,
      Description: 'd',
      LastModifiedDate: 1_795_168_800.5,
    });
    const { store, calls } = await serve(
      { body: { Parameters: [version('one')], NextToken: 'more' } },
      { body: { Parameters: [version('two')] } },
    );
    const history = await store.history('/p', { decrypt: true });
    expect(
      history.map(({ value, description, lastModified }) => [value.reveal(), description, lastModified]),
    ).toEqual([
      ['one', 'd', 1_795_168_800_500],
      ['two', 'd', 1_795_168_800_500],
    ]);
    expect(calls[1]?.input).toEqual({ Name: '/p', WithDecryption: true, MaxResults: 50, NextToken: 'more' });
  });

  test('has no history of what does not exist', async () => {
    const { store } = await serve(awsError('ParameterNotFound', ''));
    expect(await store.history('/p', { decrypt: false })).toEqual([]);
  });

  test('deletes ten at a time', async () => {
    const { store, calls } = await serve({ body: {} }, { body: {} });
    await store.remove(Array.from({ length: 11 }, (_, index) => `/p/${index}`));
    expect(calls.map(({ operation, input }) => [operation, (input.Names as string[]).length])).toEqual([
      ['DeleteParameters', 10],
      ['DeleteParameters', 1],
    ]);
  });

  test.each<[string, (store: ParameterStore) => Promise<unknown>]>([
    ['GetParameters', (store) => store.read(['/p'])],
    ['GetParametersByPath', (store) => store.list('/p')],
    ['GetParameterHistory', (store) => store.history('/p', { decrypt: true })],
    ['DeleteParameters', (store) => store.remove(['/p'])],
  ])("that refuses %s says so with AWS's words", async (operation, call) => {
    const { store } = await serve(awsError('AccessDeniedException', 'not authorized'));
    const error = await refusal(call(store));
    expect([error.code, error.message]).toEqual([
      'ErrAws',
      `${operation} failed: AccessDeniedException: not authorized`,
    ]);
  });
});

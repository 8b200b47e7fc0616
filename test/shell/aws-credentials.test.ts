import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KEYS, printed, refused, tokenReader } from './token-reader.ts';

const reader = tokenReader();

describe('the token is read with credentials from', () => {
  test('the container endpoint', async () => {
    expect(await reader.read(reader.container())).toEqual(printed);
  });

  test('the container endpoint with an authorization token', async () => {
    reader.aws.authorization = 'opens-this';
    expect(
      await reader.read({ ...reader.container(), AWS_CONTAINER_AUTHORIZATION_TOKEN: 'opens-this' }),
    ).toEqual(printed);
  });

  test.each(['opens-this', 'opens-this\n'])(
    'the container endpoint with a token in a file (%j)',
    async (content) => {
      const file = join(reader.place.root, 'token');
      writeFileSync(file, content);
      reader.aws.authorization = 'opens-this';
      const env = { ...reader.container(), AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file };
      expect(await reader.read(env)).toEqual(printed);
      expect(await reader.read({ ...env, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'older' })).toEqual(printed);
    },
  );

  test('the environment', async () => {
    expect(await reader.read(KEYS)).toEqual(printed);
    expect(reader.aws.requests).toHaveLength(1);
  });

  test('the container endpoint when the environment holds keys too', async () => {
    expect(await reader.read({ ...KEYS, AWS_SECRET_ACCESS_KEY: 'stale', ...reader.container() })).toEqual(
      printed,
    );
  });

  test('instance metadata, version 2', async () => {
    const env = {
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `${reader.aws.url}/`,
    };
    expect(await reader.read(env)).toEqual(printed);
    expect(reader.aws.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PUT /latest/api/token',
      'GET /latest/meta-data/iam/security-credentials/',
      'GET /latest/meta-data/iam/security-credentials/km-sandbox-role',
      'POST /',
    ]);
  });

  test('an endpoint that escapes the slashes in its answer', async () => {
    reader.aws.credentials = reader.aws.credentials.replaceAll('/', '\\/');
    expect(reader.aws.credentials).toContain('\\/');
    expect(await reader.read(reader.container())).toEqual(printed);
  });
});

describe('no credentials are fetched from', () => {
  test.each([
    'http://evil.example/credentials',
    'http://127.evil.example/credentials',
    'http://127.0.0.1.evil.example/credentials',
    'http://169.254.170.20/credentials',
    'http://169.254.170.2@evil.example/credentials',
    'https://127.0.0.1/credentials',
    'ftp://127.0.0.1/credentials',
    'http://127.0.0.1:1/a b',
    'http://127.0.0.1:1/\r\nHost: evil',
    'nonsense',
  ])('%j', async (uri) => {
    expect(await reader.read({ PATH: reader.tools(), AWS_CONTAINER_CREDENTIALS_FULL_URI: uri })).toEqual(
      refused(
        'no answer from the container credentials endpoint, or it is not one of ECS, EKS or loopback. ' +
          'Run this with the role of sb-1234abcd',
      ),
    );
  });
});

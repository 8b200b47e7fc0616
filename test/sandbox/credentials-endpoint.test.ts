import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resourceNames } from '../../lib/broker/names.ts';
import type { SandboxContext } from '../../lib/sandbox/context.ts';
import {
  type CredentialsEndpoint,
  startCredentialsEndpoint,
} from '../../lib/sandbox/credentials-endpoint.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-20T10:00:00Z');

let now: number;
let issued: number;
let refuse: boolean;
let endpoint: CredentialsEndpoint;

const context: SandboxContext = {
  names: resourceNames(),
  region: 'us-east-1',
  // The one client asked for is STS's: it hands out numbered credentials for an hour.
  client: <Client>() =>
    ({
      send: async () => {
        if (refuse) throw new Error('the role is gone');
        issued += 1;
        return {
          Credentials: {
            AccessKeyId: `AKIA${issued}`,
            SecretAccessKey: 'secret',
            SessionToken: 'session',
            Expiration: new Date(now + HOUR),
          },
        };
      },
    }) as Client,
  now: async () => now,
  sleep: async () => undefined,
  randomBytes: (count) => Buffer.alloc(count, 7),
};

beforeEach(async () => {
  now = START;
  issued = 0;
  refuse = false;
  endpoint = await startCredentialsEndpoint(context, {
    id: 'sb-0123abcd',
    substrate: 'docker',
    roleArn: 'arn:aws:iam::123456789012:role/km-sandbox-sb-0123abcd',
  });
});

afterEach(() => endpoint.close());

const ask = (headers: Record<string, string>, path = '/credentials', method = 'GET') =>
  new Promise<{ status: number; body: Record<string, string> }>((resolve, reject) => {
    const url = new URL(endpoint.url);
    const asked = request({ host: url.hostname, port: url.port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    asked.once('error', reject).end();
  });

test('whoever holds the authorization gets the credentials of the role', async () => {
  const { status, body } = await ask({ authorization: endpoint.authorization });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    AccessKeyId: 'AKIA1',
    Token: 'session',
    Expiration: '2026-11-20T11:00:00.000Z',
  });
});

test.each([
  ['no authorization', {}],
  ['a wrong authorization', { authorization: 'x'.repeat(43) }],
  ['an authorization that is a prefix of the right one', { authorization: 'B' }],
])('%s gets nothing', async (_what, headers) => {
  const { status, body } = await ask(headers as Record<string, string>);
  expect(status).toBe(403);
  expect(JSON.stringify(body)).not.toMatch(/AKIA|secret|session/);
});

test('a page that rebinds its own name to loopback gets nothing, even with the authorization', async () => {
  const { status } = await ask({ authorization: endpoint.authorization, host: 'evil.example' });
  expect(status).toBe(403);
});

test('only one path and method answer', async () => {
  expect((await ask({ authorization: endpoint.authorization }, '/')).status).toBe(404);
  expect((await ask({ authorization: endpoint.authorization }, '/credentials', 'POST')).status).toBe(404);
});

test('credentials are renewed ten minutes before they expire, once for all who ask', async () => {
  now = START + 49 * 60_000;
  expect((await ask({ authorization: endpoint.authorization })).body).toHaveProperty('AccessKeyId', 'AKIA1');
  now = START + 51 * 60_000;
  const answers = await Promise.all([1, 2, 3].map(() => ask({ authorization: endpoint.authorization })));
  expect(answers.map(({ body }) => body.AccessKeyId)).toEqual(['AKIA2', 'AKIA2', 'AKIA2']);
});

test('when the role is gone it says so, and tries again with the next request', async () => {
  now = START + 55 * 60_000;
  refuse = true;
  expect((await ask({ authorization: endpoint.authorization })).status).toBe(503);
  refuse = false;
  expect((await ask({ authorization: endpoint.authorization })).body).toHaveProperty('AccessKeyId', 'AKIA2');
});

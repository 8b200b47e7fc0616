import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { promisify } from 'node:util';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Credentials } from './sign-request.ts';
import { ACCOUNT, type RawOptions, startTestCloud, type TestCloud } from './test-cloud.ts';

const run = promisify(execFile);
const HOUR = 3_600_000;

let local: TestCloud;
let roleArn: string;

beforeAll(async () => {
  local = await startTestCloud();
  roleArn = await local.makeRole('reader', [{ Effect: 'Allow', Action: 'ssm:*', Resource: '*' }]);
  await local.clients().ssm.send(new PutParameterCommand({ Name: '/a', Value: 'value/+=%', Type: 'String' }));
});
afterAll(() => local[Symbol.asyncDispose]());

const outcome = async (options: RawOptions): Promise<string> => {
  const answer = await local.raw('AmazonSSM.GetParameter', { Name: '/a' }, options);
  return answer.status === 200 ? 'ok' : `${answer.status} ${JSON.parse(answer.text).__type}`;
};

describe('a signed request', () => {
  const minutes = (n: number): Date => new Date(Date.now() + n * 60_000);
  const unknown = '400 UnrecognizedClientException';
  const invalid = '400 InvalidSignatureException';

  test.each<[string, () => RawOptions, string]>([
    ['of the admin is answered', () => ({}), 'ok'],
    [
      'with a wrong secret is refused',
      () => ({ credentials: { ...local.cloud.admin, secretAccessKey: 'x' } }),
      invalid,
    ],
    [
      "with another user's secret is refused",
      () => ({
        credentials: { ...local.cloud.admin, secretAccessKey: local.cloud.operator.secretAccessKey },
      }),
      invalid,
    ],
    [
      'of an unknown key is refused',
      () => ({ credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' } }),
      unknown,
    ],
    [
      'replayed with another body is refused',
      () => ({
        change: (sent) => {
          sent.body = '{"Name":"/b"}';
        },
      }),
      invalid,
    ],
    [
      'replayed as another operation is refused',
      () => ({
        change: ({ headers }) => {
          headers['x-amz-target'] = 'AmazonSSM.DeleteParameter';
        },
      }),
      invalid,
    ],
    [
      'with its signature changed is refused',
      () => ({
        change: ({ headers }) => {
          headers.authorization = `${headers.authorization?.slice(0, -4)}0000`;
        },
      }),
      invalid,
    ],
    [
      'without a signature is refused',
      () => ({
        change: ({ headers }) => {
          delete headers.authorization;
        },
      }),
      '400 MissingAuthenticationTokenException',
    ],
    ['10 minutes old is answered', () => ({ at: minutes(-10) }), 'ok'],
    ['16 minutes old is refused', () => ({ at: minutes(-16) }), invalid],
    ['16 minutes early is refused', () => ({ at: minutes(16) }), invalid],
    ['for another region is refused', () => ({ region: 'eu-west-1' }), invalid],
    ['signed for another service is refused', () => ({ service: 'kms' }), invalid],
    [
      'that states the hash of another body is refused',
      () => ({
        change: ({ headers }) => {
          headers['x-amz-content-sha256'] = '0'.repeat(64);
        },
      }),
      invalid,
    ],
  ])('%s', async (_, options, expected) => {
    expect(await outcome(options())).toBe(expected);
  });

  test('tells its service by the scope: one that the local cloud has not answers 501', async () => {
    const answer = await local.raw('DynamoDB_20120810.GetItem', {}, { service: 'dynamodb' });
    expect([answer.status, JSON.parse(answer.text).__type]).toEqual([501, 'NotImplemented']);
  });

  test('of an unknown operation answers 501 and names it', async () => {
    const answer = await local.raw('AmazonSSM.StartSession', {});
    expect(answer.status).toBe(501);
    expect(JSON.parse(answer.text).message).toBe('The local cloud does not implement ssm:StartSession');
  });

  test.each([
    ['AmazonSSM.GetParameter', { Name: '/a', Colour: 1 }, 'Colour of ssm:GetParameter'],
    ['TrentService.CreateKey', { CustomKeyStoreId: 'x' }, 'CustomKeyStoreId of kms:CreateKey'],
    ['TrentService.Encrypt', { DryRun: true }, 'DryRun of kms:Encrypt'],
  ])('%s with %j answers 501 and names what it does not know', async (target, input, what) => {
    const answer = await local.raw(target, input);
    expect([answer.status, JSON.parse(answer.text).message]).toEqual([
      501,
      `The local cloud does not implement ${what}`,
    ]);
  });

  test.each(['constructor', 'toString', '__proto__'])(
    'of the operation %s answers 501',
    async (operation) => {
      expect((await local.raw(`AmazonSSM.${operation}`, {})).status).toBe(501);
    },
  );

  test.each(['[]', '"x"', '{', 'null'])('with the body %s is refused', async (text) => {
    const answer = await local.raw('AmazonSSM.GetParameter', text);
    expect(answer.status).toBe(400);
  });
});

describe('what is no AWS request', () => {
  test.each([
    ['GET', '/'],
    ['GET', '//'],
    ['GET', '/%zz'],
    ['POST', '/?Action=GetCallerIdentity'],
    ['PUT', '/2015-03-31/functions/%E0%A4%A/code'],
    ['GET', '/?X-Amz-Algorithm=AWS4-HMAC-SHA256'],
    ['GET', '/_km/%zz'],
    ['GET', '*'],
  ])('%s %s is refused, and is no fault of the local cloud', async (method, path) => {
    const { hostname, port } = new URL(local.cloud.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request({ hostname, port, method, path }, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });
});

describe("a role's session", () => {
  let credentials: Credentials;
  beforeAll(async () => {
    credentials = await local.session(roleArn, 's1');
  });

  test('acts as the role', async () => {
    const identity = await local.clients(credentials).sts.send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/reader/s1`);
    expect(await outcome({ credentials })).toBe('ok');
  });

  test.each<[string, (other: Credentials) => Credentials, string]>([
    [
      'the session token of another key',
      (other) => ({ ...credentials, sessionToken: other.sessionToken ?? '' }),
      '400 UnrecognizedClientException',
    ],
    [
      'no session token',
      () => ({ accessKeyId: credentials.accessKeyId, secretAccessKey: credentials.secretAccessKey }),
      '400 UnrecognizedClientException',
    ],
    [
      'a changed session token',
      () => ({ ...credentials, sessionToken: flipped(credentials.sessionToken ?? '') }),
      '400 UnrecognizedClientException',
    ],
    [
      'a cut session token',
      () => ({ ...credentials, sessionToken: 'AAAA' }),
      '400 UnrecognizedClientException',
    ],
    [
      "a token put to a user's key",
      () => ({ ...local.cloud.admin, sessionToken: credentials.sessionToken ?? '' }),
      '400 UnrecognizedClientException',
    ],
    [
      "another session's secret",
      (other) => ({ ...credentials, secretAccessKey: other.secretAccessKey }),
      '400 InvalidSignatureException',
    ],
  ])('with %s is refused', async (_, change, expected) => {
    const changed = change(await local.session(roleArn, 's2'));
    expect(await outcome({ credentials: changed })).toBe(expected);
  });

  test('of a role that was deleted can do nothing, even when the role is made anew', async () => {
    const arn = await local.makeRole('gone', []);
    await local.iam('PutRolePolicy', { RoleName: 'gone', PolicyName: 'all', PolicyDocument: allowAll });
    const old = await local.session(arn);
    await local.iam('DeleteRolePolicy', { RoleName: 'gone', PolicyName: 'all' });
    await local.iam('DeleteRole', { RoleName: 'gone' });
    await local.makeRole('gone', []);
    await local.iam('PutRolePolicy', { RoleName: 'gone', PolicyName: 'all', PolicyDocument: allowAll });
    expect(await outcome({ credentials: old })).toBe('400 AccessDeniedException');
    expect(await outcome({ credentials: await local.session(arn) })).toBe('ok');
  });

  test('expires on the moved clock, and signatures of either time are taken', async () => {
    await using own = await startTestCloud();
    const arn = await own.makeRole('reader', [{ Effect: 'Allow', Action: 'ssm:*', Resource: '*' }]);
    await own.clients().ssm.send(new PutParameterCommand({ Name: '/a', Value: 'v', Type: 'String' }));
    const session = await own.session(arn);
    const get = async (more: RawOptions): Promise<string> => {
      const answer = await own.raw(
        'AmazonSSM.GetParameter',
        { Name: '/a' },
        { credentials: session, ...more },
      );
      return answer.status === 200 ? 'ok' : JSON.parse(answer.text).__type;
    };
    await own.admin('POST', 'clock/advance', { ms: HOUR - 60_000 });
    expect(await get({})).toBe('ok');
    expect(await get({ at: new Date(own.cloud.clock.now()) })).toBe('ok');
    expect(await get({ at: new Date(own.cloud.clock.now() - HOUR / 2) })).toBe('InvalidSignatureException');
    await own.admin('POST', 'clock/advance', { ms: 60_000 });
    expect(await get({})).toBe('ExpiredTokenException');
  });
});

/** The same token with one bit of its sealed part changed. */
const flipped = (token: string): string => {
  const bytes = Buffer.from(token, 'base64');
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  return bytes.toString('base64');
};

const allowAll = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

describe('clients as they are', () => {
  const environment = (): NodeJS.ProcessEnv => ({
    PATH: process.env.PATH,
    HOME: local.stateDir,
    AWS_ENDPOINT_URL: local.cloud.url,
    AWS_REGION: local.cloud.region,
    // Version 1 of the CLI knows only this one.
    AWS_DEFAULT_REGION: local.cloud.region,
    AWS_ACCESS_KEY_ID: local.cloud.admin.accessKeyId,
    AWS_SECRET_ACCESS_KEY: local.cloud.admin.secretAccessKey,
  });

  test('the SDK reads a value with every kind of character', async () => {
    const { Parameter } = await local.clients().ssm.send(new GetParameterCommand({ Name: '/a' }));
    expect(Parameter?.Value).toBe('value/+=%');
  });

  test("curl --aws-sigv4 reads it with a role's session", async () => {
    const session = await local.session(roleArn);
    const { stdout } = await run('curl', [
      ...['-sS', '--aws-sigv4', 'aws:amz:us-east-1:ssm'],
      ...['-u', `${session.accessKeyId}:${session.secretAccessKey}`],
      ...['-H', `X-Amz-Security-Token: ${session.sessionToken}`],
      ...['-H', 'X-Amz-Target: AmazonSSM.GetParameter', '-H', 'Content-Type: application/x-amz-json-1.1'],
      ...['-d', '{"Name":"/a"}', local.cloud.url],
    ]);
    expect(JSON.parse(stdout).Parameter.Value).toBe('value/+=%');
  });

  test('the AWS CLI reads it, where one is installed', async (context) => {
    const found = await run('aws', ['--version'], { env: environment() }).catch(() => undefined);
    if (!found) context.skip('no aws on PATH');
    const aws = async (...args: string[]) =>
      JSON.parse((await run('aws', args, { env: environment() })).stdout);
    const get = await aws('ssm', 'get-parameter', '--name', '/a', '--output', 'json');
    expect(get.Parameter.Value).toBe('value/+=%');
    const roles = await aws('iam', 'list-roles', '--output', 'json');
    expect(roles.Roles[0].AssumeRolePolicyDocument.Statement[0].Action).toBe('sts:AssumeRole');
    expect((await aws('sts', 'get-caller-identity', '--output', 'json')).Account).toBe(ACCOUNT);
  });
});

import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeQuery, encodeQuery } from '../../../lib/local/aws/wire/query.ts';
import { type Credentials, presignedUrl, type ToPresign } from './sign-request.ts';
import { ACCOUNT, startTestCloud, type TestCloud } from './test-cloud.ts';

let local: TestCloud;
let roleArn: string;

beforeAll(async () => {
  local = await startTestCloud();
  roleArn = await local.makeRole('reader', []);
});
afterAll(() => local[Symbol.asyncDispose]());

describe('a presigned URL', () => {
  const MINUTE = 60_000;
  const get = async (more: Partial<ToPresign> = {}, change = (url: string) => url): Promise<string> => {
    const url = presignedUrl({
      url: local.cloud.url,
      service: 'sts',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      credentials: local.cloud.admin,
      expires: 60,
      ...more,
    });
    const response = await fetch(change(url));
    const text = await response.text();
    return response.ok
      ? (/<Arn>(.*)<\/Arn>/.exec(text)?.[1] ?? text)
      : (/<Code>(.*)<\/Code>/.exec(text)?.[1] ?? text);
  };
  const admin = `arn:aws:iam::${ACCOUNT}:user/admin`;

  test('is answered', async () => {
    expect(await get()).toBe(admin);
  });

  test('of a session is answered', async () => {
    const credentials = await local.session(roleArn, 's1');
    expect(await get({ credentials })).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/reader/s1`);
  });

  test.each<[string, Partial<ToPresign>, (url: string) => string, string]>([
    ['past its lifetime', { at: new Date(Date.now() - 2 * MINUTE) }, (url) => url, 'SignatureDoesNotMatch'],
    [
      'with its action changed',
      {},
      (url) => url.replace('GetCallerIdentity', 'GetSessionToken'),
      'SignatureDoesNotMatch',
    ],
    [
      'with its lifetime stretched',
      {},
      (url) => url.replace('Expires=60', 'Expires=600'),
      'SignatureDoesNotMatch',
    ],
    ['with a parameter more', {}, (url) => `${url}&x=1`, 'SignatureDoesNotMatch'],
    ['without its signature', {}, (url) => url.replace(/&X-Amz-Signature.*/, ''), 'IncompleteSignature'],
  ])('%s is refused', async (_, more, change, code) => {
    expect(await get(more, change)).toBe(code);
  });
});

describe('the query codec', () => {
  test.each<[string, string, unknown]>([
    ['lists', 'Tags.member.1.Key=a&Tags.member.2.Key=b', { Tags: [{ Key: 'a' }, { Key: 'b' }] }],
    [
      'lists past ten, in order',
      Array.from({ length: 11 }, (_, i) => `L.member.${11 - i}=${11 - i}`).join('&'),
      { L: Array.from({ length: 11 }, (_, i) => String(i + 1)) },
    ],
    ['structures', 'A.B.C=1&A.D=2', { A: { B: { C: '1' }, D: '2' } }],
    ['empty lists', 'Tags=', { Tags: '' }],
    [
      'names of prototypes',
      '__proto__.x=1&constructor=2',
      Object.fromEntries([
        ['__proto__', { x: '1' }],
        ['constructor', '2'],
      ]),
    ],
    ['without action and version', 'Action=A&Version=1', {}],
  ])('reads %s', (_, body, expected) => {
    expect(decodeQuery(new URLSearchParams(body))).toEqual(expected);
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  test('escapes what is special in XML, and keeps carriage returns', () => {
    expect(encodeQuery('Op', 'ns', { A: '<&>"\r\n', L: ['x'], D: new Date(0), N: undefined }, 'id')).toBe(
      '<OpResponse xmlns="ns"><OpResult><A>&lt;&amp;&gt;&quot;&#xD;\n</A><L><member>x</member></L>' +
        '<D>1970-01-01T00:00:00.000Z</D></OpResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></OpResponse>',
    );
  });
});

describe('errors of the query protocol', () => {
  test.each<[string, () => Credentials, string]>([
    ['wrong secret', () => ({ ...local.cloud.admin, secretAccessKey: 'x' }), 'SignatureDoesNotMatch'],
    ['unknown key', () => ({ accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' }), 'InvalidClientTokenId'],
  ])("%s has the protocol's own code", async (_, credentials, name) => {
    const { sts } = local.clients(credentials());
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode: 403 },
    });
  });

  test("a refusal is AccessDenied, in AWS's words", async () => {
    const { sts } = local.clients(local.cloud.operator);
    const attempt = sts.send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'op' }));
    await expect(attempt).rejects.toMatchObject({
      name: 'AccessDenied',
      message:
        `User: arn:aws:iam::${ACCOUNT}:user/operator is not authorized to perform: sts:AssumeRole on resource: ` +
        `${roleArn} because no identity-based policy allows the sts:AssumeRole action`,
    });
  });
});

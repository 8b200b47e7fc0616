import { describe, expect, test } from 'vitest';
import { readClaim, signatureMatches, signedAt } from '../../../lib/local/aws/sigv4.ts';
import type { WireRequest } from '../../../lib/local/aws/wire/request.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const DATE = '20150830T123600Z';

interface Vector {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly service?: string;
  readonly signature: string;
}

const requestOf = (vector: Vector): WireRequest => {
  const headers: Record<string, string> = {
    host: 'example.amazonaws.com',
    'x-amz-date': DATE,
    ...vector.headers,
  };
  const signed = Object.keys(headers).sort().join(';');
  const scope = `20150830/us-east-1/${vector.service ?? 'service'}/aws4_request`;
  return {
    method: vector.method ?? 'GET',
    url: vector.url ?? '/',
    headers: {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${signed}, Signature=${vector.signature}`,
    },
    body: Buffer.from(vector.body ?? ''),
  };
};

/** AWS's own examples: the IAM request of the SigV4 documentation and the published test suite. */
const VECTORS: readonly [string, Vector][] = [
  ['get-vanilla', { signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31' }],
  [
    'get-vanilla-query-order-key-case',
    {
      url: '/?Param2=value2&Param1=value1',
      signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    },
  ],
  [
    'post-x-www-form-urlencoded',
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Param1=value1',
      signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    },
  ],
  [
    'IAM ListUsers',
    {
      url: '/?Action=ListUsers&Version=2010-05-08',
      service: 'iam',
      headers: {
        host: 'iam.amazonaws.com',
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      },
      signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    },
  ],
];

describe.each(VECTORS)('the signature of %s', (_, vector) => {
  const request = requestOf(vector);
  const verify = (changed: Partial<WireRequest>, secret = SECRET): boolean => {
    const whole = { ...request, ...changed };
    return signatureMatches(whole, readClaim(whole), secret);
  };

  test('is accepted as AWS made it', () => {
    expect(verify({})).toBe(true);
  });

  test.each<[string, Partial<WireRequest>]>([
    ['another method', { method: 'PUT' }],
    ['another path', { url: request.url.replace('/', '/x') }],
    ['another query', { url: `${request.url}${request.url.includes('?') ? '&' : '?'}x=1` }],
    ['another body', { body: Buffer.from('{}') }],
    ['another host', { headers: { ...request.headers, host: 'evil.example' } }],
    ['another time', { headers: { ...request.headers, 'x-amz-date': '20150830T123601Z' } }],
    [
      'a stated hash of another body',
      { headers: { ...request.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } },
    ],
    ['a signature with one digit changed', { headers: { ...request.headers, authorization: flip(request) } }],
    [
      'another service in the scope',
      {
        headers: {
          ...request.headers,
          authorization: String(request.headers.authorization).replace(/\/(service|iam)\/aws4/, '/kms/aws4'),
        },
      },
    ],
  ])('is refused with %s', (_, changed) => {
    expect(verify(changed)).toBe(false);
  });

  test('is refused under another secret', () => {
    expect(verify({}, `${SECRET}x`)).toBe(false);
  });
});

function flip(request: WireRequest): string {
  return String(request.headers.authorization).replace(/.$/, (last) => (last === '0' ? '1' : '0'));
}

describe('a claim', () => {
  const header = String(requestOf({ signature: '0'.repeat(64) }).headers.authorization);
  const read = (authorization: string, more: Record<string, string> = {}, url = '/') =>
    readClaim({
      method: 'POST',
      url,
      headers: { host: 'h', 'x-amz-date': DATE, ...more, ...(authorization ? { authorization } : {}) },
      body: Buffer.alloc(0),
    });

  test('tells key, service, region and time', () => {
    const claim = read(header);
    expect(claim).toMatchObject({ accessKeyId: 'AKIDEXAMPLE', region: 'us-east-1', service: 'service' });
    expect(new Date(signedAt(claim)).toISOString()).toBe('2015-08-30T12:36:00.000Z');
  });

  test.each<[string, string, Record<string, string>, string]>([
    ['no authorization at all', '', {}, 'MissingAuthenticationTokenException'],
    ['basic authentication', 'Basic YTpi', {}, 'MissingAuthenticationTokenException'],
    ['a scope that is cut short', header.replace('/aws4_request', ''), {}, 'IncompleteSignatureException'],
    ['no signature', header.replace(/Signature=.*/, ''), {}, 'IncompleteSignatureException'],
    [
      'a signature that is no hex',
      header.replace(/Signature=.*/, `Signature=${'g'.repeat(64)}`),
      {},
      'IncompleteSignatureException',
    ],
    ['an unsigned host', header.replace('host;', ''), {}, 'IncompleteSignatureException'],
    ['an unsigned date', header.replace(';x-amz-date', ''), {}, 'IncompleteSignatureException'],
    [
      'an unsigned operation',
      header,
      { 'x-amz-target': 'AmazonSSM.GetParameter' },
      'IncompleteSignatureException',
    ],
    ['a date that is none', header, { 'x-amz-date': 'yesterday' }, 'IncompleteSignatureException'],
    [
      "a date of another day than the scope's",
      header,
      { 'x-amz-date': '20150831T000000Z' },
      'IncompleteSignatureException',
    ],
  ])('with %s is refused', (_, authorization, more, code) => {
    expect(() => read(authorization, more)).toThrow(expect.objectContaining({ code }));
  });

  test.each(['0', '604801', '', 'x'])(
    'in a URL must have a lifetime of 1 second to 7 days, not %j',
    (expires) => {
      const query = new URLSearchParams({
        'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
        'X-Amz-Credential': 'AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request',
        'X-Amz-Date': DATE,
        'X-Amz-Expires': expires,
        'X-Amz-SignedHeaders': 'host',
        'X-Amz-Signature': '0'.repeat(64),
      });
      expect(() => read('', {}, `/?${query}`)).toThrow(/X-Amz-Expires/);
    },
  );
});

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from './cloud.ts';
import { urlParts, type WireRequest } from './wire/request.ts';

/** What a request claims about its signature, before anything of it is checked. */
export interface SignatureClaim {
  readonly accessKeyId: string;
  /** `YYYYMMDD` of the credential scope. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string;
  readonly sessionToken?: string;
  /** Seconds; set for a presigned URL only. */
  readonly expires?: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

const incomplete = (message: string): AwsError => new AwsError('IncompleteSignatureException', message, 403);

/**
 * Reads the SigV4 claim of a request, from its Authorization header or its presigned query.
 * Throws MissingAuthenticationTokenException or IncompleteSignatureException.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export const readClaim = (request: WireRequest): SignatureClaim => {
  const authorization = request.headers.authorization;
  if (authorization?.startsWith(ALGORITHM)) return fromHeader(request, authorization);
  const { query } = urlParts(request);
  if (query.get('X-Amz-Algorithm') === ALGORITHM) return fromQuery(query);
  throw new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
};

const fromHeader = (request: WireRequest, authorization: string): SignatureClaim => {
  const field = (name: string): string => new RegExp(`[ ,]${name}=([^, ]+)`).exec(authorization)?.[1] ?? '';
  const token = request.headers['x-amz-security-token'];
  const signedHeaders = field('SignedHeaders');
  // The operation stands in this header: unsigned, somebody on the way could change it.
  if (request.headers['x-amz-target'] && !signedHeaders.split(';').includes('x-amz-target')) {
    throw incomplete("'X-Amz-Target' must be a signed header");
  }
  return claim(field('Credential'), signedHeaders, field('Signature'), {
    timestamp: String(request.headers['x-amz-date'] ?? ''),
    ...(typeof token === 'string' ? { sessionToken: token } : {}),
  });
};

const fromQuery = (query: URLSearchParams): SignatureClaim => {
  const token = query.get('X-Amz-Security-Token');
  const expires = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  if (!(expires > 0 && expires <= 604_800))
    throw incomplete('X-Amz-Expires must be between 1 and 604800 seconds');
  return claim(
    query.get('X-Amz-Credential') ?? '',
    query.get('X-Amz-SignedHeaders') ?? '',
    query.get('X-Amz-Signature') ?? '',
    { timestamp: query.get('X-Amz-Date') ?? '', expires, ...(token ? { sessionToken: token } : {}) },
  );
};

const claim = (
  credential: string,
  signedHeaders: string,
  signature: string,
  rest: Pick<SignatureClaim, 'timestamp' | 'sessionToken' | 'expires'>,
): SignatureClaim => {
  const scope = /^([A-Za-z0-9]{1,128})\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/.exec(credential);
  if (!scope) throw incomplete('Credential must have the form KEY/YYYYMMDD/REGION/SERVICE/aws4_request');
  if (!/^[0-9a-f]{64}$/.test(signature)) throw incomplete('Authorization has no Signature of 64 hex digits');
  if (!/^\d{8}T\d{6}Z$/.test(rest.timestamp))
    throw incomplete('X-Amz-Date must have the form YYYYMMDDTHHMMSSZ');
  const [, accessKeyId = '', date = '', region = '', service = ''] = scope;
  if (!rest.timestamp.startsWith(date))
    throw incomplete("Date in Credential scope does not match X-Amz-Date's");
  const headers = signedHeaders.toLowerCase().split(';');
  if (!headers.includes('host')) throw incomplete("'Host' must be a signed header");
  if (rest.expires === undefined && !headers.includes('x-amz-date')) {
    throw incomplete("'X-Amz-Date' must be a signed header");
  }
  return { accessKeyId, date, region, service, signedHeaders: headers, signature, ...rest };
};

/** Milliseconds since the epoch of the claim's timestamp. */
export const signedAt = ({ timestamp: t }: SignatureClaim): number =>
  Date.UTC(
    +t.slice(0, 4),
    +t.slice(4, 6) - 1,
    +t.slice(6, 8),
    +t.slice(9, 11),
    +t.slice(11, 13),
    +t.slice(13, 15),
  );

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Every segment is encoded once more than it came, as every service but S3 has it. */
const canonicalPath = (url: string): string => {
  const path = url.split('?', 1)[0] ?? '/';
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encodeRfc3986(segment));
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`;
};

const canonicalQuery = (url: string): string => {
  const query = url.split('?').slice(1).join('?');
  if (query === '') return '';
  return [...new URLSearchParams(query.replace(/\+/g, '%2B'))]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
};

/**
 * True when `secret` made the claim's signature over exactly this request: its method, path, query, signed headers, and
 * the body that came with it, whether or not the client states the body's hash.
 */
export const signatureMatches = (request: WireRequest, claim: SignatureClaim, secret: string): boolean => {
  const bodyHash = sha256(request.body);
  const stated = request.headers['x-amz-content-sha256'];
  if (stated !== undefined && stated !== bodyHash) return false;
  const headers = claim.signedHeaders.map((name) => {
    const value = request.headers[name];
    return `${name}:${String(value ?? '')
      .trim()
      .replace(/ +/g, ' ')}\n`;
  });
  const canonical = [
    request.method,
    canonicalPath(request.url),
    canonicalQuery(request.url),
    headers.join(''),
    claim.signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  let key = hmac(`AWS4${secret}`, claim.date);
  for (const part of [claim.region, claim.service, 'aws4_request']) key = hmac(key, part);
  const expected = hmac(key, `${ALGORITHM}\n${claim.timestamp}\n${scope}\n${sha256(canonical)}`);
  return timingSafeEqual(expected, Buffer.from(claim.signature, 'hex'));
};

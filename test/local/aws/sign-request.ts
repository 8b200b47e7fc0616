import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface ToSign {
  readonly url: string;
  readonly service: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  readonly region?: string;
  readonly at?: Date;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Signs a POST as a client would, written apart from the verifier that it tests. Returns all headers to send. */
export const signedHeaders = (request: ToSign): Record<string, string> => {
  const { credentials, service, region = 'us-east-1', at = new Date() } = request;
  const url = new URL(request.url);
  const stamp = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    ...request.headers,
    host: url.host,
    'x-amz-date': stamp,
    ...(credentials.sessionToken ? { 'x-amz-security-token': credentials.sessionToken } : {}),
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = `POST\n${url.pathname}\n\n${lines}\n${names.join(';')}\n${hash(request.body)}`;
  const parts = scope.split('/');
  const key = parts.reduce<Buffer | string>((k, part) => hmac(k, part), `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${hash(canonical)}`).toString('hex');
  headers.authorization =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return headers;
};

export interface ToPresign {
  readonly url: string;
  readonly service: string;
  readonly query: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  /** Seconds. */
  readonly expires: number;
  readonly at?: Date;
}

/** A URL for a GET that carries its signature in the query. */
export const presignedUrl = (request: ToPresign): string => {
  const { credentials, service, expires, at = new Date() } = request;
  const url = new URL(request.url);
  const stamp = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${stamp.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  const query: Record<string, string> = {
    ...request.query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': stamp,
    'X-Amz-Expires': String(expires),
    'X-Amz-SignedHeaders': 'host',
    ...(credentials.sessionToken ? { 'X-Amz-Security-Token': credentials.sessionToken } : {}),
  };
  const pairs = Object.keys(query)
    .sort()
    .map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(query[name] ?? '')}`)
    .join('&');
  const canonical = `GET\n/\n${pairs}\nhost:${url.host}\n\nhost\n${hash('')}`;
  const key = scope
    .split('/')
    .reduce<Buffer | string>((k, part) => hmac(k, part), `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${hash(canonical)}`).toString('hex');
  return `${url.origin}/?${pairs}&X-Amz-Signature=${signature}`;
};

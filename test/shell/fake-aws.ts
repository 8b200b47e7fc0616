import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeParameter {
  readonly value: string;
  /** Seconds since 1970, or the text of the JSON number. */
  readonly modified: number | string;
}

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface FakeAws {
  readonly url: string;
  readonly parameters: Map<string, FakeParameter>;
  readonly requests: RecordedRequest[];
  /** What Parameter Store takes for the time. Milliseconds. */
  now: number;
  /** What the container endpoint hands out, the text itself. */
  credentials: string;
  /** What a request to the container endpoint must carry in Authorization. */
  authorization: string | undefined;
  /** Answers to give, one for each request, before Parameter Store's own: status and body. */
  readonly failures: [status: number, body: object][];
  /** Called when a request has come in, while its sender waits. */
  onRequest: () => void;
  close(): Promise<void>;
}

export const ACCESS_KEY = 'ASIAEXAMPLEEXAMPLE12';
export const SECRET_KEY = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
export const SESSION_TOKEN = `IQoJb3JpZ2luX2VjE${'Fw/+'.repeat(150)}==`;
export const CREDENTIALS = { AccessKeyId: ACCESS_KEY, SecretAccessKey: SECRET_KEY, Token: SESSION_TOKEN };
const REGION = 'us-east-1';

/**
 * Parameter Store, the container credentials endpoint and instance metadata on one loopback port, as far as the
 * scripts use them. Parameter Store checks the signature (SigV4) of every request.
 */
export async function startFakeAws(): Promise<FakeAws> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [status, body] = answer(fake, request, Buffer.concat(chunks).toString());
      const date = new Date(fake.now).toUTCString();
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', date });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fake: FakeAws = {
    url: `http://127.0.0.1:${port}`,
    parameters: new Map(),
    requests: [],
    now: Date.now(),
    credentials: JSON.stringify(CREDENTIALS, null, 2),
    authorization: undefined,
    failures: [],
    onRequest: () => {},
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

type Answer = readonly [status: number, body: string];

function answer(fake: FakeAws, request: IncomingMessage, body: string): Answer {
  const { method = '', url = '', headers } = request;
  fake.requests.push({ method, url, headers, body });
  fake.onRequest();
  const failure = method === 'POST' ? fake.failures.shift() : undefined;
  if (failure) return [failure[0], JSON.stringify(failure[1])];
  if (method === 'POST' && url === '/') return getParameter(fake, request, body);
  if (url === '/credentials') {
    const isRefused = fake.authorization !== undefined && headers.authorization !== fake.authorization;
    return isRefused ? [403, '{}'] : [200, fake.credentials];
  }
  if (method === 'PUT' && url === '/latest/api/token') return [200, 'metadata-token'];
  if (headers['x-aws-ec2-metadata-token'] !== 'metadata-token') return [401, ''];
  if (url === '/latest/meta-data/iam/security-credentials/') return [200, 'km-sandbox-role'];
  if (url === '/latest/meta-data/iam/security-credentials/km-sandbox-role') {
    return [200, JSON.stringify({ Code: 'Success', ...CREDENTIALS })];
  }
  return [404, ''];
}

function getParameter(fake: FakeAws, request: IncomingMessage, body: string): Answer {
  const fail = (type: string): Answer => [400, JSON.stringify({ __type: type, message: 'no' })];
  if (!isSigned(request, body)) return fail('InvalidSignatureException');
  if (request.headers['x-amz-target'] !== 'AmazonSSM.GetParameter') return fail('UnknownOperationException');
  const { Name: name, WithDecryption: decrypts } = JSON.parse(body) as Record<string, unknown>;
  const parameter = fake.parameters.get(String(name));
  if (!parameter) return fail('com.amazonaws.ssm#ParameterNotFound');
  if (decrypts !== true) return fail('ValidationException');
  return [
    200,
    `{"Parameter":{"ARN":"arn:aws:ssm:us-east-1:0:parameter${name}","DataType":"text","LastModifiedDate":${parameter.modified},` +
      `"Name":"${name}","Type":"SecureString","Value":${JSON.stringify(parameter.value)},"Version":3}}`,
  ];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function isSigned({ headers, method, url }: IncomingMessage, body: string): boolean {
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)\/(\d{8})\/([a-z0-9-]+)\/ssm\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    );
  if (!parts) return false;
  const [, key, day = '', region = '', names = '', signature] = parts;
  const needed = ['host', 'x-amz-date', 'x-amz-target'];
  if (key !== ACCESS_KEY || region !== REGION || !needed.every((name) => names.split(';').includes(name)))
    return false;
  if ((headers['x-amz-security-token'] ?? '') !== SESSION_TOKEN) return false;
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, '', signed.join(''), names, sha256(body)].join('\n');
  const scope = `${day}/${region}/ssm/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const signingKey = [day, region, 'ssm', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${SECRET_KEY}`,
  );
  return createHmac('sha256', signingKey).update(text).digest('hex') === signature;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

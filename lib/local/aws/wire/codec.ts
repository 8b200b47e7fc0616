import { AwsError, notImplemented, type Service } from '../cloud.ts';
import { decodeJson, encodeJson } from './json.ts';
import { decodeQuery, encodeQuery, encodeQueryError } from './query.ts';
import { urlParts, type WireRequest } from './request.ts';
import { decodeRest, encodeRest, type HttpAnswer, matchRoute } from './rest.ts';

/** One decoded request: what is asked, and how to answer it. */
export interface Decoded {
  readonly operation: string;
  readonly input: Record<string, unknown>;
  encode(answer: object, requestId: string): HttpAnswer;
}

type Protocol = 'json' | 'query' | 'rest';

/** Target prefixes of the json services: the signature's service must be the one that is called. */
const TARGETS: Readonly<Record<string, string>> = {
  AmazonSSM: 'ssm',
  TrentService: 'kms',
  AmazonSQS: 'sqs',
  Logs_20140328: 'logs',
  GraniteServiceVersion20100801: 'monitoring',
};

const NAMESPACES: Readonly<Record<string, string>> = {
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
  cloudformation: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
  monitoring: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
};

/** The protocol that a request speaks, by its headers alone. */
export const protocolOf = (request: WireRequest): Protocol => {
  if (request.headers['x-amz-target']) return 'json';
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded')) return 'query';
  return /[?&]Action=/.test(request.url) ? 'query' : 'rest';
};

/** Reads operation and input; throws AwsError for a request that the service cannot mean. */
export const decode = (request: WireRequest, service: Service): Decoded => {
  const protocol = protocolOf(request);
  if (protocol === 'json') return decodeJsonTarget(request, service);
  const { path, query } = urlParts(request);
  if (protocol === 'query') return decodeAction(request, service, query);
  const match = parsing(() => matchRoute(service, request.method, path));
  if (!match) throw notImplemented({ service: service.name, operation: `${request.method} ${path}` });
  return {
    operation: match.route.operation,
    input: parsing(() => decodeRest(match, query, request.headers, request.body)),
    encode: (answer, requestId) => {
      const encoded = encodeRest(match.route, answer);
      const type = match.route.answer?.payload ? 'application/octet-stream' : 'application/json';
      return {
        ...encoded,
        headers: { 'content-type': type, 'x-amzn-requestid': requestId, ...encoded.headers },
      };
    },
  };
};

const decodeJsonTarget = (request: WireRequest, service: Service): Decoded => {
  const target = String(request.headers['x-amz-target']);
  const dot = target.lastIndexOf('.');
  const owner = TARGETS[target.slice(0, dot)];
  if (owner !== service.name) {
    throw new AwsError(
      'InvalidSignatureException',
      `Credential should be scoped to correct service: '${owner ?? target.slice(0, dot)}'.`,
    );
  }
  const type = request.headers['content-type'] ?? 'application/x-amz-json-1.1';
  return {
    operation: target.slice(dot + 1),
    input: decodeJson(request.body),
    encode: (answer, requestId) => ({
      status: 200,
      headers: { 'content-type': type, 'x-amzn-requestid': requestId },
      body: encodeJson(answer),
    }),
  };
};

const decodeAction = (request: WireRequest, service: Service, fromUrl: URLSearchParams): Decoded => {
  const pairs = new URLSearchParams(request.body.toString('utf8'));
  for (const [name, value] of fromUrl) pairs.append(name, value);
  const operation = pairs.get('Action') ?? '';
  return {
    operation,
    input: decodeQuery(pairs),
    encode: (answer, requestId) => ({
      status: 200,
      headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
      body: encodeQuery(operation, NAMESPACES[service.name] ?? '', answer, requestId),
    }),
  };
};

const parsing = <T>(parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw new AwsError('SerializationException', 'The request cannot be parsed');
  }
};

/** What the query protocol calls the errors that every service shares. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  AccessDeniedException: 'AccessDenied',
  UnrecognizedClientException: 'InvalidClientTokenId',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  ExpiredTokenException: 'ExpiredToken',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  IncompleteSignatureException: 'IncompleteSignature',
  ThrottlingException: 'Throttling',
  InternalServerError: 'InternalFailure',
};

/** An error as the request's protocol writes it. json services answer a refusal with 400, the others with 403. */
export const encodeError = (
  request: WireRequest,
  service: string,
  error: AwsError,
  requestId: string,
): HttpAnswer => {
  const headers = { 'x-amzn-requestid': requestId };
  const protocol = protocolOf(request);
  if (protocol === 'query') {
    const denied = service === 'sns' && error.code === 'AccessDeniedException';
    const code = denied ? 'AuthorizationError' : (QUERY_CODES[error.code] ?? error.code);
    return {
      status: error.status,
      headers: { ...headers, 'content-type': 'text/xml' },
      body: encodeQueryError(
        { code, message: error.message, status: error.status },
        NAMESPACES[service] ?? '',
        requestId,
      ),
    };
  }
  if (protocol === 'json') {
    return {
      status: error.status === 403 && service !== 'sqs' ? 400 : error.status,
      headers: { ...headers, 'content-type': 'application/x-amz-json-1.1' },
      body: encodeJson({ __type: error.code, message: error.message }),
    };
  }
  return {
    status: error.status,
    headers: { ...headers, 'content-type': 'application/json', 'x-amzn-errortype': error.code },
    body: encodeJson({ message: error.message, Message: error.message }),
  };
};

import type { Refusal } from '../decision.ts';
import { shown } from '../shown.ts';
import { type HeaderValues, headerValues } from './header-values.ts';
import { comparedHost, readTarget, type Target } from './read-target.ts';

/** A request as node:http gives it. */
export interface HeadFacts {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
  /** Of the CONNECT that the request came in, with the port where it is not 443; `undefined` outside of one. */
  readonly connectHost: string | undefined;
}

export interface CheckedHead extends Target {
  readonly method: string;
  /** How the body's end is told. */
  readonly framing: 'none' | 'length' | 'chunked';
  /** In bytes; only with `framing` `length`. */
  readonly length: number;
}

interface Problem {
  readonly status: number;
  readonly why: string;
  readonly remedy: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** Tab, and what is visible; bytes past ASCII as they are. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const LENGTH = /^(?:0|[1-9][0-9]{0,14})$/;
const MOST_HEADERS = 100;
const LONGEST_TARGET = 8192;

/** Twice, they would be read by one party so and by another so. */
const ONCE = [
  'host',
  'content-length',
  'transfer-encoding',
  'authorization',
  'content-type',
  'content-encoding',
  'expect',
  'git-protocol',
  'range',
  'if-range',
];
/** They say that the request is another one than its first line tells, or that the connection is to become another one. */
const FORBIDDEN = [
  'upgrade',
  'http2-settings',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-rewrite-url',
];
const ENCODINGS = ['identity', 'gzip', 'x-gzip'];
const CONNECTION = ['close', 'keep-alive', 'te'];
/** What clients tell the proxy itself, in requests that are not in a CONNECT. */
const TOLD_TO_PROXY = ['proxy-connection', 'proxy-authorization'];

const bad = (why: string, remedy = 'Use a client that speaks plain HTTP/1.1.', status = 400): Problem => ({
  status,
  why,
  remedy,
});

const checkNames = (headers: HeaderValues, isPlain: boolean): Problem | undefined => {
  for (const [name, values] of headers) {
    const what = `the header '${shown(name, 40)}'`;
    if (!TOKEN.test(name)) return bad(`${what} has no valid name`);
    if (!values.every((value) => VALUE.test(value))) return bad(`${what} holds a control character`);
    if (values.length > 1 && ONCE.includes(name)) return bad(`${what} stands more than once`);
    if (FORBIDDEN.includes(name)) return bad(`${what} is not let through`, `Leave ${what} out.`);
    if (name.startsWith('proxy-') && !(isPlain && TOLD_TO_PROXY.includes(name))) {
      return bad(`${what} is not let through`, `Leave ${what} out.`);
    }
  }
  return undefined;
};

const checkHost = (headers: HeaderValues, { host, scheme }: Target): Problem | undefined => {
  const given = headers.get('host')?.[0];
  if (given === undefined) return bad('there is no Host header');
  if (comparedHost(given, scheme) === host) return undefined;
  return bad(
    `the Host header names '${shown(given)}' on a connection to '${shown(host)}'`,
    'Open a connection for each host.',
    421,
  );
};

const checkFraming = (headers: HeaderValues, method: string): Problem | undefined => {
  const length = headers.get('content-length')?.[0];
  const coding = headers.get('transfer-encoding')?.[0];
  if (length !== undefined && coding !== undefined) {
    return bad('Content-Length and Transfer-Encoding stand side by side');
  }
  if (length !== undefined && !LENGTH.test(length)) return bad('the Content-Length is no plain number');
  if (coding !== undefined && coding !== 'chunked') return bad('the Transfer-Encoding is not chunked alone');
  const hasBody = coding !== undefined || (length !== undefined && length !== '0');
  if (hasBody && (method === 'GET' || method === 'HEAD')) return bad(`a ${method} has no body`);
  return undefined;
};

const checkOptions = (headers: HeaderValues): Problem | undefined => {
  const expect = headers.get('expect')?.[0];
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    return bad('only 100-continue can be expected', "Leave the header 'expect' out.", 417);
  }
  const encoding = headers.get('content-encoding')?.[0];
  if (encoding !== undefined && !ENCODINGS.includes(encoding.toLowerCase())) {
    return bad(
      `the content encoding '${shown(encoding, 40)}' cannot be looked into`,
      'Send the body as it is, or as gzip.',
      415,
    );
  }
  const options = (headers.get('connection') ?? []).flatMap((value) => value.toLowerCase().split(','));
  const strange = options.map((option) => option.trim()).find((option) => !CONNECTION.includes(option));
  return strange === undefined
    ? undefined
    : bad(`the Connection header names '${shown(strange, 40)}'`, 'Leave it out of the Connection header.');
};

const checkFirstLine = ({ method, url, httpVersion }: HeadFacts): Problem | undefined => {
  if (httpVersion !== '1.1') return bad(`HTTP/${shown(httpVersion, 10)} is not spoken here, only HTTP/1.1`);
  if (!METHODS.includes(method)) {
    return bad(`the method '${shown(method, 20)}' is not let through`, `Use ${METHODS.join(', ')}.`, 405);
  }
  return url.length > LONGEST_TARGET
    ? bad(`the target is longer than ${LONGEST_TARGET} bytes`, 'Shorten the URL.', 414)
    : undefined;
};

const refusal = ({ status, why, remedy }: Problem): Refusal => ({
  allowed: false,
  rule: 'http',
  status,
  reason: `[km] Request denied -- ${why}`,
  remedy,
});

/**
 * Checks the head of a request, after node's own parser: whatever passes has one reading, for any server. Refusals
 * are of rule `http`, and the connection is to be closed after one, since its next bytes may be somebody's second reading.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc9112#section-11.2}
 */
export const checkHead = (facts: HeadFacts): Refusal | CheckedHead => {
  const { method, url, rawHeaders, connectHost } = facts;
  if (rawHeaders.length > 2 * MOST_HEADERS) {
    return refusal(bad(`there are more than ${MOST_HEADERS} headers`, 'Send fewer.', 431));
  }
  const headers = headerValues(rawHeaders);
  const early = checkFirstLine(facts) ?? checkNames(headers, connectHost === undefined);
  if (early) return refusal(early);
  const target = readTarget(url, connectHost);
  if (!target) {
    const form = connectHost === undefined ? 'a whole http:// URL' : 'a path';
    return refusal(bad(`the target is not ${form} in visible ASCII`, 'Percent-encode what is not ASCII.'));
  }
  const problem = checkHost(headers, target) ?? checkFraming(headers, method) ?? checkOptions(headers);
  if (problem) return refusal(problem);
  const length = headers.get('content-length')?.[0];
  const framing = headers.has('transfer-encoding') ? 'chunked' : length === undefined ? 'none' : 'length';
  return { ...target, method, framing, length: Number(length ?? 0) };
};

import type { KmError } from '../errors.ts';
import type { Fetch, FetchResponse } from '../fetch.ts';
import type { Secret } from '../secret.ts';
import { rateLimited, unavailable } from './errors.ts';
import { rateLimitDelay, retryAfterDelay } from './rate-limit.ts';
import { bearerHeader } from './token-shape.ts';

/** The world that the GitHub room runs in; nothing in it reads the global clock, `fetch` or randomness. */
export interface GitHubTransport {
  /** REST base without a slash at its end, as `https://api.github.com`. */
  readonly apiUrl: string;
  readonly fetch: Fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** From 0 up to 1, for the jitter. */
  readonly random: () => number;
  /** Longest time for one attempt, in milliseconds; default 10,000. */
  readonly attemptTimeoutMs?: number;
}

export interface GitHubRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the REST base, with a slash at its start. Whoever puts a name into it encodes it. */
  readonly path: string;
  /** An app JWT or an installation token; none for the few requests that GitHub answers anyone. */
  readonly credential?: Secret;
  readonly body?: unknown;
  /** Milliseconds since the epoch, by the transport's clock; no attempt and no wait goes past it. */
  readonly deadline: number;
}

export interface GitHubResponse {
  readonly status: number;
  readonly headers: FetchResponse['headers'];
  /** The parsed JSON, or `undefined` when it is none. A mint's body holds the token: never log it. */
  readonly body: unknown;
  /** GitHub's `message`, on one line and short, or the status; safe to show. */
  readonly message: string;
  /** GitHub's clock, in milliseconds since the epoch, when the `Date` header has it. */
  readonly date: number | undefined;
}

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;
const ATTEMPT_TIMEOUT_MS = 10_000;

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const messageOf = (body: unknown, status: number): string => {
  const message = (body as { message?: unknown } | null | undefined)?.message;
  if (typeof message !== 'string' || message === '') return `status ${status}`;
  return message.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 300);
};

/** Reads a response; apart from sending, so that it can be tested with a hand-made one. */
export const readResponse = async (
  response: Pick<FetchResponse, 'status' | 'headers' | 'text'>,
): Promise<GitHubResponse> => {
  const body = jsonOf(await response.text());
  const date = Date.parse(response.headers.get('date') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    body,
    message: messageOf(body, response.status),
    date: Number.isNaN(date) ? undefined : date,
  };
};

type Outcome = { readonly response: GitHubResponse } | { readonly failure: unknown };

const attempt = async (transport: GitHubTransport, request: GitHubRequest): Promise<Outcome> => {
  const headers: Record<string, string> = {
    accept: 'application/vnd.github+json',
    ...(request.credential === undefined ? {} : { authorization: bearerHeader(request.credential) }),
    'user-agent': 'km',
    'x-github-api-version': '2022-11-28',
  };
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  const patience = Math.min(
    transport.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS,
    request.deadline - transport.now(),
  );
  try {
    const response = await transport.fetch(`${transport.apiUrl}${request.path}`, {
      method: request.method,
      headers,
      // A redirect would carry the credential to wherever it points.
      redirect: 'manual',
      signal: AbortSignal.timeout(Math.max(1, patience)),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    return { response: await readResponse(response) };
  } catch (failure) {
    return { failure };
  }
};

const reasonOf = (failure: unknown): string => {
  if (!(failure instanceof Error)) return 'the request failed';
  if (failure.name === 'TimeoutError') return 'no answer in time';
  const code = (failure.cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? `the connection failed (${code})` : 'the connection failed';
};

interface Verdict {
  readonly waitMs: number;
  readonly error: KmError;
}

/** What to do about a response: nothing (it is final), or wait and try again, with the error for when that cannot be. */
const verdictOn = (
  response: GitHubResponse,
  backoff: number,
  transport: GitHubTransport,
): Verdict | undefined => {
  const limited = rateLimitDelay(response, transport.now());
  if (limited !== undefined) return { waitMs: limited + backoff, error: rateLimited(limited) };
  if (response.status >= 500) {
    const asked = retryAfterDelay(response, transport.now());
    const error = unavailable(response.message, undefined, asked);
    return { waitMs: Math.max(asked ?? 0, backoff), error };
  }
  return undefined;
};

/**
 * Sends one request and returns GitHub's answer, whatever its status below 500 is.
 *
 * Connection failures, timeouts, 5xx and rate limits are tried again, four attempts in all, with exponential back-off
 * and jitter or for as long as GitHub asks, but never past the deadline. Redirects are not followed:
 * a 3xx is the answer.
 *
 * @throws {KmError} `ErrGitHubRateLimited`, `ErrGitHubUnavailable`, or `ErrGitHubUnexpectedAnswer` for a credential
 * that is not one line of token characters.
 */
export const sendRequest = async (
  transport: GitHubTransport,
  request: GitHubRequest,
): Promise<GitHubResponse> => {
  if (request.credential !== undefined) bearerHeader(request.credential);
  if (transport.now() >= request.deadline) throw unavailable('no time is left to ask it');
  for (let tried = 0; ; tried += 1) {
    const backoff = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** tried) * (0.5 + transport.random() / 2);
    const outcome = await attempt(transport, request);
    let verdict: Verdict;
    if ('failure' in outcome) {
      verdict = { waitMs: backoff, error: unavailable(reasonOf(outcome.failure), outcome.failure) };
    } else {
      const mendable = verdictOn(outcome.response, backoff, transport);
      if (mendable === undefined) return outcome.response;
      verdict = mendable;
    }
    if (tried + 1 >= ATTEMPTS || transport.now() + verdict.waitMs >= request.deadline) throw verdict.error;
    await transport.sleep(verdict.waitMs);
  }
};

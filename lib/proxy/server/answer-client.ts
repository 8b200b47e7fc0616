import type { IncomingMessage } from 'node:http';
import type { Admission, Refusal } from '../decision.ts';
import { answeredHeaders } from '../head/answered-headers.ts';
import type { GitHubSurfaces } from '../hosts/github-surfaces.ts';
import { takeSignedUrls } from '../lfs/take-signed-urls.ts';
import type { Exchange } from './exchange.ts';
import { passOn } from './forward.ts';
import type { LfsOperation } from './inspect-body.ts';
import { onlyAllowedRepositories, wholeAnswer } from './rewritten-answer.ts';
import type { SignedUrls } from './signed-urls.ts';

/** What GitHub asks for when a token is refused is none of the client's business where it has none. */
const CHALLENGE: ReadonlySet<string> = new Set(['www-authenticate']);
const NOTHING: ReadonlySet<string> = new Set();
const OF_THE_WHOLE: ReadonlySet<string> = new Set([
  'content-length',
  'content-encoding',
  'content-md5',
  'etag',
]);

const NOT_WHOLE: Refusal = {
  allowed: false,
  rule: 'upstream',
  status: 502,
  reason: '[km] GitHub answered with a part of what has to be looked into as a whole.',
  remedy: 'Ask for the whole, without a Range.',
};

export interface AnswerOptions {
  readonly surfaces: GitHubSurfaces;
  readonly signedUrls: SignedUrls;
  /** Whether the proxy puts the credential on. */
  readonly injects: boolean;
  /** Of an LFS batch. */
  readonly operation?: LfsOperation | undefined;
  readonly now: () => number;
}

/** Where a storage host is named in an answer to an allowed request, that very URL is let through from now on. */
const rememberRedirect = (
  { host }: Exchange,
  { repo }: Admission,
  location: string | undefined,
  { surfaces, signedUrls }: AnswerOptions,
): void => {
  if (location === undefined || !URL.canParse(location, `https://${host}`)) return;
  const url = new URL(location, `https://${host}`);
  if (surfaces.match(url.host, url.pathname)?.surface !== 'storage') return;
  signedUrls.add({ method: 'GET', url: url.href, headers: {} }, repo);
};

/** A batch's answer without the credentials of its URLs, which are let through from now on; or why it cannot be given. */
const batchAnswer = (
  { repo }: Admission,
  whole: Buffer,
  { surfaces, signedUrls, operation = 'download', now }: AnswerOptions,
): Buffer | Refusal => {
  const isAllowedHost = (host: string): boolean => surfaces.match(host, '/') !== undefined;
  const taken = takeSignedUrls(whole, { operation, isAllowedHost, now: now() });
  if ('allowed' in taken) return taken;
  for (const url of taken.urls) signedUrls.add(url, repo);
  return taken.body;
};

/**
 * Passes GitHub's answer on to the client: as it comes, or cut down to what the policy names. Rejects when either side
 * goes away within it, or when an answer that has to be looked into cannot be.
 */
export const answerClient = async (
  exchange: Exchange,
  admission: Admission,
  answer: IncomingMessage,
  options: AnswerOptions,
): Promise<void> => {
  rememberRedirect(exchange, admission, answer.headers.location, options);
  const status = answer.statusCode ?? 0;
  const isRewritten = admission.answer !== 'pass' && status >= 200 && status < 300;
  if (isRewritten && status !== 200) {
    answer.resume();
    return exchange.refuse(NOT_WHOLE);
  }
  if (!isRewritten) return passOn(exchange, answer, options.injects ? CHALLENGE : NOTHING);
  // The length and the tag of what is not shown would tell of it.
  if (exchange.method === 'HEAD') return passOn(exchange, answer, OF_THE_WHOLE);
  const whole = await wholeAnswer(answer);
  const isBatch = admission.answer === 'lfs-batch';
  const body = isBatch
    ? batchAnswer(admission, whole, options)
    : onlyAllowedRepositories(whole, exchange.policy);
  if ('allowed' in body) return exchange.refuse(body);
  const headers = answeredHeaders(answer.rawHeaders).filter(([name]) => !OF_THE_WHOLE.has(name));
  exchange.countReceived(body.length);
  exchange.response.writeHead(200, [...headers, ['content-length', String(body.length)]].flat());
  exchange.response.end(body);
};

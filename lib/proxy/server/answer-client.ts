import type { IncomingMessage } from 'node:http';
import type { Admission, Refusal } from '../decision.ts';
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
  if (admission.answer === 'pass' || answer.statusCode !== 200)
    return passOn(exchange, answer, options.injects ? CHALLENGE : NOTHING);
  const whole = await wholeAnswer(answer);
  const isBatch = admission.answer === 'lfs-batch';
  const body = isBatch
    ? batchAnswer(admission, whole, options)
    : onlyAllowedRepositories(whole, exchange.policy);
  if ('allowed' in body) return exchange.refuse(body);
  const { 'content-type': type = 'application/json' } = answer.headers;
  exchange.countReceived(body.length);
  exchange.response.writeHead(200, { 'content-type': type, 'content-length': body.length });
  exchange.response.end(exchange.method === 'HEAD' ? undefined : body);
};

import type { IncomingMessage } from 'node:http';
import type { Admission, Decision, Refusal, Surface } from '../decision.ts';
import type { GitHubLookups } from '../github-lookups.ts';
import type { GitHubSurfaces } from '../hosts/github-surfaces.ts';
import { allowsRepo, type ProxyPolicy, permits } from '../proxy-policy.ts';
import { decideRequest } from '../request/decide-request.ts';
import { answerClient } from './answer-client.ts';
import { credentialFor } from './credential.ts';
import type { Exchange } from './exchange.ts';
import { lost, mayHaveArrived, type Outgoing, send, undecidable, unreachable } from './forward.ts';
import { type Admitted, asItComes, inspectBody, type LfsOperation } from './inspect-body.ts';
import type { SignedUrls } from './signed-urls.ts';
import type { TokenHolder } from './token-holder.ts';
import type { Upstream } from './upstream.ts';

export interface HandlerOptions {
  readonly surfaces: GitHubSurfaces;
  readonly upstream: Upstream;
  readonly lookups: GitHubLookups;
  readonly signedUrls: SignedUrls;
  readonly tokens: TokenHolder | undefined;
  readonly inject: boolean;
  readonly now: () => number;
}

const notReached = (id: string): Refusal => ({
  allowed: false,
  rule: 'repo',
  status: 403,
  reason: `[km] Repository ${id} is not one that the sandbox's tokens reach.`,
  remedy: 'Name the repo by owner and name, as the profile does.',
});

const REFUSED_TOKEN: Refusal = {
  allowed: false,
  rule: 'token',
  status: 502,
  reason: "[km] GitHub did not accept the sandbox's token.",
  remedy: '`km refresh` gives it another; `km doctor` says what is wrong.',
};

const signed = (repo: string | undefined): Admission => ({
  allowed: true,
  rule: 'signed-url',
  surface: 'storage',
  ...(repo === undefined ? {} : { repo }),
  inspect: { kind: 'none' },
  answer: 'pass',
});

/** Whether what was handed out under an earlier policy may still be used under this one. */
const isStillAllowed = (policy: ProxyPolicy, method: string, repo: string | undefined): boolean => {
  const isUpload = method !== 'GET' && method !== 'HEAD';
  const isNamed = repo === undefined ? policy.allowedRepos.length > 0 : allowsRepo(policy, repo);
  return isNamed && (!isUpload || permits(policy, 'contents', 'write'));
};

/** Decides a request whose head was found well, and forwards it or says why not. Never rejects. */
export const handleRequest = async (exchange: Exchange, options: HandlerOptions): Promise<void> => {
  try {
    await (forwardHeld(exchange, options) ?? decideAndForward(exchange, options));
  } catch (error) {
    exchange.refuse(undecidable(error), { isLast: true });
  }
};

/** A URL that the proxy itself handed out needs no other decision, and gets no token. */
const forwardHeld = (exchange: Exchange, options: HandlerOptions): Promise<void> | undefined => {
  const { host, target, method, policy } = exchange;
  const held = options.signedUrls.find(method, host, target);
  if (held === undefined || !isStillAllowed(policy, method, held.repo)) return undefined;
  const { headers, repo } = held;
  exchange.admit('signed-url', repo);
  return forward({
    exchange,
    admission: signed(repo),
    outgoing: { host, target, ...bodyOf(asItComes(exchange)), headers },
    options,
  });
};

/** A repository's number is no name: GitHub is asked for it, and the request is decided, and sent, under that. */
const decide = async (
  exchange: Exchange,
  { surfaces, lookups }: HandlerOptions,
): Promise<{ readonly decision: Decision; readonly target: string }> => {
  const { policy, method, host, target } = exchange;
  const decision = decideRequest(policy, surfaces, { method, host, target });
  if (!decision.allowed || decision.inspect.kind !== 'repository-id') return { decision, target };
  const { id } = decision.inspect;
  const name = await lookups.repositoryName(id);
  if (name === undefined) return { decision: notReached(id), target };
  const renamed = target.replace(`/repositories/${id}`, `/repos/${name}`);
  return { decision: decideRequest(policy, surfaces, { method, host, target: renamed }), target: renamed };
};

const decideAndForward = async (exchange: Exchange, options: HandlerOptions): Promise<void> => {
  const { decision, target } = await decide(exchange, options);
  if (!decision.allowed) return exchange.refuse(decision);
  exchange.admit(decision.rule, decision.repo);
  const found = await inspectBody(exchange, decision, options.lookups);
  if (found === 'answered') return;
  if (!found.allowed) return exchange.refuse(found);

  const { operation, owner = decision.repo?.split('/')[0] } = found;
  const authorization = await authorize(exchange, { surface: decision.surface, owner }, options);
  if ('allowed' in authorization) return exchange.refuse(authorization);
  const headers = headersOf(decision, found, authorization.headers);
  const outgoing = { host: exchange.host, target, ...bodyOf(found), headers };
  await forward({ exchange, admission: decision, outgoing, options, operation, owner });
};

const bodyOf = ({ body }: Admitted): Pick<Outgoing, 'body'> => (body === undefined ? {} : { body });

const headersOf = (
  { answer }: Admission,
  found: Admitted,
  authorization: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({
  ...found.headers,
  ...authorization,
  // An answer that is looked into has to come as it is.
  ...(answer === 'pass' ? {} : { 'accept-encoding': 'identity' }),
});

const authorize = async (
  { request }: Exchange,
  { surface, owner }: { readonly surface: Surface; readonly owner: string | undefined },
  { inject, tokens }: HandlerOptions,
): Promise<{ readonly headers: Readonly<Record<string, string>> } | Refusal> => {
  const given = request.headers.authorization;
  const credential = await credentialFor({ inject, tokens, surface, owner, given });
  if (credential === undefined) return { headers: {} };
  return 'allowed' in credential ? credential : { headers: { authorization: credential.value } };
};

interface Forwarding {
  readonly exchange: Exchange;
  readonly admission: Admission;
  readonly outgoing: Outgoing;
  readonly options: HandlerOptions;
  readonly operation?: LfsOperation | undefined;
  /** Whose token is on it; absent: that of the first owner. */
  readonly owner?: string | undefined;
  /** The token is a second one: there is no third. */
  readonly isRetry?: boolean;
}

const forward = async (forwarding: Forwarding): Promise<void> => {
  const { exchange, admission, outgoing, options, operation } = forwarding;
  // What a client did not wait for would be missing in its line of the audit log.
  if (exchange.isOver) return;
  let answer: IncomingMessage;
  try {
    answer = await send(exchange, options.upstream, outgoing);
  } catch (error) {
    // The audit log must not say of what may be done that it was denied.
    if (mayHaveArrived(error)) return exchange.lose(lost(outgoing.host, error));
    return exchange.refuse(unreachable(outgoing.host, error), { isLast: true });
  }
  const injects = options.inject && options.tokens !== undefined;
  if (answer.statusCode === 401 && injects && admission.rule !== 'signed-url') {
    answer.resume();
    return withAnotherToken(forwarding);
  }
  try {
    await answerClient(exchange, admission, answer, { ...options, injects, operation });
  } catch {
    // Either side went away within the answer: the other must not take what it has for the whole.
    answer.destroy();
    exchange.response.destroy();
  }
};

/** A token can be revoked and replaced at any time: what can be sent again is, once, with the one that is there now. */
const withAnotherToken = async (forwarding: Forwarding): Promise<void> => {
  const { exchange, admission, outgoing, options, owner, isRetry } = forwarding;
  const { body } = outgoing;
  const holder = owner ?? options.tokens?.owners()[0];
  if (holder !== undefined) options.tokens?.forget(holder);
  if (isRetry || (body !== undefined && !Buffer.isBuffer(body))) return exchange.refuse(REFUSED_TOKEN);
  const authorization = await authorize(exchange, { surface: admission.surface, owner }, options);
  if ('allowed' in authorization) return exchange.refuse(authorization);
  const headers = { ...outgoing.headers, ...authorization.headers };
  await forward({ ...forwarding, outgoing: { ...outgoing, headers }, isRetry: true });
};

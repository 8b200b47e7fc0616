import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GitHubAddresses } from '../addresses.ts';
import type { Account } from '../directory.ts';
import { GitHubError } from '../github-error.ts';
import type { GitHubState } from '../github-state.ts';
import { router } from '../rest/route.ts';
import { html, page } from './html.ts';
import { installPages } from './install-pages.ts';
import { installationPages } from './installation-pages.ts';
import { newAppPages } from './new-app-pages.ts';
import { Authenticity, notFound, type WebAnswer, type WebPage } from './web-page.ts';

const LONGEST_FORM = 1024 * 1024;

const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => {
  if (!/^application\/x-www-form-urlencoded\b/.test(request.headers['content-type'] ?? ''))
    throw new GitHubError(415, 'Unsupported Media Type');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LONGEST_FORM) throw new GitHubError(413, 'Request Entity Too Large');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
};

const tampered = (): WebAnswer => ({
  status: 422,
  title: 'Your browser did something unexpected',
  body: html`<p>The form does not come from a page of this GitHub. Go back, reload the page and try again.</p>`,
});

const signedOut = (): WebAnswer => ({
  status: 401,
  title: 'Sign in to GitHub',
  body: html`<p>Nobody can sign in: the seed of this local GitHub has no account of type User.</p>`,
});

export interface WebRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As it came, undecoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly now: number;
  readonly addresses: GitHubAddresses;
}

/**
 * The pages that people set Apps up on, for a browser that is signed in as the first user of the seed. Answers false
 * for a path that is none of theirs.
 */
export const webPages = (state: GitHubState): ((request: WebRequest) => Promise<boolean>) => {
  const route = router([...newAppPages, ...installPages(state.appsPath), ...installationPages]);
  const authenticity = new Authenticity();

  const answerOf = async (found: WebPage, options: WebRequest & { params: Record<string, string> }) => {
    const { request, path, query, now, params } = options;
    const url = options.addresses.web;
    const user = userOf(state);
    if (!user) return signedOut();
    const form = request.method === 'POST' ? await readForm(request) : new URLSearchParams();
    if (request.method === 'POST' && !found.open && !authenticity.accepts(path, form)) return tampered();
    const field = (to: string) => authenticity.field(to);
    return found.handle({ state, now, url, user, params, query, form, authenticity: field });
  };

  return async (options) => {
    const { request, response, path } = options;
    const { method = 'GET' } = request;
    const match = route(method === 'HEAD' ? 'GET' : method, path);
    if (!match.route && !match.knownPath) return false;
    const answer = match.route
      ? await answerOf(match.route, { ...options, params: match.params })
      : notFound();
    send(response, answer, userOf(state)?.login);
    return true;
  };
};

const userOf = (state: GitHubState): Account | undefined =>
  state.directory.allAccounts().find(({ type }) => type === 'User');

const send = (response: ServerResponse, answer: WebAnswer, user: string | undefined): void => {
  response.setHeader('cache-control', 'no-store');
  response.setHeader('referrer-policy', 'no-referrer');
  if ('location' in answer) {
    response.writeHead(302, { location: answer.location }).end();
    return;
  }
  const body = page({ title: answer.title, user, body: answer.body }).text;
  response.writeHead(answer.status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    'content-length': Buffer.byteLength(body),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
};

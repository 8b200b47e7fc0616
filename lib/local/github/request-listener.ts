import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { LocalClock } from '../clock.ts';
import { FaultPicker, type GitHubFaultRule } from './faults.ts';
import type { HttpBackend } from './git/http-backend.ts';
import { refuseGit, serveGit } from './git/smart-http.ts';
import { GitHubError } from './github-error.ts';
import type { GitHubState } from './github-state.ts';
import { RateLimits } from './rate-limit.ts';
import { serveRest } from './rest/rest-api.ts';
import { webPages } from './web/serve-web.ts';

const REST = '/api/v3';

export interface RequestListenerOptions {
  readonly state: GitHubState;
  readonly backend: HttpBackend;
  readonly clock: LocalClock;
  /** The server's own base URL. */
  readonly url: string;
  readonly log: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** Every request's way in: the clock, the faults, and then REST under /api/v3, a page, or git. */
export const requestListener = (options: RequestListenerOptions): RequestListener => {
  const { state, backend, clock, log } = options;
  const limits = new RateLimits();
  const picker = new FaultPicker(state.faults);
  const servePage = webPages(state, options.url);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const now = clock.now() + (state.faults().clockSkewMs ?? 0);
    const target = request.url ?? '/';
    const mark = target.indexOf('?');
    const fullPath = mark < 0 ? target : target.slice(0, mark);
    const search = mark < 0 ? '' : target.slice(mark);
    const isRest = fullPath === REST || fullPath.startsWith(`${REST}/`);
    const path = isRest ? fullPath.slice(REST.length) : fullPath;
    response.setHeader('date', new Date(now).toUTCString());
    response.setHeader('server', 'km-local-github');
    response.setHeader('x-github-request-id', randomBytes(10).toString('hex').toUpperCase());
    response.on('close', () =>
      log('github.request', { method: request.method, path: fullPath, status: response.statusCode }),
    );

    const { latencyMs, rule } = picker.pick(request.method ?? 'GET', path, search);
    if (latencyMs > 0) await delay(latencyMs, undefined, { ref: false });
    if (response.destroyed) return;
    if (rule?.reset) {
      request.socket.resetAndDestroy();
      return;
    }
    const query = new URLSearchParams(search);
    const common = { state, request, response, path, query, now };
    if (isRest) return serveRest({ ...common, limits, url: options.url, rule });
    refuseByRule(rule);
    if (await servePage(common)) return;
    await serveGit({ ...common, backend });
  };

  return (request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) {
        response.destroy();
        return;
      }
      if (!(error instanceof GitHubError)) log('github.fault', { error: String(error) });
      const known = error instanceof GitHubError ? error : new GitHubError(500, 'Internal Server Error');
      for (const [name, value] of Object.entries(known.headers)) response.setHeader(name, value);
      refuseGit(response, known.status, known.message);
    });
  };
};

const refuseByRule = (rule: GitHubFaultRule | undefined): void => {
  if (rule?.status !== undefined) throw new GitHubError(rule.status, 'Server Error');
  if (rule?.throttle)
    throw new GitHubError(
      rule.throttle === 'too-many-requests' ? 429 : 403,
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      { headers: { 'retry-after': String(rule.retryAfterSeconds ?? 60) } },
    );
};

import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { LocalClock } from '../clock.ts';
import { type GitHubAddresses, placeOf } from './addresses.ts';
import { serveArchive } from './downloads/serve-archive.ts';
import { serveAsset, serveAssetLink } from './downloads/serve-assets.ts';
import { serveDownloads } from './downloads/serve-downloads.ts';
import { serveMedia, serveRaw } from './downloads/serve-raw.ts';
import { FaultPicker, type GitHubFaultRule } from './faults.ts';
import type { HttpBackend } from './git/http-backend.ts';
import { refuseGit, serveGit } from './git/smart-http.ts';
import { GitHubError } from './github-error.ts';
import type { GitHubState } from './github-state.ts';
import { serveLfs } from './lfs/serve-lfs.ts';
import { serveLfsObject, serveLfsVerify } from './lfs/serve-storage.ts';
import { RateLimits } from './rate-limit.ts';
import { serveRest } from './rest/rest-api.ts';
import { webPages } from './web/serve-web.ts';

export interface RequestListenerOptions {
  readonly state: GitHubState;
  readonly backend: HttpBackend;
  readonly clock: LocalClock;
  /** Where all of it is on the loopback interface. */
  readonly addresses: GitHubAddresses;
  readonly log: (event: string, fields?: Readonly<Record<string, unknown>>) => void;
}

/** What is served at an origin: everything, with REST under /api/v3; or one of the two alone, REST at its root. */
export type Origin = 'everything' | 'web' | 'api';

/** Every request's way in: the clock, the faults, and then REST, a page, or git. The origins share their limits. */
export const requestListeners = (options: RequestListenerOptions): ((origin: Origin) => RequestListener) => {
  const { state, backend, clock, log } = options;
  const limits = new RateLimits();
  const picker = new FaultPicker(state.faults);
  const servePage = webPages(state);

  const handle = async (origin: Origin, request: IncomingMessage, response: ServerResponse) => {
    const now = clock.now() + (state.faults().clockSkewMs ?? 0);
    const target = request.url ?? '/';
    const mark = target.indexOf('?');
    const fullPath = mark < 0 ? target : target.slice(0, mark);
    const search = mark < 0 ? '' : target.slice(mark);
    const own = { surface: origin, addresses: options.addresses };
    const { surface, path, addresses } = placeOf(state.host, request.headers.host ?? '', fullPath, own);
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
    if (rule?.lost) loseAnswer(request, response);
    const query = new URLSearchParams(search);
    const common = { state, request, response, path, query, now, addresses };
    if (surface === 'uploads') return serveRest({ ...common, limits, rule, isUpload: true });
    if (surface === 'api') return serveRest({ ...common, limits, rule });
    refuseByRule(rule);
    if (surface === 'objects') return serveLfsObject(common);
    if (surface === 'lfs') return serveLfsVerify(common);
    if (surface === 'assets') return serveAsset(common);
    if (surface === 'codeload') return serveArchive(common);
    if (surface === 'raw') return serveRaw(common);
    if (surface === 'media') return serveMedia(common);
    if (surface !== 'everything' && surface !== 'web') throw new GitHubError(404, 'Not Found');
    if (await servePage(common)) return;
    if ((await serveLfs(common)) || serveAssetLink(common) || (await serveDownloads(common))) return;
    await serveGit({ ...common, backend });
  };

  return (origin) => (request, response) => {
    handle(origin, request, response).catch((error: unknown) => {
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

/** Cuts the connection where the answer would be sent. */
const loseAnswer = (request: IncomingMessage, response: ServerResponse): void => {
  response.write = () => true;
  response.end = () => {
    request.socket.resetAndDestroy();
    return response;
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

import type { Refusal } from '../decision.ts';
import { type Fields, readJsonObject, refuseBody } from '../rest/json-body.ts';
import type { SignedUrl } from './signed-url.ts';

export interface TakeSignedUrlsOptions {
  /** What was asked for: nothing else is taken from the answer. */
  readonly operation: 'upload' | 'download';
  /** Whether a URL may lead there: a name in lower case, with the port only where it is not the scheme's own. */
  readonly isAllowedHost: (host: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const ACTIONS = {
  download: { download: 'GET' },
  upload: { upload: 'PUT', verify: 'POST' },
} as const;

/** What the client itself goes by; everything else that GitHub wants on the request, the proxy puts on. */
const LEFT_TO_CLIENT = new Set(['content-type', 'transfer-encoding']);
/** What belongs to the proxy's own connection. */
const DROPPED = new Set([
  'host',
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const HEADER_VALUE = /^[\x20-\x7e]*$/;
const MOST_SECONDS = 2 ** 31 - 1;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const headersOf = (action: Fields): Record<string, string> | undefined => {
  const { header } = action;
  if (header === undefined || header === null) return {};
  if (!isObject(header)) return undefined;
  const entries = Object.entries(header).map(([name, value]) => [name.toLowerCase(), value] as const);
  const isSound = entries.every(
    ([name, value]) => HEADER_NAME.test(name) && typeof value === 'string' && HEADER_VALUE.test(value),
  );
  const isUnique = new Set(entries.map(([name]) => name)).size === entries.length;
  return isSound && isUnique ? (Object.fromEntries(entries) as Record<string, string>) : undefined;
};

const urlOf = (action: Fields, isAllowedHost: (host: string) => boolean): URL | undefined => {
  const { href } = action;
  if (typeof href !== 'string' || !/^[\x21-\x7e]+$/.test(href) || !URL.canParse(href)) return undefined;
  const url = new URL(href);
  const isPlain = url.protocol === 'http:' && url.hostname === '127.0.0.1';
  if (url.protocol !== 'https:' && !isPlain) return undefined;
  if (url.username || url.password || href.includes('#')) return undefined;
  return isAllowedHost(url.host) ? url : undefined;
};

const expiryOf = ({ expires_in: seconds, expires_at: at }: Fields, now: number): number | undefined => {
  if (typeof seconds === 'number' && seconds !== 0) return now + Math.min(seconds, MOST_SECONDS) * 1000;
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  // Some servers write the year 1 for 'not said'.
  return Number.isNaN(time) || time <= 0 ? undefined : time;
};

interface Taken {
  readonly action: Fields;
  readonly url: SignedUrl;
}

const takeAction = (
  action: unknown,
  method: SignedUrl['method'],
  options: TakeSignedUrlsOptions,
): Taken | undefined => {
  if (!isObject(action)) return undefined;
  const url = urlOf(action, options.isAllowedHost);
  const headers = headersOf(action);
  if (!url || !headers) return undefined;
  const expiresAt = expiryOf(action, options.now);
  const some = (isWanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => isWanted(name)));
  const { expires_in: seconds, expires_at: at } = action;
  return {
    action: {
      href: url.href,
      header: some((name) => LEFT_TO_CLIENT.has(name)),
      ...(typeof seconds === 'number' ? { expires_in: seconds } : {}),
      ...(typeof at === 'string' ? { expires_at: at } : {}),
    },
    url: {
      method,
      url: url.href,
      headers: some((name) => !DROPPED.has(name)),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    },
  };
};

/** What git-lfs shows for an object that cannot be had. */
const refusedObject = (object: Fields): Fields => ({
  oid: object.oid,
  size: object.size,
  error: {
    code: 403,
    message: '[km] GitHub answered with an address for this object that is not one of its storage hosts',
  },
});

const takeObject = (
  object: Fields,
  options: TakeSignedUrlsOptions,
): { readonly object: Fields; readonly urls: readonly SignedUrl[] } => {
  const { oid, size, error, actions } = object;
  const named = { oid, size, ...(isObject(error) ? { error } : {}) };
  if (!isObject(actions)) return { object: named, urls: [] };
  const methods: Readonly<Record<string, SignedUrl['method']>> = ACTIONS[options.operation];
  const taken: Record<string, Fields> = {};
  const urls: SignedUrl[] = [];
  for (const [name, method] of Object.entries(methods)) {
    if (actions[name] === undefined || actions[name] === null) continue;
    const found = takeAction(actions[name], method, options);
    if (!found) return { object: refusedObject(object), urls: [] };
    taken[name] = found.action;
    urls.push(found.url);
  }
  // Authenticated: nothing is asked of the client, the proxy puts on what is needed.
  return { object: { ...named, authenticated: true, actions: taken }, urls };
};

/**
 * Takes the URLs out of GitHub's answer to an LFS batch, with the credentials that are wanted on their requests, which
 * the answer written for the client does without. An object whose URL leads elsewhere than to `isAllowedHost`, or not
 * over https, becomes an error of that object. Refuses an answer that is none for the basic transfer.
 *
 * {@link https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md#successful-responses}
 */
export const takeSignedUrls = (
  answer: Buffer,
  options: TakeSignedUrlsOptions,
): Refusal | { readonly body: Buffer; readonly urls: readonly SignedUrl[] } => {
  const read = readJsonObject(answer);
  const fields: Fields = 'fields' in read ? read.fields : {};
  const { transfer, objects } = fields;
  const isBasic = transfer === undefined || transfer === null || transfer === '' || transfer === 'basic';
  if (!isBasic || !Array.isArray(objects) || !objects.every(isObject)) {
    return refuseBody(
      'GitHub answered the LFS batch with what is no answer for the basic transfer.',
      'Try again.',
      {
        rule: 'upstream',
        status: 502,
      },
    );
  }
  const taken = objects.map((object) => takeObject(object, options));
  return {
    body: Buffer.from(JSON.stringify({ transfer: 'basic', objects: taken.map(({ object }) => object) })),
    urls: taken.flatMap(({ urls }) => urls),
  };
};

import type { SignedUrl } from '../lfs/signed-url.ts';

/** A URL that the proxy handed out, and what it puts on the request for it. */
export interface HeldUrl {
  readonly headers: Readonly<Record<string, string>>;
  /** The repo in whose answer it stood: `owner/name`, lower case. */
  readonly repo: string | undefined;
}

interface Entry extends HeldUrl {
  readonly until: number;
}

/** As long as GitHub lets its own live at most; it judges them itself. Milliseconds. */
const LIFETIME_MS = 60 * 60_000;
/** An LFS batch has at most a hundred objects of two URLs each. */
const MOST = 20_000;

const keyOf = (method: string, host: string, target: string): string =>
  `${method === 'HEAD' ? 'GET' : method} ${host}${target}`;

/**
 * The signed URLs of storage hosts that stood in answers to allowed requests: key is method, host and target, they live
 * for an hour or as long as GitHub said, and the oldest go when there are too many. A storage host takes anybody's
 * signed URL, and the URL alone does not tell the repo: so only these are let through.
 */
export class SignedUrls {
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(now: () => number) {
    this.#now = now;
  }

  add({ method, url, headers, expiresAt }: SignedUrl, repo: string | undefined): void {
    const { host, pathname, search } = new URL(url);
    const key = keyOf(method, host, `${pathname}${search}`);
    const until = Math.min(expiresAt ?? Number.POSITIVE_INFINITY, this.#now() + LIFETIME_MS);
    this.#entries.delete(key);
    this.#entries.set(key, { headers, repo, until });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= MOST) return;
      this.#entries.delete(oldest);
    }
  }

  find(method: string, host: string, target: string): HeldUrl | undefined {
    const key = keyOf(method, host, target);
    const entry = this.#entries.get(key);
    if (entry && entry.until <= this.#now()) this.#entries.delete(key);
    return entry && entry.until > this.#now() ? entry : undefined;
  }
}

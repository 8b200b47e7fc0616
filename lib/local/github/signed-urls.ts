import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface SignOptions {
  /** The base of the URL. */
  readonly base: string;
  /** What follows the base; with a slash, and without a query. */
  readonly path: string;
  readonly method: 'GET' | 'PUT' | 'POST';
  /** Milliseconds on GitHub's clock. */
  readonly now: number;
  readonly seconds: number;
  /** One parameter, `token`, as GitHub signs files and archives; the storage behind it has several. */
  readonly asToken?: boolean;
}

export interface SignedUrl {
  readonly href: string;
  /** A credential for this URL alone, where the URL by itself shall not be enough. */
  readonly authorization: string;
  /** Milliseconds on GitHub's clock. */
  readonly expiresAt: number;
}

/** Short-lived URLs that carry their own permission, bound to method and path. A restart ends them all. */
export class SignedUrls {
  readonly #secret = randomBytes(32);

  sign({ base, path, method, now, seconds, asToken = false }: SignOptions): SignedUrl {
    const expires = Math.floor(now / 1000) + seconds;
    const subject = `${method} ${path} ${expires}`;
    const signature = this.#seal('url', subject).toString('hex');
    const query = asToken ? `token=${expires}-${signature}` : `expires=${expires}&signature=${signature}`;
    return {
      href: `${base}${path}?${query}`,
      authorization: `RemoteAuth ${this.#seal('header', subject).toString('base64url')}`,
      expiresAt: expires * 1000,
    };
  }

  /** Whether the URL was signed for this, and has not expired; with `authorization`, whether that came with it. */
  isSigned(
    request: {
      readonly method: string;
      readonly path: string;
      readonly query: URLSearchParams;
      readonly now: number;
    },
    authorization?: { readonly header: string | undefined },
  ): boolean {
    const [inToken, ofToken] = (request.query.get('token') ?? '').split('-');
    const expires = request.query.get('expires') ?? inToken ?? '';
    if (!/^\d{1,12}$/.test(expires) || Number(expires) * 1000 <= request.now) return false;
    const subject = `${request.method} ${request.path} ${expires}`;
    const signature = Buffer.from(request.query.get('signature') ?? ofToken ?? '', 'hex');
    if (!isSame(signature, this.#seal('url', subject))) return false;
    if (!authorization) return true;
    const [, given = ''] = /^RemoteAuth ([\w-]+)$/.exec(authorization.header ?? '') ?? [];
    return isSame(Buffer.from(given, 'base64url'), this.#seal('header', subject));
  }

  #seal(kind: 'url' | 'header', subject: string): Buffer {
    return createHmac('sha256', this.#secret).update(`${kind} ${subject}`).digest();
  }
}

const isSame = (given: Buffer, wanted: Buffer): boolean =>
  given.length === wanted.length && timingSafeEqual(given, wanted);

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Account } from '../directory.ts';
import type { GitHubState } from '../github-state.ts';
import { type Html, html } from './html.ts';

/** One request of a browser on its way through a page. */
export interface WebContext {
  readonly state: GitHubState;
  /** Milliseconds on GitHub's clock. */
  readonly now: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Who is signed in: the first user of the seed. */
  readonly user: Account;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The fields of the form that was posted; empty otherwise. */
  readonly form: URLSearchParams;
  /** The hidden field without which a form that is posted to `path` is refused. */
  authenticity(path: string): Html;
}

/** What a browser gets: a page, or another address. */
export type WebAnswer =
  | { readonly status: number; readonly title: string; readonly body: Html }
  | { readonly location: string };

export interface WebPage {
  readonly method: 'GET' | 'POST';
  readonly pattern: string;
  /** A form of another site may be posted here: it only shows a page. */
  readonly open?: boolean;
  handle(context: WebContext): WebAnswer | Promise<WebAnswer>;
}

/** A page that says that there is none. */
export const notFound = (): WebAnswer => ({
  status: 404,
  title: 'Page not found',
  body: html`<p>This is not the web page you are looking for.</p>`,
});

const FIELD = 'authenticity_token';

/** Ties a form to the page that showed it, so that no other site can post it. Forgotten with the process. */
export class Authenticity {
  readonly #secret = randomBytes(32);

  field(path: string): Html {
    return html`<input type="hidden" name="${FIELD}" value="${this.#sign(path).toString('base64url')}">`;
  }

  accepts(path: string, form: URLSearchParams): boolean {
    const given = Buffer.from(form.get(FIELD) ?? '', 'base64url');
    const wanted = this.#sign(path);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  #sign(path: string): Buffer {
    return createHmac('sha256', this.#secret).update(path).digest();
  }
}

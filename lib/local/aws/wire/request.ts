import type { IncomingHttpHeaders } from 'node:http';

/** One HTTP request, read whole and not yet trusted. */
export interface WireRequest {
  readonly method: string;
  /** As it came, percent-encoded, with the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Path (as it came) and query of a request. Never throws: not every target that a client can send is a URL. */
export const urlParts = ({ url }: Pick<WireRequest, 'url'>): { path: string; query: URLSearchParams } => {
  const mark = url.indexOf('?');
  return mark < 0
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark)) };
};

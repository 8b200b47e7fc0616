/** A request as km sends it. */
export interface FetchInit {
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Never followed: a redirect would carry the credential to wherever it points. */
  readonly redirect: 'manual';
  readonly signal: AbortSignal;
}

/** As much of a `Response` as km reads. */
export interface FetchResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: Pick<Headers, 'get' | 'has'>;
  readonly text: () => Promise<string>;
}

/** As much of `fetch` as km uses, so that the refresher can have one that costs less: docs/decisions/one-http-client.md. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** One request that a test expects, and what answers it. */
export interface Exchange {
  /** Method and path below the REST base: `GET /app/installations/1`. */
  readonly request: string;
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Fails the connection with this in place of answering. */
  readonly failure?: Error;
  /** A further look at the request; throws when it is not right. */
  readonly check?: (request: SentRequest) => void;
}

export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly redirect: string | undefined;
}

export interface ScriptedFetch {
  readonly fetch: typeof globalThis.fetch;
  readonly sent: readonly SentRequest[];
  /** Throws when a request came that the script does not have, or one of the script never came. */
  readonly finish: () => void;
}

const sentRequest = (base: string, input: unknown, init: RequestInit = {}): SentRequest => {
  const url = String(input);
  return {
    method: init.method ?? 'GET',
    path: url.startsWith(base) ? url.slice(base.length) : url,
    url,
    headers: new Headers(init.headers),
    body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
    redirect: init.redirect,
  };
};

/**
 * A `fetch` that knows its whole script: the exchanges for one request are used in their order, requests in any.
 * An unexpected request is answered 599, and `finish` tells of it.
 */
export const scriptedFetch = (base: string, script: readonly Exchange[]): ScriptedFetch => {
  const left = [...script];
  const sent: SentRequest[] = [];
  const complaints: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = sentRequest(base, input, init);
    sent.push(request);
    const name = `${request.method} ${request.path}`;
    const index = left.findIndex((exchange) => exchange.request === name);
    const [exchange] = index < 0 ? [] : left.splice(index, 1);
    if (exchange === undefined) {
      complaints.push(`unexpected ${name}`);
      return new Response('{}', { status: 599 });
    }
    try {
      exchange.check?.(request);
    } catch (error) {
      complaints.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (exchange.failure) throw exchange.failure;
    const status = exchange.status ?? 200;
    const body = status === 204 ? null : JSON.stringify(exchange.body ?? {});
    return new Response(body, { status, headers: { ...exchange.headers } });
  };
  const finish = (): void => {
    complaints.push(...left.map((exchange) => `never came: ${exchange.request}`));
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  };
  return { fetch, sent, finish };
};

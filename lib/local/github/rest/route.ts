import type { GitHubAddresses } from '../addresses.ts';
import type { Principal } from '../authenticate.ts';
import type { GitHubState } from '../github-state.ts';

/** One REST request on its way through a route. */
export interface RestContext {
  readonly state: GitHubState;
  /** Milliseconds on GitHub's clock. */
  readonly now: number;
  /** `http://127.0.0.1:PORT/api/v3`, or an origin of its own. */
  readonly apiUrl: string;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Of every part, REST and pages included. */
  readonly addresses: GitHubAddresses;
  readonly principal: Principal;
  /** The decoded path parameters of the route's pattern. */
  readonly params: Readonly<Record<string, string>>;
  /** The path without its query, for Link headers. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The JSON body; empty without one. Throws 400 'Problems parsing JSON'. */
  body(): Promise<Readonly<Record<string, unknown>>>;
  /** The body as it comes, where it is no JSON. */
  readonly content: AsyncIterable<Buffer>;
  /** How much of the primary limit is used, for /rate_limit. */
  readonly usage: {
    readonly limit: number;
    readonly used: number;
    readonly remaining: number;
    readonly reset: number;
  };
}

export interface Reply {
  readonly status: number;
  /** JSON; absent on 204. */
  readonly body?: unknown;
  /** In place of JSON. */
  readonly content?: { readonly type: string; readonly bytes: Buffer };
  readonly headers?: Readonly<Record<string, string>>;
}

/** Who may call a route: the App by its JWT, an installation by its token, or anyone. */
export type RouteAuth = 'app' | 'installation' | 'anyone';

export interface Route {
  readonly method: string;
  /** `/repos/{owner}/{repo}`; `{name*}` takes the rest of the path, slashes and all. */
  readonly pattern: string;
  readonly auth: RouteAuth;
  /** Whether it counts against the rate limit; it does unless this says false. */
  readonly counted?: boolean;
  handle(context: RestContext): Reply | Promise<Reply>;
}

interface Routable {
  readonly method: string;
  readonly pattern: string;
}

interface Compiled<R extends Routable> {
  readonly route: R;
  readonly expression: RegExp;
  readonly names: readonly string[];
}

const compile = <R extends Routable>(route: R): Compiled<R> => {
  const names: string[] = [];
  const source = route.pattern.replaceAll(/\{(\w+)(\*?)\}/g, (_all, name: string, rest: string) => {
    names.push(name);
    return rest ? '(.*)' : '([^/]+)';
  });
  return { route, names, expression: new RegExp(`^${source}$`) };
};

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

export type Match<R extends Routable> =
  | { readonly route: R; readonly params: Readonly<Record<string, string>> }
  /** The path is known, but not with this method; or it is not known at all. */
  | { readonly route: undefined; readonly knownPath: boolean };

/** Finds the route of a method and an undecoded path. */
export const router = <R extends Routable>(
  routes: readonly R[],
): ((method: string, path: string) => Match<R>) => {
  const compiled = routes.map((route) => compile(route));
  return (method, path) => {
    let knownPath = false;
    for (const { route, expression, names } of compiled) {
      const found = expression.exec(path);
      if (!found) continue;
      knownPath = true;
      if (route.method !== method) continue;
      const values = found.slice(1).map(decode);
      if (values.includes(undefined)) continue;
      return { route, params: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) };
    }
    return { route: undefined, knownPath };
  };
};

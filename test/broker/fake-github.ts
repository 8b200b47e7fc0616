import { API } from '../github/frozen-world.ts';
import { appBody, installationBody } from '../github/test-app.ts';

export interface FakeAccount {
  readonly id: number;
  readonly repos: readonly string[];
  readonly type?: 'users' | 'orgs';
  readonly permissions?: Readonly<Record<string, string>>;
  readonly suspended?: boolean;
}

export interface FakeGitHub {
  readonly fetch: typeof globalThis.fetch;
  /** `METHOD /path` of every request. */
  readonly requests: string[];
  /** Bodies of the mints, in their order. */
  readonly mints: {
    readonly installation: number;
    readonly repositories?: readonly string[];
    readonly permissions?: unknown;
  }[];
  /** Every token ever minted. */
  readonly minted: string[];
  /** Those that still work. */
  readonly alive: Set<string>;
  /** How far its clock is ahead of the world's, in milliseconds. */
  aheadMs: number;
  /** Answers in GitHub's place, when it answers at all. */
  intercept: (request: { readonly name: string; readonly authorization: string }) => Response | undefined;
}

const json = (status: number, body: unknown): Response =>
  new Response(status === 204 ? null : JSON.stringify(body), { status });
const NOT_FOUND = { message: 'Not Found' };
const NOT_ACCESSIBLE = { message: 'Resource not accessible by integration' };

/** One page of a list, with the link to the next. */
const pageOf = (name: string, all: readonly unknown[]): Response => {
  const query = new URLSearchParams(name.split('?')[1]);
  const [size, page] = [Number(query.get('per_page') ?? 30), Number(query.get('page') ?? 1)];
  const more = page * size < all.length;
  const headers = more ? { link: `<${API}/app/installations?page=${page + 1}>; rel="next"` } : undefined;
  return Response.json(all.slice((page - 1) * size, page * size), headers && { headers });
};

/** A small GitHub with state: who has installed the App, and which tokens are alive. */
export const fakeGitHub = (
  accounts: Readonly<Record<string, FakeAccount>>,
  now: () => number,
): FakeGitHub => {
  const entries = Object.entries(accounts);
  const bodyOf = ([login, account]: (typeof entries)[number]) =>
    installationBody(account.id, login, {
      permissions: account.permissions ?? { contents: 'write', metadata: 'read' },
      suspended_at: account.suspended ? '2026-11-01T00:00:00Z' : null,
    });
  const scopes = new Map<string, Readonly<Record<string, string>>>();
  const byLogin = (login: string) => entries.find(([name]) => name.toLowerCase() === login.toLowerCase());

  const mint = (
    installation: number,
    body: { repositories?: string[]; permissions?: Record<string, string> },
  ): Response => {
    const entry = entries.find(([, { id }]) => id === installation);
    if (!entry) return json(404, NOT_FOUND);
    const [login, account] = entry;
    if (account.suspended) return json(403, { message: 'This installation has been suspended' });
    const missing = body.repositories?.find((name) => !account.repos.includes(name));
    if (missing !== undefined)
      return json(422, { message: 'There is at least one repository that is not accessible' });
    github.mints.push({ installation, ...body });
    const token = `ghs_${String(github.minted.length + 1).padStart(4, '0')}${'x'.repeat(32)}`;
    github.minted.push(token);
    github.alive.add(token);
    scopes.set(token, body.permissions ?? {});
    return json(201, {
      token,
      expires_at: new Date(now() + 3_600_000).toISOString(),
      permissions: body.permissions,
      repositories: body.repositories?.map((name) => ({ name, full_name: `${login}/${name}` })),
    });
  };

  const route = (name: string, token: string, body: unknown): Response => {
    const [, id] = /^POST \/app\/installations\/(\d+)\/access_tokens$/.exec(name) ?? [];
    if (id !== undefined) return mint(Number(id), body as object);
    const [, known] = /^GET \/app\/installations\/(\d+)$/.exec(name) ?? [];
    const [, place, login] = /^GET \/(users|orgs)\/([^/]+)\/installation$/.exec(name) ?? [];
    const [, owner, repo] = /^GET \/repos\/([^/]+)\/([^/]+)\/installation$/.exec(name) ?? [];
    const entry =
      known === undefined
        ? byLogin(login ?? owner ?? '')
        : entries.find(([, account]) => account.id === Number(known));
    if (known !== undefined) return entry ? json(200, bodyOf(entry)) : json(404, NOT_FOUND);
    if (login !== undefined) {
      return entry && (entry[1].type ?? 'users') === place ? json(200, bodyOf(entry)) : json(404, NOT_FOUND);
    }
    if (repo !== undefined)
      return entry?.[1].repos.includes(repo) ? json(200, bodyOf(entry)) : json(404, NOT_FOUND);
    if (name.startsWith('GET /app/installations?')) return pageOf(name, entries.map(bodyOf));
    if (name === 'GET /app') return json(200, appBody());
    if (!github.alive.has(token)) return json(401, { message: 'Bad credentials' });
    if (name === 'GET /rate_limit') return json(200, { resources: {} });
    if (name.startsWith('GET /installation/repositories')) return json(200, { total_count: 1 });
    if (name === 'DELETE /installation/token') {
      github.alive.delete(token);
      return json(204, null);
    }
    const [, method, holder, repository] =
      /^(GET|POST) \/repos\/([^/]+)\/([^/]+)\/(?:branches|git\/refs)\b/.exec(name) ?? [];
    if (method !== undefined) {
      if (!byLogin(holder ?? '')?.[1].repos.includes(repository ?? '')) return json(404, NOT_FOUND);
      const level = scopes.get(token)?.contents;
      if (method === 'GET') return level === undefined ? json(403, NOT_ACCESSIBLE) : json(200, []);
      return level === 'write' ? json(422, { message: 'Object does not exist' }) : json(403, NOT_ACCESSIBLE);
    }
    throw new Error(`the fake GitHub does not know ${name}`);
  };

  const github: FakeGitHub = {
    requests: [],
    mints: [],
    minted: [],
    alive: new Set(),
    aheadMs: 0,
    intercept: () => undefined,
    fetch: async (input, init) => {
      const name = `${init?.method ?? 'GET'} ${String(input).slice(API.length)}`;
      github.requests.push(name);
      const authorization = new Headers(init?.headers).get('authorization') ?? '';
      const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
      const response =
        github.intercept({ name, authorization }) ?? route(name, authorization.slice('Bearer '.length), body);
      if (!response.headers.has('date'))
        response.headers.set('date', new Date(now() + github.aheadMs).toUTCString());
      if (github.alive.has(authorization.slice('Bearer '.length))) {
        response.headers.set('x-ratelimit-limit', '5000');
        response.headers.set('x-ratelimit-remaining', '4990');
        response.headers.set('x-ratelimit-reset', String(Math.floor(now() / 1000) + 1800));
      }
      return response;
    },
  };
  return github;
};

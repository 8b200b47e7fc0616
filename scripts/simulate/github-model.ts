import type { FaultPlan } from './fault-plan.ts';
import { type Answer, answer, type Jwt, readJwt } from './github-answer.ts';
import { createMeter, type Meter, type MeterReport } from './meter.ts';
import { QUOTAS } from './quotas.ts';
import { createRandom } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface GitHubModelOptions {
  readonly time: VirtualTime;
  readonly faults: FaultPlan;
  readonly seed: number;
  readonly name: string;
  readonly accounts: readonly string[];
  /** Whose limit the mints are: GitHub's page leaves open whether a secondary limit is an App's or an installation's. */
  readonly mintLimit: 'installation' | 'app';
  /** What sandboxes themselves ask with the tokens of one installation. */
  readonly apiRequestsPerHour: number;
}

export interface GitHubModel {
  readonly fetch: typeof globalThis.fetch;
  /** The id of each account's installation. */
  readonly installations: ReadonlyMap<string, number>;
  readonly report: () => GitHubReport;
}

export interface GitHubReport {
  readonly requests: number;
  readonly mints: number;
  readonly failed: number;
  readonly rateLimited: number;
  readonly jwtsRefused: number;
  /** All together, each with the peak of one installation. */
  readonly primary: MeterReport;
  readonly mintRate: MeterReport;
  readonly concurrent: MeterReport;
}

const API = 'https://api.github.com';
/** Asking for the limit does not count in it. */
const UNCOUNTED = '/rate_limit';
const LIFETIME_MS = 3_600_000;
const LATENCY_MS = [60, 240] as const;
/** One fresh token in fifty is not known everywhere yet, for up to 3 s. */
const SLOW_TOKENS = 0.02;
const SLOW_MS = 3_000;

/** All together, with the peak of the one that was asked the most at a time. */
const together = (meters: Iterable<Meter>): MeterReport => {
  const sum = { limit: 0, asked: 0, refused: 0, peak: 0 };
  for (const meter of new Set(meters)) {
    const { limit, asked, refused, peak } = meter.report();
    sum.limit = limit;
    sum.asked += asked;
    sum.refused += refused;
    sum.peak = Math.max(sum.peak, peak);
  }
  return sum;
};

/**
 * GitHub with the App installed on some accounts, as far as a refresh asks it: JWTs are held to their times and their
 * key, tokens to their expiry, and requests to the primary limit of an installation and to the secondary limits.
 */
export const createGitHubModel = (options: GitHubModelOptions): GitHubModel => {
  const { time, faults, accounts, mintLimit, apiRequestsPerHour } = options;
  const random = createRandom(options.seed, `github ${options.name}`);
  const installations = new Map(accounts.map((account, index) => [account, index + 1]));
  const limited = (limit: number, intervalMs: number, taken = 0): Meter =>
    createMeter({ limit, intervalMs, factor: faults.limits, taken });
  const each = <T>(make: () => T): readonly T[] => accounts.map(make);
  const primary = each(() => limited(QUOTAS.gitHubPrimary.value, 3_600_000, apiRequestsPerHour));
  const app = limited(QUOTAS.gitHubMints.value * 5, 60_000);
  const mintPoints =
    mintLimit === 'app' ? each(() => app) : each(() => limited(QUOTAS.gitHubMints.value * 5, 60_000));
  const atOnce = each(() => ({ now: 0, peak: 0, refused: 0 }));
  const bodies = accounts.map((account, index) =>
    JSON.stringify({
      id: index + 1,
      account: { login: account, type: 'Organization' },
      repository_selection: 'all',
      permissions: { contents: 'write', metadata: 'read' },
      suspended_at: null,
    }),
  );
  const revoked = new Set<string>();
  const jwts = new Map<string, Jwt>();
  const counts = { requests: 0, mints: 0, failed: 0, rateLimited: 0, jwtsRefused: 0 };

  const dateNow = { second: -1, text: '' };
  const date = (now: number): string => {
    const second = Math.floor(now / 1000);
    if (dateNow.second !== second) {
      dateNow.second = second;
      dateNow.text = new Date(now).toUTCString();
    }
    return dateNow.text;
  };

  const secondaryLimit = (now: number): Answer => {
    counts.rateLimited += 1;
    return answer(403, '{"message":"You have exceeded a secondary rate limit"}', {
      date: date(now),
      'retry-after': '60',
    });
  };

  const refuseJwt = (credential: string, now: number): string | undefined => {
    let jwt = jwts.get(credential);
    if (jwt === undefined) {
      if (jwts.size > 1_000) jwts.clear();
      jwt = readJwt(credential);
      jwts.set(credential, jwt);
    }
    const seconds = now / 1000;
    if (jwt.key !== (faults.keyNumber(now) & 255)) return 'A JSON web token could not be decoded';
    if (jwt.iat > seconds)
      return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
    if (jwt.exp > seconds + 600) return "'Expiration time' claim ('exp') is too far in the future";
    return jwt.exp < seconds ? "'Expiration time' claim ('exp') must be in the future" : undefined;
  };

  const mint = (id: number, body: string, now: number): Answer => {
    const fields = { date: date(now) };
    if (mintPoints[id - 1]?.take(now, 5) === false) return secondaryLimit(now);
    counts.mints += 1;
    const { repositories = [], permissions } = JSON.parse(body) as {
      repositories?: readonly string[];
      permissions: unknown;
    };
    const owner = accounts[id - 1];
    const accepted = now + (random() < SLOW_TOKENS ? random() * SLOW_MS : 0);
    const expires = now + LIFETIME_MS;
    const token = `ghs_${id}.${Math.floor(expires)}.${Math.ceil(accepted)}.${counts.mints}.model`;
    const reached = repositories.map((name) => `{"full_name":"${owner}/${name}"}`).join(',');
    return answer(
      201,
      `{"token":"${token}","expires_at":"${new Date(expires).toISOString()}","permissions":${JSON.stringify(permissions)},"repositories":[${reached}]}`,
      fields,
    );
  };

  const withToken = (path: string, method: string, token: string, now: number): Answer => {
    const [prefix = '', expires, accepted] = token.split('.');
    const id = Number(prefix.slice('ghs_'.length));
    const limit = primary[id - 1];
    if (limit === undefined || now >= Number(expires) || now < Number(accepted) || revoked.has(token))
      return answer(401, '{"message":"Bad credentials"}', { date: date(now) });
    const taken = path === UNCOUNTED || limit.take(now);
    const fields = {
      date: date(now),
      'x-ratelimit-limit': String(limit.report().limit),
      'x-ratelimit-remaining': String(limit.left(now)),
      'x-ratelimit-reset': String((Math.floor(now / 3_600_000) + 1) * 3_600),
    };
    if (!taken) {
      counts.rateLimited += 1;
      return answer(403, '{"message":"API rate limit exceeded"}', {
        ...fields,
        'x-ratelimit-remaining': '0',
      });
    }
    if (method !== 'DELETE') return answer(200, '{"total_count":1,"repositories":[]}', fields);
    revoked.add(token);
    return answer(204, '', fields);
  };

  const asApp = (path: string, method: string, credential: string, body: string, now: number): Answer => {
    const refusal = refuseJwt(credential, now);
    if (refusal !== undefined) {
      counts.jwtsRefused += 1;
      return answer(401, JSON.stringify({ message: refusal }), { date: date(now) });
    }
    const id = Number.parseInt(path.slice('/app/installations/'.length), 10);
    const known = path.startsWith('/app/installations/') ? bodies[id - 1] : undefined;
    if (known === undefined) return answer(404, '{"message":"Not Found"}', { date: date(now) });
    if (method === 'POST') return mint(id, body, now);
    return answer(200, known, { date: date(now) });
  };

  const installationOf = (path: string, credential: string): number =>
    path.startsWith('/app/')
      ? Number.parseInt(path.slice('/app/installations/'.length), 10)
      : Number.parseInt(credential.slice(4), 10);

  const answerTo = (url: string, init: RequestInit, now: number): Answer => {
    const path = url.slice(API.length);
    const { authorization = '' } = init.headers as Record<string, string>;
    const credential = authorization.slice('Bearer '.length);
    const method = init.method ?? 'GET';
    return path === UNCOUNTED || path.startsWith('/installation/')
      ? withToken(path, method, credential, now)
      : asApp(path, method, credential, String(init.body ?? ''), now);
  };

  /** A request that fails: answered with 502 at once, broken off, or never answered. */
  const fail = (share: number, patienceMs: number, settle: Settle): void => {
    counts.failed += 1;
    if (share < 0.5) {
      time.at(time.now() + 50, () => settle.resolve(answer(502, '{"message":"Server Error"}', {})));
    } else if (share < 0.8) {
      time.at(time.now() + 20, () =>
        settle.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } })),
      );
    } else {
      time.at(time.now() + patienceMs, () =>
        settle.reject(Object.assign(new Error('timeout'), { name: 'TimeoutError' })),
      );
    }
  };

  const fetch = (input: unknown, init: RequestInit = {}): Promise<Answer> =>
    new Promise<Answer>((resolve, reject) => {
      const url = input as string;
      if (!url.startsWith(API)) {
        // CloudFormation's presigned address.
        time.at(time.now() + 50, () => resolve(answer(200, '', {})));
        return;
      }
      counts.requests += 1;
      const credential =
        (init.headers as Record<string, string>).authorization?.slice('Bearer '.length) ?? '';
      const place = atOnce[installationOf(url.slice(API.length), credential) - 1];
      const settle: Settle = {
        resolve: (value) => {
          if (place) place.now -= 1;
          resolve(value);
        },
        reject: (error) => {
          if (place) place.now -= 1;
          reject(error);
        },
      };
      if (place) {
        place.now += 1;
        place.peak = Math.max(place.peak, place.now);
      }
      const share = random();
      const patienceMs = (init.signal as { readonly ms?: number } | undefined)?.ms ?? 10_000;
      if (faults.gitHubIsDown(time.now())) return fail(share, patienceMs, settle);
      if (share < faults.failingShare) return fail(share / faults.failingShare, patienceMs, settle);
      const [least, spread] = LATENCY_MS;
      time.at(time.now() + least + random() * spread, () => {
        const tooMany = place !== undefined && place.now > QUOTAS.gitHubConcurrent.value;
        if (tooMany) place.refused += 1;
        settle.resolve(tooMany ? secondaryLimit(time.now()) : answerTo(url, init, time.now()));
      });
    });

  return {
    fetch: fetch as unknown as typeof globalThis.fetch,
    installations,
    report: () => {
      const points = together(mintPoints);
      return {
        ...counts,
        primary: together(primary),
        mintRate: { ...points, limit: points.limit / 5, peak: points.peak / 5, asked: points.asked / 5 },
        concurrent: {
          limit: QUOTAS.gitHubConcurrent.value,
          asked: counts.requests,
          refused: atOnce.reduce((sum, { refused }) => sum + refused, 0),
          peak: Math.max(...atOnce.map(({ peak }) => peak)),
        },
      };
    },
  };
};

interface Settle {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

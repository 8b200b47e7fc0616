import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FaultPicker, type GitHubFaults } from '../../lib/local/github/faults.ts';
import { signJwt, startWorld, type World } from './github-harness.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.close());

const REPOSITORY = '/repos/my-org/another-repo';
const idOf = (account: string) => world.github.installations.find((entry) => entry.account === account)?.id;

describe('which requests a rule meets', () => {
  const picked = (faults: GitHubFaults, method: string, path: string, query = '') =>
    new FaultPicker(() => faults).pick(method, path, query).rule?.status;

  test.each([
    ['POST /app/installations/*/access_tokens', 'POST', '/app/installations/1/access_tokens', '', true],
    ['POST /app/installations/*/access_tokens', 'GET', '/app/installations/1/access_tokens', '', false],
    ['* /repos/*', 'PUT', '/repos/a/b/contents/c', '', true],
    ['* /repos/*', 'GET', '/app', '', false],
    ['GET /a.c', 'GET', '/abc', '', false],
    [
      'GET *info/refs?service=git-receive-pack',
      'GET',
      '/o/r.git/info/refs',
      '?service=git-receive-pack',
      true,
    ],
    [
      'GET *info/refs?service=git-receive-pack',
      'GET',
      '/o/r.git/info/refs',
      '?service=git-upload-pack',
      false,
    ],
    ['GET /app', 'GET', '/app', '?page=1', true],
  ])('%s on %s %s%s: %s', (match, method, path, query, meets) => {
    expect(picked({ rules: [{ match, status: 500 }] }, method, path, query)).toBe(meets ? 500 : undefined);
  });

  test('a rate meets that share of the requests', () => {
    const rolls = [0.1, 0.4, 0.5, 0.9];
    const picker = new FaultPicker(
      () => ({ rules: [{ status: 502, rate: 0.5 }] }),
      () => rolls.shift() ?? 1,
    );
    expect([1, 2, 3, 4].map(() => picker.pick('GET', '/', '').rule?.status)).toEqual([
      502,
      502,
      undefined,
      undefined,
    ]);
  });

  test('latencies add up, and let the next rule follow', () => {
    const picker = new FaultPicker(() => ({
      rules: [{ latencyMs: 5 }, { latencyMs: 7, status: 503 }, { status: 500 }],
    }));
    expect(picker.pick('GET', '/', '')).toMatchObject({ latencyMs: 12, rule: { status: 503 } });
  });
});

describe('failing and throttling', () => {
  test('the next two requests of a kind fail, and the others do not', async () => {
    const token = await world.mint('my-org');
    world.faults = { rules: [{ match: `GET ${REPOSITORY}`, status: 502, count: 2 }] };
    const statuses: number[] = [];
    for (const path of [REPOSITORY, '/meta', REPOSITORY, REPOSITORY])
      statuses.push((await world.rest('GET', path, token)).status);
    expect(statuses).toEqual([502, 200, 502, 200]);
  });

  test('setting the same rule again arms it again', async () => {
    const statuses: number[] = [];
    for (let round = 0; round < 2; round++) {
      world.faults = { rules: [{ status: 503, count: 1 }] };
      statuses.push((await world.rest('GET', '/meta')).status, (await world.rest('GET', '/meta')).status);
    }
    expect(statuses).toEqual([503, 200, 503, 200]);
  });

  test.each<['secondary' | 'too-many-requests', number]>([
    ['secondary', 403],
    ['too-many-requests', 429],
  ])('%s answers %i with Retry-After', async (throttle, status) => {
    world.faults = { rules: [{ throttle, retryAfterSeconds: 7 }] };
    const answer = await world.rest('GET', '/app', world.jwt());
    expect([answer.status, answer.headers.get('retry-after'), answer.body.message]).toEqual([
      status,
      '7',
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
    ]);
  });

  test('primary answers 403 with nothing remaining and a reset', async () => {
    world.faults = { rules: [{ throttle: 'primary', retryAfterSeconds: 30 }] };
    const { status, headers, body } = await world.rest('GET', '/app', world.jwt());
    expect([status, headers.get('x-ratelimit-remaining'), headers.get('retry-after')]).toEqual([
      403,
      '0',
      null,
    ]);
    expect(body.message).toContain('API rate limit exceeded for app.');
    const wait = Number(headers.get('x-ratelimit-reset')) - world.clock.now() / 1000;
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(31);
  });

  test('a reset cuts the connection', async () => {
    world.faults = { rules: [{ match: 'GET /app', reset: true }] };
    await expect(world.rest('GET', '/app', world.jwt())).rejects.toThrow('fetch failed');
  });

  test.each([
    [{ status: 503 }, '503'],
    [{ throttle: 'too-many-requests' as const }, '429'],
  ])('git meets the rules too: %j', async (rule, status) => {
    const token = await world.mint('my-org');
    world.faults = { rules: [{ match: 'GET /my-org/*', count: 1, ...rule }] };
    const remote = world.remote('my-org/another-repo.git', token);
    const failed = await world.git(['ls-remote', remote]);
    expect([failed.code, failed.stderr]).toEqual([128, expect.stringContaining(status)]);
    expect((await world.git(['ls-remote', remote])).code).toBe(0);
  });
});

describe('a fresh token that is not known everywhere yet', () => {
  test('for so many requests', async () => {
    world.faults = { freshToken: { requests: 2 } };
    const token = await world.mint('my-org');
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++)
      statuses.push((await world.rest('GET', count === 0 ? '/rate_limit' : REPOSITORY, token)).status);
    expect(statuses).toEqual([401, 401, 200, 200]);
  });

  test('for so many seconds of the clock, for git as well', async () => {
    world.faults = { freshToken: { seconds: 30 } };
    const token = await world.mint('my-org');
    const remote = world.remote('my-org/another-repo.git', token);
    expect([
      (await world.rest('GET', REPOSITORY, token)).status,
      (await world.git(['ls-remote', remote])).code,
    ]).toEqual([401, 128]);
    await world.clock.advance(30_000);
    expect([
      (await world.rest('GET', REPOSITORY, token)).status,
      (await world.git(['ls-remote', remote])).code,
    ]).toEqual([200, 0]);
  });
});

describe("GitHub's clock", () => {
  const dateOf = (headers: Headers) => Date.parse(headers.get('date') ?? '');

  test('Date is on the moved clock, in REST and in git', async () => {
    await world.clock.advance(46 * 60_000);
    const { headers } = await world.rest('GET', '/meta');
    const git = await fetch(`${world.github.url}/my-org/another-repo.git/info/refs?service=git-upload-pack`);
    for (const date of [dateOf(headers), dateOf(git.headers)])
      expect(Math.abs(date - world.clock.now())).toBeLessThan(60_000);
  });

  test.each([
    [
      -90_000,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    ],
    [
      600_000,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    ],
  ])(
    'skewed by %i ms it refuses a JWT of the client, and takes one by its own Date',
    async (clockSkewMs, message) => {
      world.faults = { clockSkewMs };
      const { status, headers, body } = await world.rest('GET', '/app', world.jwt());
      expect([status, body.message]).toEqual([401, message]);
      const theirs = Math.floor(dateOf(headers) / 1000);
      const jwt = signJwt(world.privateKey, { ...world.claims(), iat: theirs - 60, exp: theirs + 540 });
      expect((await world.rest('GET', '/app', jwt)).status).toBe(200);
    },
  );
});

describe('rate limits', () => {
  const limitsOf = (headers: Headers) =>
    ['limit', 'remaining', 'used', 'resource'].map((name) => headers.get(`x-ratelimit-${name}`));

  test('every answer tells them, and each request of an installation counts', async () => {
    const token = await world.mint('my-org');
    const first = await world.rest('GET', REPOSITORY, token);
    const second = await world.rest('GET', '/repos/my-org/nothing', token);
    const own = await world.rest('GET', '/rate_limit', token);
    expect([first, second, own].map(({ headers }) => limitsOf(headers))).toEqual([
      ['5000', '4998', '2', 'core'],
      ['5000', '4997', '3', 'core'],
      ['5000', '4997', '3', 'core'],
    ]);
    expect(own.body.rate).toMatchObject({ limit: 5000, used: 3, remaining: 4997, resource: 'core' });
    const left = Number(first.headers.get('x-ratelimit-reset')) - world.clock.now() / 1000;
    expect(left).toBeGreaterThan(3_500);
    expect(left).toBeLessThanOrEqual(3_601);
  });

  test('past the limit an installation is refused until its hour is over, and no other is', async () => {
    world.faults = { rateLimit: 3 };
    const token = await world.mint('my-org');
    const other = await world.mint('my-user');
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++)
      statuses.push((await world.rest('GET', REPOSITORY, token)).status);
    expect(statuses).toEqual([200, 200, 403]);

    const refused = await world.rest('GET', REPOSITORY, token);
    expect(limitsOf(refused.headers)).toEqual(['3', '0', '3', 'core']);
    expect(refused.body.message).toBe(
      `API rate limit exceeded for installation ID ${idOf('my-org')}. If you reach out to GitHub Support for help, please include the request ID ${refused.headers.get('x-github-request-id')}.`,
    );
    expect((await world.rest('GET', '/rate_limit', token)).status).toBe(200);
    expect((await world.rest('GET', '/repos/my-user/my-repo', other)).status).toBe(200);

    await world.clock.advance(3_600_000);
    expect(
      (await world.rest('POST', `/app/installations/${idOf('my-org')}/access_tokens`, world.jwt())).status,
    ).toBe(201);
  });

  test('the points of a minute are a secondary limit: a POST costs five', async () => {
    world.faults = { pointsPerMinute: 10 };
    const mint = () => world.rest('POST', `/app/installations/${idOf('my-org')}/access_tokens`, world.jwt());
    const answers = [await mint(), await mint(), await mint()];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 403]);
    const wait = Number(answers[2]?.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    await world.clock.advance(wait * 1000);
    expect((await mint()).status).toBe(201);
  });
});

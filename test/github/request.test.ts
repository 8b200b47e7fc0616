import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readResponse, sendRequest } from '../../lib/github/request.ts';
import { Secret } from '../../lib/secret.ts';
import { API, frozenWorld, later, NOW } from './frozen-world.ts';
import { refusal } from './refusal.ts';
import { type Exchange, scriptedFetch } from './scripted-fetch.ts';
import { TOKEN } from './test-app.ts';

const GET = 'GET /installation/repositories';

const play = (script: readonly Omit<Exchange, 'request'>[], deadline = later()) => {
  const scripted = scriptedFetch(
    API,
    script.map((exchange) => ({ request: GET, ...exchange })),
  );
  const world = frozenWorld(scripted.fetch);
  const answer = sendRequest(world, {
    method: 'GET',
    path: '/installation/repositories',
    credential: new Secret(TOKEN),
    deadline,
  });
  return { ...scripted, world, answer };
};

const reset = (code: string) => Object.assign(new TypeError('fetch failed'), { cause: { code } });
const at = (ms: number) => String(Math.floor(ms / 1000));

describe('a request to GitHub', () => {
  test('carries the credential, the version and km, and follows no redirect', async () => {
    const { answer, sent, finish } = play([{ body: { total_count: 1 } }]);
    expect((await answer).body).toEqual({ total_count: 1 });
    finish();
    const [request] = sent;
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${TOKEN}`,
      'user-agent': 'km',
      'x-github-api-version': '2022-11-28',
    });
    expect(request?.redirect).toBe('manual');
  });

  test.each([301, 302, 307, 308])('hands a %d back as the answer', async (status) => {
    const { answer, finish } = play([{ status, headers: { location: 'https://elsewhere.test/' } }]);
    expect((await answer).status).toBe(status);
    finish();
  });

  const mended: readonly [string, readonly Omit<Exchange, 'request'>[], readonly number[]][] = [
    ['500', [{ status: 500 }, {}], [250]],
    ['502, 503, 504', [{ status: 502 }, { status: 503 }, { status: 504 }, {}], [250, 500, 1000]],
    ['503 with Retry-After', [{ status: 503, headers: { 'retry-after': '7' } }, {}], [7000]],
    ['a reset connection', [{ failure: reset('ECONNRESET') }, {}], [250]],
    ['429 with Retry-After', [{ status: 429, headers: { 'retry-after': '3' } }, {}], [3250]],
    ['403 with Retry-After', [{ status: 403, headers: { 'retry-after': '3' } }, {}], [3250]],
    [
      'Retry-After as a date',
      [{ status: 429, headers: { 'retry-after': new Date(NOW + 4000).toUTCString() } }, {}],
      [4250],
    ],
    [
      'a primary limit, until its reset',
      [{ status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': at(NOW + 5000) } }, {}],
      [5250],
    ],
    [
      "a primary limit, until its reset by GitHub's clock",
      [
        {
          status: 403,
          headers: {
            'x-ratelimit-remaining': '0',
            'x-ratelimit-reset': at(NOW + 605_000),
            date: new Date(NOW + 600_000).toUTCString(),
          },
        },
        {},
      ],
      [5250],
    ],
    [
      'a reset that has passed',
      [{ status: 429, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': at(NOW - 5000) } }, {}],
      [250],
    ],
  ];
  test.each(mended)('is tried again after %s', async (_name, script, waits) => {
    const { answer, world, finish } = play(script);
    expect((await answer).status).toBe(200);
    finish();
    expect(world.slept).toEqual(waits);
  });

  test('waits a minute for a secondary limit that names no time', async () => {
    const limit = { status: 403, body: { message: 'You have exceeded a secondary rate limit.' } };
    const { answer, world, finish } = play([limit, {}], later(120_000));
    expect((await answer).status).toBe(200);
    finish();
    expect(world.slept).toEqual([60_250]);
  });

  const refused: readonly [string, readonly Omit<Exchange, 'request'>[], number, string, string][] = [
    [
      'four 5xx',
      [{ status: 500 }, { status: 500 }, { status: 500 }, { status: 503, body: { message: 'Unicorn!' } }],
      30_000,
      'ErrGitHubUnavailable',
      'GitHub is not available: Unicorn!',
    ],
    [
      'a 5xx, with no time for another attempt',
      [{ status: 500 }],
      250,
      'ErrGitHubUnavailable',
      'GitHub is not available: status 500',
    ],
    [
      'a host that is not there',
      [1, 2, 3, 4].map(() => ({ failure: reset('ENOTFOUND') })),
      30_000,
      'ErrGitHubUnavailable',
      'GitHub is not available: the connection failed (ENOTFOUND)',
    ],
    [
      'no answer in time',
      [{ failure: Object.assign(new Error('timed out'), { name: 'TimeoutError' }) }],
      200,
      'ErrGitHubUnavailable',
      'GitHub is not available: no answer in time',
    ],
    [
      'a deadline that is past',
      [],
      0,
      'ErrGitHubUnavailable',
      'GitHub is not available: no time is left to ask it',
    ],
    [
      'a limit longer than the deadline',
      [{ status: 429, headers: { 'retry-after': '90' } }],
      30_000,
      'ErrGitHubRateLimited',
      "GitHub's rate limit holds for another 90 s",
    ],
  ];
  test.each(refused)('gives up on %s', async (_name, script, patience, code, message) => {
    const { answer, world, finish } = play(script, NOW + patience);
    const error = await refusal(answer);
    finish();
    expect([error.code, error.message]).toEqual([code, message]);
    expect(world.now()).toBeLessThanOrEqual(Math.max(NOW, NOW + patience));
  });

  test.each([400, 401, 403, 404, 409, 422])('hands a plain %d back at once', async (status) => {
    const { answer, world, finish } = play([{ status, body: { message: 'No' } }]);
    expect(await answer).toMatchObject({ status, message: 'No' });
    finish();
    expect(world.slept).toEqual([]);
  });

  test.each([
    ['a newline', `${TOKEN}\nX-Evil: 1`],
    ['a carriage return', `${TOKEN}\rX-Evil: 1`],
    ['a space', `${TOKEN} x`],
    ['a NUL', `${TOKEN}\0`],
    ['nothing in it', ''],
    ['more than 8,192 characters', 'a'.repeat(8193)],
    ['letters beyond ASCII', `${TOKEN}é`],
  ])('is not sent with a credential that has %s, which is not told', async (_name, value) => {
    const { fetch, sent } = scriptedFetch(API, []);
    const error = await refusal(
      sendRequest(frozenWorld(fetch), {
        method: 'GET',
        path: '/',
        credential: new Secret(value),
        deadline: later(),
      }),
    );
    expect(error.code).toBe('ErrGitHubUnexpectedAnswer');
    expect(sent).toEqual([]);
    expect(`${inspect(error, { depth: 10 })}${error.stack}`).not.toContain(TOKEN);
  });
});

describe("GitHub's answer", () => {
  test.each<[string, string | null, string]>([
    ['its message', '{"message":"Not Found"}', 'Not Found'],
    ['a message of several lines, on one', '{"message":"Not\\r\\n\\u001b[31mFound"}', 'Not [31mFound'],
    ['a long message, cut', JSON.stringify({ message: 'x'.repeat(1000) }), 'x'.repeat(300)],
    ['its status without a message', '{}', 'status 404'],
    ['its status when it is no JSON', '<html>token</html>', 'status 404'],
    ['its status when it is empty', null, 'status 404'],
    ['its status when the message is no text', '{"message":{"a":1}}', 'status 404'],
  ])('shows %s', async (_name, body, message) => {
    expect((await readResponse(new Response(body, { status: 404 }))).message).toBe(message);
  });
});

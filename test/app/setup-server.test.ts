import { type IncomingHttpHeaders, request } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SetupServer, startSetupServer } from '../../lib/app/setup-server.ts';
import { KmError } from '../../lib/errors.ts';
import { refusal } from '../github/refusal.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const MADE = { name: 'km-made', installUrl: 'https://github.test/apps/km-made/installations/new' };
const STATE = /state=([\w-]+) redirect=(\S+)/;

let server: SetupServer<typeof MADE>;
let codes: string[];
let outcome: () => Promise<typeof MADE>;
let count: number;

beforeEach(async () => {
  codes = [];
  count = 0;
  outcome = async () => MADE;
  server = await startSetupServer({
    port: 0,
    // Every secret another one.
    randomBytes: (length) => {
      count += 1;
      return new Uint8Array(length).fill(count);
    },
    webUrl: 'https://github.test/base',
    page: ({ attempt, state, redirectUrl, nonce }) =>
      `attempt=${attempt} state=${state} redirect=${redirectUrl} nonce=${nonce}`,
    onCode: (code) => {
      codes.push(code);
      return outcome();
    },
  });
});
afterEach(() => server.close());

const origin = () => new URL(server.url).origin;

const ask = (
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(server.url);
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.once('error', reject);
    sent.end();
  });

/** Lets a browser in; returns its cookie header. */
const enter = async (): Promise<Record<string, string>> => {
  const { headers } = await ask(new URL(server.url).pathname);
  return { cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
};

const stateFor = async (headers: Record<string, string>): Promise<string> =>
  STATE.exec((await ask('/', { headers })).body)?.[1] ?? '';

const callback = async (code = 'code-from-github') => {
  const headers = await enter();
  const state = await stateFor(headers);
  return { headers, state, path: `/callback?code=${code}&state=${state}` };
};

describe('the way through', () => {
  test('the printed address lets a browser in by a cookie that no script and no other site gets', async () => {
    const first = await ask(new URL(server.url).pathname);
    expect(first).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(first.headers['set-cookie']?.[0]).toMatch(
      /^km-setup-\d+=[\w-]{43}; HttpOnly; SameSite=Lax; Path=\/$/,
    );
    const page = await ask('/', {
      headers: { cookie: first.headers['set-cookie']?.[0] ?? '' },
    });
    expect(page).toMatchObject({
      status: 200,
      body: expect.stringContaining(`redirect=${origin()}/callback`),
    });
  });

  test('GitHub’s answer is taken, and the browser goes on to the install page', async () => {
    const { headers, path } = await callback();
    expect(await ask(path, { headers })).toMatchObject({
      status: 303,
      headers: { location: MADE.installUrl },
    });
    expect(await server.taken).toEqual(MADE);
    expect(codes).toEqual(['code-from-github']);
  });

  test.each([
    ['/', 0],
    ['/?name=1', 1],
    ['/?name=42', 42],
    ['/?name=-1', 0],
    ['/?name=1e3', 0],
    ['/?name=999', 0],
    ['/?name=%3Cscript%3E', 0],
    ['/?name=1&name=2', 0],
  ])('%s shows the name of attempt %i', async (path, attempt) => {
    expect((await ask(path, { headers: await enter() })).body).toContain(`attempt=${attempt} `);
  });

  test('a second tab of the same browser shows the same page, with the same state', async () => {
    const headers = await enter();
    const again = await ask(new URL(server.url).pathname, { headers });
    expect(again).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(await stateFor(headers)).toBe(await stateFor(headers));
  });
});

test('every answer forbids scripts, frames, caching, and forms to anywhere but GitHub', async () => {
  const headers = await enter();
  for (const path of ['/', '/nowhere', '/callback', new URL(server.url).pathname]) {
    const answer = await ask(path, { headers });
    const policy = answer.headers['content-security-policy'] as string;
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'nonce-[\w+/]{24}'; img-src data:; form-action https:\/\/github\.test; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'strict-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  }
});

test('the style of each answer has a nonce of its own', async () => {
  const headers = await enter();
  const [one, other] = [await ask('/', { headers }), await ask('/', { headers })].map(
    (answer) => /nonce-([^']+)'/.exec(answer.headers['content-security-policy'] as string)?.[1],
  );
  expect(one).not.toBe(other);
});

describe('not taken', () => {
  test.each([
    ['a wrong state', (state: string) => `code=code-from-github&state=${state.slice(0, -1)}x`, 403],
    ['no state', () => 'code=code-from-github', 403],
    ['an empty state', () => 'code=code-from-github&state=', 403],
    [
      'two states, of which one is right',
      (state: string) => `code=code-from-github&state=${state}&state=x`,
      403,
    ],
    ['no code', (state: string) => `state=${state}`, 400],
    ['two codes', (state: string) => `code=code-from-github&code=other-code&state=${state}`, 400],
    ['a code that is a path', (state: string) => `code=..%2F..%2Fapp%2Fhook&state=${state}`, 400],
    ['a code with a line end', (state: string) => `code=code%0d%0aX-Y:z-and-more&state=${state}`, 400],
  ])('%s; the right answer counts afterwards', async (_what, query, status) => {
    const { headers, path, state } = await callback();
    expect((await ask(`/callback?${query(state)}`, { headers })).status).toBe(status);
    expect(codes).toEqual([]);
    expect((await ask(path, { headers })).status).toBe(303);
  });

  test('an answer that comes a second time', async () => {
    const { headers, path } = await callback();
    await ask(path, { headers });
    const again = await ask(path, { headers });
    expect(again.status).toBe(409);
    expect(again.body).toContain('km-made');
    expect(codes).toHaveLength(1);
    expect((await ask('/', { headers })).body).toContain('Install it on GitHub');
  });

  test('a second answer while the first is being stored, as from a second tab', async () => {
    const storing = Promise.withResolvers<typeof MADE>();
    outcome = () => storing.promise;
    const { headers, path, state } = await callback();
    const first = ask(path, { headers });
    while (codes.length === 0) await delay(1);
    const second = await ask(`/callback?code=another-code-here&state=${state}`, { headers });
    expect(second).toMatchObject({ status: 409, body: expect.stringContaining('delete it in GitHub') });
    storing.resolve(MADE);
    expect((await first).status).toBe(303);
    expect(codes).toEqual(['code-from-github']);
  });

  test('an answer in a browser that was not let in, though its state is right', async () => {
    const { path } = await callback();
    expect(await ask(path)).toMatchObject({ status: 403, body: expect.stringContaining('Not this browser') });
    expect(await ask(path, { headers: { cookie: 'km-setup-1=x' } })).toMatchObject({ status: 403 });
    expect(codes).toEqual([]);
  });
});

describe('not shown', () => {
  test('the page to a second browser, by the same address', async () => {
    await enter();
    expect(await ask(new URL(server.url).pathname)).toMatchObject({
      status: 403,
      body: expect.stringContaining('Open in another browser already'),
    });
  });

  test('the page without the cookie', async () => {
    expect((await ask('/')).status).toBe(403);
    expect((await ask('/')).body).not.toMatch(STATE);
  });

  test.each(['/start/', '/start/x', '/favicon.ico', '/admin', '//evil.example/', '/../etc/passwd', '/%00'])(
    'anything at %s',
    async (path) => {
      const answer = await ask(path, { headers: await enter() });
      expect(answer.status).toBe(404);
      expect(answer.headers.location).toBeUndefined();
    },
  );

  test.each([
    ['another Host', { host: 'evil.example' }],
    ['localhost as Host', { host: 'localhost' }],
    ['another port as Host', { host: '127.0.0.1:1' }],
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['an opaque Origin', { origin: 'null' }],
    ['an image of another page', { 'sec-fetch-dest': 'image' }],
    ['a frame of another page', { 'sec-fetch-dest': 'iframe' }],
    ['a script’s request', { 'sec-fetch-dest': 'empty' }],
  ])('anything to %s', async (_what, more) => {
    const { headers, path } = await callback();
    for (const each of ['/', path]) {
      const answer = await ask(each, { headers: { ...headers, ...more } });
      expect(answer.status).toBe(403);
      expect(answer.body).not.toMatch(STATE);
    }
    expect(codes).toEqual([]);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('anything to a %s', async (method) => {
    const { headers, path } = await callback();
    expect((await ask(path, { method, headers })).status).toBe(403);
    expect(codes).toEqual([]);
  });
});

describe('what fails on the way', () => {
  const failure = new KmError('ErrAppConfigWriteFailed', 'could not be <b>written</b>', {
    remedy: 'Run it again.',
  });

  test('is shown in the browser before it ends the run', async () => {
    outcome = () => Promise.reject(failure);
    const { headers, path } = await callback();
    const answer = await ask(path, { headers });
    expect(answer.status).toBe(500);
    expect(answer.body).toContain('could not be &lt;b&gt;written&lt;/b&gt;');
    expect(answer.body).toContain('Run it again.');
    expect(await refusal(server.taken)).toBe(failure);
  });

  test('ends the run also when the browser has gone away', async () => {
    const storing = Promise.withResolvers<typeof MADE>();
    outcome = () => storing.promise;
    const { headers, path } = await callback();
    const { port } = new URL(server.url);
    const gone = request({ host: '127.0.0.1', port, path, headers });
    gone.on('error', () => undefined);
    gone.end();
    while (codes.length === 0) await delay(1);
    gone.destroy();
    storing.reject(failure);
    expect(await refusal(server.taken)).toBe(failure);
  });

  test('of km’s own is not quoted to the browser', async () => {
    outcome = () => Promise.reject(new Error('a secret detail'));
    const { headers, path } = await callback();
    expect((await ask(path, { headers })).body).not.toContain('a secret detail');
    await expect(server.taken).rejects.toThrow('a secret detail');
  });
});

test('a port that is taken is named', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  const error = await refusal(
    startSetupServer({
      port,
      randomBytes: (length) => new Uint8Array(length),
      webUrl: 'https://github.test',
      page: () => '',
      onCode: async () => MADE,
    }),
  );
  other.close();
  expect(error).toMatchObject({
    code: 'ErrSetupPage',
    message: `The page cannot be shown on port ${port}: EADDRINUSE.`,
  });
});

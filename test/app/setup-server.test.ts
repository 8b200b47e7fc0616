import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSetupServer } from '../../lib/app/setup-server.ts';
import { KmError } from '../../lib/errors.ts';
import { refusal } from '../github/refusal.ts';
import { MADE, type ServerScene, serverScene } from './setup-server-scene.ts';

let scene: ServerScene;

beforeEach(async () => {
  scene = await serverScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

describe('the way through', () => {
  test('the printed address lets a browser in by a cookie that no script and no other site gets', async () => {
    const first = await scene.ask(scene.entry);
    expect(first).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(first.headers['set-cookie']?.[0]).toMatch(
      /^km-setup-\d+=[\w-]{43}; HttpOnly; SameSite=Lax; Path=\/$/,
    );
    const page = await scene.ask('/', {
      headers: { cookie: first.headers['set-cookie']?.[0] ?? '' },
    });
    expect(page).toMatchObject({
      status: 200,
      body: expect.stringContaining(`redirect=${scene.origin}/callback`),
    });
  });

  test('GitHub’s answer is taken, and the browser goes on to the install page', async () => {
    const { headers, path } = await scene.callback();
    expect(await scene.ask(path, { headers })).toMatchObject({
      status: 303,
      headers: { location: MADE.installUrl },
    });
    expect(await scene.server.taken).toEqual(MADE);
    expect(scene.codes).toEqual(['code-from-github']);
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
    expect((await scene.ask(path, { headers: await scene.enter() })).body).toContain(`attempt=${attempt} `);
  });

  test('a second tab of the same browser shows the same page, with the same state', async () => {
    const headers = await scene.enter();
    const again = await scene.ask(scene.entry, { headers });
    expect(again).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(await scene.state(headers)).toBe(await scene.state(headers));
  });
});

test('every answer forbids scripts, frames, caching, and forms to anywhere but GitHub', async () => {
  const headers = await scene.enter();
  for (const path of ['/', '/nowhere', '/callback', scene.entry]) {
    const answer = await scene.ask(path, { headers });
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
  const headers = await scene.enter();
  const [one, other] = [await scene.ask('/', { headers }), await scene.ask('/', { headers })].map(
    (answer) => /nonce-([^']+)'/.exec(answer.headers['content-security-policy'] as string)?.[1],
  );
  expect(one).not.toBe(other);
});

describe('what fails on the way', () => {
  const failure = new KmError('ErrAppConfigWriteFailed', 'could not be <b>written</b>', {
    remedy: 'Run it again.',
  });

  test('is shown in the browser before it ends the run', async () => {
    scene.outcome = () => Promise.reject(failure);
    const { headers, path } = await scene.callback();
    const answer = await scene.ask(path, { headers });
    expect(answer.status).toBe(500);
    expect(answer.body).toContain('could not be &lt;b&gt;written&lt;/b&gt;');
    expect(answer.body).toContain('Run it again.');
    expect(await refusal(scene.server.taken)).toBe(failure);
  });

  test('ends the run also when the browser has gone away', async () => {
    const storing = Promise.withResolvers<typeof MADE>();
    scene.outcome = () => storing.promise;
    const { headers, path } = await scene.callback();
    const leave = scene.askAndLeave(path, headers);
    while (scene.codes.length === 0) await delay(1);
    leave();
    storing.reject(failure);
    expect(await refusal(scene.server.taken)).toBe(failure);
  });

  test('of km’s own is not quoted to the browser', async () => {
    scene.outcome = () => Promise.reject(new Error('a secret detail'));
    const { headers, path } = await scene.callback();
    expect((await scene.ask(path, { headers })).body).not.toContain('a secret detail');
    await expect(scene.server.taken).rejects.toThrow('a secret detail');
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

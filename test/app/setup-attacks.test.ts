import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MADE, type ServerScene, STATE, serverScene } from './setup-server-scene.ts';

let scene: ServerScene;

beforeEach(async () => {
  scene = await serverScene();
});
afterEach(() => scene[Symbol.asyncDispose]());

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
    ['two scene.codes', (state: string) => `code=code-from-github&code=other-code&state=${state}`, 400],
    ['a code that is a path', (state: string) => `code=..%2F..%2Fapp%2Fhook&state=${state}`, 400],
    ['a code with a line end', (state: string) => `code=code%0d%0aX-Y:z-and-more&state=${state}`, 400],
  ])('%s; the right answer counts afterwards', async (_what, query, status) => {
    const { headers, path, state } = await scene.callback();
    expect((await scene.ask(`/callback?${query(state)}`, { headers })).status).toBe(status);
    expect(scene.codes).toEqual([]);
    expect((await scene.ask(path, { headers })).status).toBe(303);
  });

  test('an answer that comes a second time', async () => {
    const { headers, path } = await scene.callback();
    await scene.ask(path, { headers });
    const again = await scene.ask(path, { headers });
    expect(again.status).toBe(409);
    expect(again.body).toContain('km-made');
    expect(scene.codes).toHaveLength(1);
    expect((await scene.ask('/', { headers })).body).toContain('Install it on GitHub');
  });

  test('a second answer while the first is being stored, as from a second tab', async () => {
    const storing = Promise.withResolvers<typeof MADE>();
    scene.outcome = () => storing.promise;
    const { headers, path, state } = await scene.callback();
    const first = scene.ask(path, { headers });
    while (scene.codes.length === 0) await delay(1);
    const second = await scene.ask(`/callback?code=another-code-here&state=${state}`, { headers });
    expect(second).toMatchObject({ status: 409, body: expect.stringContaining('delete it in GitHub') });
    storing.resolve(MADE);
    expect((await first).status).toBe(303);
    expect(scene.codes).toEqual(['code-from-github']);
  });

  test('an answer in a browser that was not let in, though its state is right', async () => {
    const { path } = await scene.callback();
    expect(await scene.ask(path)).toMatchObject({
      status: 403,
      body: expect.stringContaining('Not this browser'),
    });
    expect(await scene.ask(path, { headers: { cookie: 'km-setup-1=x' } })).toMatchObject({ status: 403 });
    expect(scene.codes).toEqual([]);
  });
});

describe('not shown', () => {
  test('the page to a second browser, by the same address', async () => {
    await scene.enter();
    expect(await scene.ask(scene.entry)).toMatchObject({
      status: 403,
      body: expect.stringContaining('Open in another browser already'),
    });
  });

  test('anything to another user of the machine, who leaves the address good and may know the cookie', async () => {
    scene.isAnotherUsers = () => true;
    const refused = { status: 403, body: expect.stringContaining('Another user') };
    expect(await scene.ask(scene.entry)).toMatchObject(refused);
    scene.isAnotherUsers = () => false;
    const { headers, path } = await scene.callback();
    scene.isAnotherUsers = () => true;
    for (const each of ['/', path]) expect(await scene.ask(each, { headers })).toMatchObject(refused);
    expect(scene.codes).toEqual([]);
  });

  test('the page without the cookie', async () => {
    expect((await scene.ask('/')).status).toBe(403);
    expect((await scene.ask('/')).body).not.toMatch(STATE);
  });

  test.each(['/start/', '/start/x', '/favicon.ico', '/admin', '//evil.example/', '/../etc/passwd', '/%00'])(
    'anything at %s',
    async (path) => {
      const answer = await scene.ask(path, { headers: await scene.enter() });
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
    const { headers, path } = await scene.callback();
    for (const each of ['/', path]) {
      const answer = await scene.ask(each, { headers: { ...headers, ...more } });
      expect(answer.status).toBe(403);
      expect(answer.body).not.toMatch(STATE);
    }
    expect(scene.codes).toEqual([]);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('anything to a %s', async (method) => {
    const { headers, path } = await scene.callback();
    expect((await scene.ask(path, { method, headers })).status).toBe(403);
    expect(scene.codes).toEqual([]);
  });
});

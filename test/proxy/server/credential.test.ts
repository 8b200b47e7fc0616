import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KmError } from '../../../lib/errors.ts';
import { Secret } from '../../../lib/secret.ts';
import { EVERYTHING, holderOf, ProxyScene, TOKEN } from './scene.ts';

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('with injection', () => {
  let scene: ProxyScene;
  beforeAll(async () => {
    scene = await ProxyScene.start();
  });
  afterAll(() => scene[Symbol.asyncDispose]());

  test.each([
    ['nothing', {}],
    ['a placeholder, as gh sends it, from GH_TOKEN', { authorization: 'token placeholder' }],
    ["another account's token", { authorization: 'Bearer ghp_ofSomebodyElse' }],
    [
      'a cookie and a key beside it',
      { cookie: 'user_session=abc', 'x-api-key': 'abc', 'private-token': 'abc' },
    ],
  ])('REST gets the token of the sandbox where the client sent %s', async (_, headers) => {
    scene.seen.length = 0;
    const { status } = await scene.request({ target: '/repos/my-org/my-repo', headers });
    expect(status).toBe(200);
    const [{ headers: arrived } = { headers: {} }] = scene.seen;
    expect(arrived).toMatchObject({ authorization: `Bearer ${TOKEN}`, host: 'api.github.com' });
    expect(Object.keys(arrived)).not.toContain('cookie');
    expect(Object.keys(arrived)).not.toContain('x-api-key');
    expect(Object.keys(arrived)).not.toContain('private-token');
  });

  test('git gets it as the password of Basic, whatever the client sent', async () => {
    scene.seen.length = 0;
    await scene.request({
      host: 'github.com',
      target: '/my-org/my-repo.git/info/refs?service=git-upload-pack',
      headers: { authorization: basic('someone', 'ghp_ofSomebodyElse') },
    });
    expect(scene.seen.map(({ headers }) => headers.authorization)).toEqual([basic('x-access-token', TOKEN)]);
  });

  test('what is refused never reaches GitHub, and no answer or audit line holds the token', async () => {
    scene.seen.length = 0;
    const { status, body } = await scene.request({ target: '/repos/other-org/their-repo' });
    expect(status).toBe(403);
    expect(scene.seen).toEqual([]);
    expect(JSON.stringify(scene.audit) + body).not.toContain(TOKEN);
  });
});

describe('a token that GitHub refuses', () => {
  const refusing = async (tokens: readonly string[]) => {
    let index = 0;
    const scene = await ProxyScene.start({
      tokens: {
        ...holderOf(''),
        token: async () => new Secret(tokens[index] ?? ''),
        forget: () => {
          index += 1;
        },
      },
      onRequest: ({ headers }, response) => {
        const isGood = headers.authorization === 'Bearer good';
        response.writeHead(isGood ? 200 : 401, { 'www-authenticate': 'Basic realm="GitHub"' }).end('{}');
      },
    });
    return scene;
  };

  test('is read anew, and the request sent once more', async () => {
    await using scene = await refusing(['revoked', 'good']);
    const { status } = await scene.request({ target: '/repos/my-org/my-repo' });
    expect(status).toBe(200);
    expect(scene.seen).toHaveLength(2);
  });

  test('twice ends in an answer that says so, without a challenge to the client', async () => {
    await using scene = await refusing(['revoked', 'revoked too']);
    const { status, headers, body } = await scene.request({ target: '/repos/my-org/my-repo' });
    expect(status).toBe(502);
    expect(headers.has('www-authenticate')).toBe(false);
    expect(JSON.parse(body.toString())).toMatchObject({ rule: 'token' });
    expect(scene.seen).toHaveLength(2);
  });
});

test('a token that cannot be read lets nothing through, and its error names no secret', async () => {
  await using scene = await ProxyScene.start({
    tokens: {
      ...holderOf(TOKEN),
      token: async () => {
        throw new KmError('ErrTokenUnreadable', 'The token cannot be read: AccessDenied', {
          remedy: 'km doctor',
        });
      },
    },
  });
  const { status, body } = await scene.request({ target: '/repos/my-org/my-repo' });
  expect(status).toBe(502);
  expect(JSON.parse(body.toString())).toMatchObject({ rule: 'token', change: 'km doctor' });
  expect(scene.seen).toEqual([]);
});

describe('without injection', () => {
  let scene: ProxyScene;
  beforeAll(async () => {
    scene = await ProxyScene.start({ inject: false, policy: EVERYTHING });
  });
  afterAll(() => scene[Symbol.asyncDispose]());

  test.each([
    ['Bearer', `Bearer ${TOKEN}`],
    ['token', `token ${TOKEN}`],
    ['a password', basic('x-access-token', TOKEN)],
    ['a user name', basic(TOKEN, '')],
    ['a user name with x-oauth-basic', basic(TOKEN, 'x-oauth-basic')],
  ])("the sandbox's own token passes as %s", async (_, authorization) => {
    scene.seen.length = 0;
    const { status } = await scene.request({ target: '/repos/my-org/my-repo', headers: { authorization } });
    expect(status).toBe(200);
    expect(scene.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  test.each([
    ["another account's token", 'Bearer ghp_ofSomebodyElse'],
    ['a token that merely begins alike', `Bearer ${TOKEN}x`],
    ['the token as user name beside another password', basic(TOKEN, 'ghp_ofSomebodyElse')],
    ['a scheme that nobody reads', `Digest ${TOKEN}`],
    ['an empty Bearer', 'Bearer '],
    ['two in one header', `Bearer ${TOKEN}, Bearer ghp_ofSomebodyElse`],
  ])('%s is refused', async (_, authorization) => {
    scene.seen.length = 0;
    const { status, body } = await scene.request({
      target: '/repos/my-org/my-repo',
      headers: { authorization },
    });
    expect(status).toBe(403);
    expect(JSON.parse(body.toString())).toMatchObject({ rule: 'credential' });
    expect(scene.seen).toEqual([]);
  });

  test('a request without a credential passes without one', async () => {
    scene.seen.length = 0;
    await scene.request({ target: '/repos/my-org/my-repo' });
    expect(scene.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

import { createPrivateKey } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { createKmsSigningKeys } from '../../lib/broker/kms-signing-keys.ts';
import { createGitHubApp } from '../../lib/github/app.ts';
import { signAppJwt } from '../../lib/github/app-jwt.ts';
import { type AppSigner, pemSigner } from '../../lib/github/app-signer.ts';
import { Secret } from '../../lib/secret.ts';
import { fakeKms } from '../broker/fake-kms.ts';
import { later, NOW } from './frozen-world.ts';
import { refusal } from './refusal.ts';
import type { Exchange } from './scripted-fetch.ts';
import { CLIENT_ID, PKCS1, PKCS8, publicKey, scene } from './test-app.ts';

const claimsOf = async (authorization: string | null, at = NOW) => {
  const jwt = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '';
  const { payload, protectedHeader } = await jwtVerify(jwt, publicKey, { currentDate: new Date(at) });
  return { ...payload, alg: protectedHeader.alg };
};

const ask = (request = '/app') => ({ method: 'GET', path: request, deadline: later(120_000) }) as const;
const date = (ms: number) => ({ date: new Date(ms).toUTCString() });
const EXP = "'Expiration time' claim ('exp') is too far in the future";
const IAT =
  "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";

const { kms } = fakeKms({ 'alias/km-app-key': createPrivateKey(PKCS1) });
const keys = createKmsSigningKeys(async () => kms);

describe.each<[string, AppSigner]>([
  ['a key in PKCS#1', pemSigner(new Secret(PKCS1))],
  ['a key in PKCS#8', pemSigner(new Secret(PKCS8))],
  ['a key with Windows line ends', pemSigner(new Secret(PKCS1.replaceAll('\n', '\r\n')))],
  ['a key in KMS', keys.signer('alias/km-app-key')],
])('the app JWT by %s', (_form, signer) => {
  test('is RS256 for the client id, a minute back and nine ahead', async () => {
    const jwt = await signAppJwt({ clientId: CLIENT_ID, signer, nowMs: NOW + 999 });
    expect(await claimsOf(`Bearer ${jwt.reveal()}`)).toEqual({
      iss: CLIENT_ID,
      iat: NOW / 1000 - 60,
      exp: NOW / 1000 + 540,
      alg: 'RS256',
    });
  });

  test('is accepted by a GitHub that is a minute behind or ahead', async () => {
    const jwt = await signAppJwt({ clientId: CLIENT_ID, signer, nowMs: NOW });
    for (const theirs of [NOW - 60_000, NOW + 60_000]) {
      const claims = await claimsOf(`Bearer ${jwt.reveal()}`, theirs);
      expect(claims.iat).toBeLessThanOrEqual(theirs / 1000);
      expect(claims.exp).toBeLessThanOrEqual(theirs / 1000 + 600);
    }
  });

  test('is three parts of base64url without padding', async () => {
    const jwt = await signAppJwt({ clientId: 'Iv23li-ÿÿÿ?', signer, nowMs: NOW });
    expect(jwt.reveal()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{342}$/);
  });
});

describe('a JWT that was sent before', () => {
  const ok = (request: string): Exchange => ({ request: `GET ${request}` });
  const undecodable = (request: string): Exchange => ({
    request: `GET ${request}`,
    status: 401,
    body: { message: 'A JSON web token could not be decoded' },
  });
  const jwts = (sent: readonly { readonly headers: Headers }[]) =>
    sent.map(({ headers }) => headers.get('authorization'));

  test('serves for a minute, and side by side', async () => {
    const { app, world, sent, finish } = scene([ok('/1'), ok('/2'), ok('/3'), ok('/4')]);
    await Promise.all([app.send(ask('/1')), app.send(ask('/2'))]);
    world.advance(59_000);
    await app.send(ask('/3'));
    world.advance(1_000);
    await app.send(ask('/4'));
    finish();
    const [first, second, third, fourth] = jwts(sent);
    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
  });

  test('is signed anew once when GitHub takes it no more', async () => {
    const { app, world, sent, finish } = scene([ok('/1'), undecodable('/2'), ok('/2'), ok('/3')]);
    await app.send(ask('/1'));
    world.advance(2_000);
    expect((await app.send(ask('/2'))).status).toBe(200);
    await app.send(ask('/3'));
    finish();
    const [first, second, third, fourth] = jwts(sent);
    expect([second, fourth]).toEqual([first, third]);
    expect(third).not.toBe(first);
  });

  test('is not signed a third time', async () => {
    const { app, finish } = scene([ok('/1'), undecodable('/2'), undecodable('/2')]);
    await app.send(ask('/1'));
    expect((await refusal(app.send(ask('/2')))).code).toBe('ErrGitHubKeyOfAnotherApp');
    finish();
  });

  test('is not kept when it could not be signed', async () => {
    const { world, finish } = scene([ok('/1')]);
    const pem = pemSigner(new Secret(PKCS1));
    let refusals = 1;
    const sign = (input: Uint8Array) =>
      refusals-- > 0 ? Promise.reject(new Error('not now')) : pem.sign(input);
    const app = createGitHubApp({ clientId: CLIENT_ID, signer: { sign }, transport: world });
    await expect(app.send(ask('/1'))).rejects.toThrow('not now');
    expect((await app.send(ask('/1'))).status).toBe(200);
    finish();
  });
});

describe('the App', () => {
  test.each([
    ['exp', EXP, NOW - 15 * 60_000],
    ['iat', IAT, NOW + 15 * 60_000],
  ])(
    "signs once more by GitHub's clock when it is refused for %s, and keeps that",
    async (_claim, message, theirs) => {
      const { app, sent, finish } = scene([
        { request: 'GET /app', status: 401, body: { message }, headers: date(theirs) },
        { request: 'GET /app' },
        { request: 'GET /app/again' },
      ]);
      expect((await app.send(ask())).status).toBe(200);
      await app.send(ask('/app/again'));
      finish();
      for (const request of sent.slice(1)) {
        const claims = await claimsOf(request.headers.get('authorization'), theirs);
        expect([claims.iat, claims.exp]).toEqual([theirs / 1000 - 60, theirs / 1000 + 540]);
      }
    },
  );

  const refused: readonly [string, readonly Exchange[], string, string][] = [
    [
      'times that stay wrong',
      [
        { request: 'GET /app', status: 401, body: { message: EXP }, headers: date(NOW) },
        { request: 'GET /app', status: 401, body: { message: EXP }, headers: date(NOW) },
      ],
      'ErrGitHubClockSkew',
      `GitHub refuses the times in the App's JWT: ${EXP}`,
    ],
    [
      'times, without a Date to go by',
      [{ request: 'GET /app', status: 401, body: { message: EXP } }],
      'ErrGitHubClockSkew',
      `GitHub refuses the times in the App's JWT: ${EXP}`,
    ],
    [
      'a key of another App',
      [{ request: 'GET /app', status: 401, body: { message: 'A JSON web token could not be decoded' } }],
      'ErrGitHubKeyOfAnotherApp',
      `GitHub does not accept the private key for the App with client id '${CLIENT_ID}': A JSON web token could not be decoded`,
    ],
    [
      'a client id of no App',
      [{ request: 'GET /app', status: 404, body: { message: 'Integration not found' } }],
      'ErrGitHubKeyOfAnotherApp',
      `GitHub does not accept the private key for the App with client id '${CLIENT_ID}': Integration not found`,
    ],
    [
      'a key that was deleted',
      [{ request: 'GET /app', status: 401, body: { message: 'Integration must generate a public key' } }],
      'ErrGitHubKeyOfAnotherApp',
      `GitHub does not accept the private key for the App with client id '${CLIENT_ID}': Integration must generate a public key`,
    ],
  ];
  test.each(refused)('says so when GitHub refuses %s', async (_name, script, code, message) => {
    const { app, finish } = scene(script);
    const error = await refusal(app.send(ask()));
    finish();
    expect([error.code, error.message]).toEqual([code, message]);
    expect(error.remedy).toMatch(/\w/);
  });

  test('passes any other 404 on', async () => {
    const { app, finish } = scene([{ request: 'GET /app', status: 404, body: { message: 'Not Found' } }]);
    expect((await app.send(ask())).status).toBe(404);
    finish();
  });
});

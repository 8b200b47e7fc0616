import { jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { signAppJwt } from '../../lib/github/app-jwt.ts';
import { pemSigner } from '../../lib/github/app-signer.ts';
import { Secret } from '../../lib/secret.ts';
import { later, NOW } from './frozen-world.ts';
import { refusal } from './refusal.ts';
import type { Exchange } from './scripted-fetch.ts';
import { CLIENT_ID, PKCS1, PKCS8, publicKey, scene } from './test-app.ts';

const claimsOf = async (authorization: string | null, at = NOW) => {
  const jwt = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '';
  const { payload, protectedHeader } = await jwtVerify(jwt, publicKey, { currentDate: new Date(at) });
  return { ...payload, alg: protectedHeader.alg };
};

const ask = (request = '/app') => ({ method: 'GET', path: request, deadline: later() }) as const;
const date = (ms: number) => ({ date: new Date(ms).toUTCString() });
const EXP = "'Expiration time' claim ('exp') is too far in the future";
const IAT =
  "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";

describe('the app JWT', () => {
  test.each([
    ['PKCS#1', PKCS1],
    ['PKCS#8', PKCS8],
  ])('is RS256 for the client id, a minute back and nine ahead, with a key in %s', async (_form, pem) => {
    const jwt = await signAppJwt({
      clientId: CLIENT_ID,
      signer: pemSigner(new Secret(pem)),
      nowMs: NOW + 999,
    });
    expect(await claimsOf(`Bearer ${jwt.reveal()}`)).toEqual({
      iss: CLIENT_ID,
      iat: NOW / 1000 - 60,
      exp: NOW / 1000 + 540,
      alg: 'RS256',
    });
  });

  test('is accepted by a GitHub that is a minute behind or ahead', async () => {
    const jwt = await signAppJwt({ clientId: CLIENT_ID, signer: pemSigner(new Secret(PKCS1)), nowMs: NOW });
    for (const theirs of [NOW - 60_000, NOW + 60_000]) {
      const claims = await claimsOf(`Bearer ${jwt.reveal()}`, theirs);
      expect(claims.iat).toBeLessThanOrEqual(theirs / 1000);
      expect(claims.exp).toBeLessThanOrEqual(theirs / 1000 + 600);
    }
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

import { createHmac, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyAppJwt } from '../../lib/local/github/app-jwt.ts';
import { signJwt, startWorld, type World } from './github-harness.ts';

const rsaKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const UNDECODABLE = 'A JSON web token could not be decoded';
const IAT =
  "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
const EXP =
  "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
const TOO_FAR = "'Expiration time' claim ('exp') is too far in the future";

describe('the times of an App JWT, on a frozen clock', () => {
  const { publicKey, privateKey } = rsaKey();
  const now = 1_800_000_000;
  const app = {
    id: 7,
    clientId: 'Iv23liExample',
    slug: 's',
    name: 's',
    description: '',
    url: 'https://example.com',
    public: true,
    permissions: {},
    events: [],
    publicKeys: [publicKey],
    createdAt: 0,
    updatedAt: 0,
  };
  const apps = {
    byIssuer: (issuer: string) => (issuer === app.clientId || issuer === '7' ? app : undefined),
  };
  const verify = (claims: object) => () => verifyAppJwt(signJwt(privateKey, claims), apps, now * 1000 + 999);

  test.each([
    ['iat a minute back, exp nine minutes on', { iss: app.clientId, iat: now - 60, exp: now + 540 }],
    ['iat now, exp exactly ten minutes on', { iss: app.clientId, iat: now, exp: now + 600 }],
    ['exp one second on', { iss: app.clientId, iat: now, exp: now + 1 }],
    ['the App id as text', { iss: '7', iat: now, exp: now + 60 }],
    ['the App id as a number', { iss: 7, iat: now, exp: now + 60 }],
  ])('%s is accepted', (_title, claims) => {
    expect(verify(claims)).not.toThrow();
  });

  test.each<[string, object, number, string]>([
    ['iat in the future', { iss: '7', iat: now + 1, exp: now + 60 }, 401, IAT],
    ['iat with a fraction', { iss: '7', iat: now - 0.5, exp: now + 60 }, 401, IAT],
    ['iat as text', { iss: '7', iat: String(now), exp: now + 60 }, 401, IAT],
    ['no iat', { iss: '7', exp: now + 60 }, 401, IAT],
    ['exp now', { iss: '7', iat: now - 60, exp: now }, 401, EXP],
    ['exp as text', { iss: '7', iat: now, exp: String(now + 60) }, 401, EXP],
    ['no exp', { iss: '7', iat: now }, 401, EXP],
    ['exp a second more than ten minutes on', { iss: '7', iat: now, exp: now + 601 }, 401, TOO_FAR],
    ['no iss', { iat: now, exp: now + 60 }, 401, "'Issuer' claim ('iss') must be an Integer"],
    ['the iss of another App', { iss: '8', iat: now, exp: now + 60 }, 404, 'Integration not found'],
  ])('%s is refused', (_title, claims, status, message) => {
    expect(verify(claims)).toThrow(expect.objectContaining({ status, message }));
  });
});

describe('forged App JWTs', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  const publicKeyOf = () =>
    (JSON.parse(world.tables.dump()) as [string, [string, string][]][])
      .filter(([name]) => name === 'github-app')
      .map(([, rows]) => (JSON.parse(rows[0]?.[1] ?? '{}') as { publicKeys: string[] }).publicKeys[0])[0] ??
    '';

  test('a good one is the App itself', async () => {
    const { status, body } = await world.rest('GET', '/app', world.jwt());
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: world.github.app?.id,
      client_id: world.github.app?.clientId,
      slug: 'km-local',
    });
  });

  test.each<[string, () => string]>([
    ['alg none with an empty signature', () => `${part({ alg: 'none' })}.${part(world.claims())}.`],
    ['alg none with some signature', () => `${part({ alg: 'none' })}.${part(world.claims())}.c2ln`],
    [
      'HS256 keyed with the public key',
      () => {
        const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(world.claims())}`;
        return `${signed}.${createHmac('sha256', publicKeyOf()).update(signed).digest('base64url')}`;
      },
    ],
    [
      'a good signature under a header that says RS512',
      () => signJwt(world.privateKey, world.claims(), { alg: 'RS512' }),
    ],
    ['a header with crit', () => signJwt(world.privateKey, world.claims(), { alg: 'RS256', crit: ['b64'] })],
    ['another key', () => signJwt(rsaKey().privateKey, world.claims())],
    [
      'a key of its own in the header',
      () => {
        const own = rsaKey();
        return signJwt(own.privateKey, world.claims(), {
          alg: 'RS256',
          jwk: own.publicKey,
          kid: own.publicKey,
        });
      },
    ],
    [
      'claims changed after signing',
      () => {
        const [header, , signature] = world.jwt().split('.');
        return `${header}.${part({ ...world.claims(), exp: world.claims().exp + 1 })}.${signature}`;
      },
    ],
    ['no signature', () => world.jwt().replace(/[^.]*$/, '')],
    ['claims that are no object', () => signJwt(world.privateKey, [1])],
    ['claims that are no JSON', () => `${part({ alg: 'RS256' })}.e30x.c2ln`],
    [
      'a token of 5,000 characters',
      () => signJwt(world.privateKey, { ...world.claims(), pad: 'x'.repeat(5000) }),
    ],
  ])('%s is refused as undecodable', async (_title, forge) => {
    const { status, body } = await world.rest('GET', '/app', forge());
    expect(body).toEqual({
      message: UNDECODABLE,
      documentation_url: 'https://docs.github.com/rest',
      status: '401',
    });
    expect(status).toBe(401);
  });

  test.each([
    ['no credential', undefined],
    ['an installation token', 'installation'],
  ])('%s is not the App', async (_title, kind) => {
    const token = kind === undefined ? undefined : await world.mint('my-org');
    const { status, body } = await world.rest('GET', '/app', token);
    expect([status, body.message]).toEqual([401, UNDECODABLE]);
  });

  test('only the public half of the key is kept, and the private half is given once as PKCS#1', async () => {
    expect(world.privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----\n/);
    expect(world.tables.dump()).not.toContain('PRIVATE KEY');
    expect(world.github.app?.clientId).toMatch(/^Iv23li[A-Za-z0-9]{14}$/);
  });
});

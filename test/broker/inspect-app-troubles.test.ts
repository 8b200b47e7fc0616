import { describe, expect, test } from 'vitest';
import { KmError } from '../../lib/errors.ts';
import { CLIENT_ID, PKCS1 } from '../github/test-app.ts';
import { names } from './broker-scene.ts';
import { codes, type InspectionScene, inspect, inspectionScene, STORED } from './inspection-scene.ts';

describe('the clock', () => {
  const refuse = (scene: InspectionScene, until: (iat: number) => boolean): void => {
    scene.github.intercept = ({ authorization }) => {
      const claims = JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString());
      return until(claims.iat * 1000)
        ? undefined
        : Response.json({ message: "'Issued at' claim ('iat') is in the future" }, { status: 401 });
    };
  };

  test.each([-900_000, -2_000, 3_000, 86_400_000])(
    'is told when GitHub is %i ms ahead, and the JWT is corrected',
    async (aheadMs) => {
      const scene = inspectionScene(STORED);
      scene.github.aheadMs = aheadMs;
      refuse(scene, (iat) => Math.abs(iat - scene.world.now() - aheadMs) < 120_000);
      expect(await inspect(scene)).toMatchObject({
        clock_skew_ms: aheadMs,
        jwt: { ok: true },
        problems: [],
      });
    },
  );

  test('that GitHub refuses in any case is a problem of the JWT, with the skew', async () => {
    const scene = inspectionScene(STORED);
    scene.github.aheadMs = 5_000;
    refuse(scene, () => false);
    const answer = await inspect(scene);
    expect(answer).toMatchObject({ clock_skew_ms: 5_000, jwt: { ok: false } });
    expect(codes(answer)).toEqual(['ErrGitHubClockSkew']);
  });
});

describe('what cannot be found out', () => {
  test('leaves the rest: GitHub answers the App and not its installations', async () => {
    const scene = inspectionScene(STORED);
    scene.github.intercept = ({ name }) =>
      name.startsWith('GET /app/installations')
        ? Response.json({ message: 'boom' }, { status: 500 })
        : undefined;
    const answer = await inspect(scene);
    expect(answer).toMatchObject({ jwt: { ok: true }, app: { slug: 'km-sandboxes' } });
    expect(answer).not.toHaveProperty('installations');
    expect(codes(answer)).toEqual(['ErrGitHubUnavailable']);
  });

  test('is not waited for longer than 20 s', async () => {
    const scene = inspectionScene(STORED);
    scene.github.intercept = () =>
      new Response('{}', { status: 403, headers: { 'retry-after': '19', 'x-ratelimit-remaining': '0' } });
    const started = scene.world.now();
    const answer = await inspect(scene);
    expect(codes(answer)).toEqual(['ErrGitHubRateLimited']);
    expect(answer).not.toHaveProperty('jwt');
    expect(scene.world.now() - started).toBeLessThanOrEqual(20_000);
  });

  test.each<[string, string, object]>([
    ['the key', names.privateKey, { configured: false, client_id: CLIENT_ID, key: { ok: false } }],
    ['the rest', names.appClientId, { configured: false, host: '', key: { ok: true } }],
    ['the installations', names.installationsPath, { configured: true, stored_installations: [] }],
  ])('of Parameter Store leaves the rest: %s', async (_, name, expected) => {
    const scene = inspectionScene(STORED);
    scene.store.fault = (_operation, read) =>
      read === name ? new KmError('ErrAws', 'GetParameters failed: InvalidKeyId') : undefined;
    const answer = await inspect(scene);
    expect(answer).toMatchObject({ ...expected, missing: [] });
    expect(codes(answer)).toEqual(['ErrAws']);
  });

  test.each([
    [names.appClientId, PKCS1, 'the client id of an App'],
    [names.host, PKCS1, 'a host'],
    [names.appSlug, PKCS1, 'the slug of an App'],
    [names.signingKey, PKCS1, 'the ARN of a key in KMS'],
    [names.legacyInstallationId, PKCS1, 'an installation id'],
    [names.installation('my-org'), PKCS1, 'an installation id'],
  ])('is what holds something else, of which nothing is told: %s', async (name, value, what) => {
    const scene = inspectionScene({ ...STORED, [name]: value });
    const answer = await inspect(scene);
    expect(answer.problems).toContainEqual(
      expect.objectContaining({ code: 'ErrAppConfigInvalid', message: `${name} does not hold ${what}` }),
    );
    expect(JSON.stringify(answer)).not.toContain(PKCS1.split('\n')[1]);
  });

  test('is asked of nobody where the host is none', async () => {
    const scene = inspectionScene({ ...STORED, [names.host]: 'evil/path' });
    expect(await inspect(scene)).toMatchObject({ host: '' });
    expect(scene.github.requests).toEqual([]);
  });

  test('is a host that GitHub has not', async () => {
    const scene = inspectionScene({ ...STORED, [names.host]: 'www.github.com' });
    const answer = await inspect(scene);
    expect(answer).toMatchObject({ host: 'www.github.com', problems: [{ code: 'ErrGitHubBadHost' }] });
    expect(scene.github.requests).toEqual([]);
  });
});

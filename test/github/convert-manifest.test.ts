import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { convertManifest } from '../../lib/github/convert-manifest.ts';
import { later } from './frozen-world.ts';
import { refusal } from './refusal.ts';
import type { Exchange } from './scripted-fetch.ts';
import { appBody, PKCS1, scene } from './test-app.ts';

const REQUEST = 'POST /app-manifests/a1b2c3/conversions';
const created = (more: Readonly<Record<string, unknown>> = {}) =>
  appBody({ client_secret: 'c'.repeat(40), webhook_secret: null, pem: PKCS1, ...more });

const convert = async (script: readonly Exchange[], code = 'a1b2c3') => {
  const { world, sent, finish } = scene(script);
  const app = convertManifest(world, { code, deadline: later() });
  await app.catch(() => undefined);
  finish();
  return { app: await app, sent };
};

describe("a manifest's code", () => {
  test('gives the new App and its key, and is sent without a credential', async () => {
    const { app, sent } = await convert([{ request: REQUEST, status: 201, body: created() }]);
    expect(app.app).toMatchObject({ id: 42, slug: 'km-sandboxes', clientId: 'Iv23liTestApp0000000' });
    expect(app.privateKey.reveal()).toBe(PKCS1);
    expect(app.webhookSecret).toBeUndefined();
    expect(sent[0]?.headers.has('authorization')).toBe(false);
    expect(inspect(app, { depth: 9 })).not.toMatch(/PRIVATE KEY|cccc/);
  });

  test("gives the webhook's secret where there is a webhook", async () => {
    const body = created({ webhook_secret: 's3cr3t' });
    const { app } = await convert([{ request: REQUEST, status: 201, body }]);
    expect(app.webhookSecret?.reveal()).toBe('s3cr3t');
  });

  test('is asked about again after a fault of GitHub', async () => {
    const { app } = await convert([
      { request: REQUEST, status: 502 },
      { request: REQUEST, status: 201, body: created() },
    ]);
    expect(app.app.id).toBe(42);
  });

  test.each<[string, readonly Exchange[], string, string?]>([
    ['was used', [{ request: REQUEST, status: 404 }], 'ErrGitHubManifestCode'],
    ['is too old', [{ request: REQUEST, status: 422 }], 'ErrGitHubManifestCode'],
    ['is empty', [], 'ErrGitHubManifestCode', ''],
    ['would be another path', [], 'ErrGitHubManifestCode', '../../user'],
    [
      'gives no key',
      [{ request: REQUEST, status: 201, body: created({ pem: '' }) }],
      'ErrGitHubUnexpectedAnswer',
    ],
    [
      'gives no client id',
      [{ request: REQUEST, status: 201, body: created({ client_id: undefined }) }],
      'ErrGitHubUnexpectedAnswer',
    ],
    ['leads elsewhere', [{ request: REQUEST, status: 302 }], 'ErrGitHubUnexpectedAnswer'],
  ])('is refused when it %s', async (_, script, code, given = 'a1b2c3') => {
    const error = await refusal(convert(script, given));
    expect(error.code).toBe(code);
    expect(`${error.message}${error.remedy}`).not.toContain('PRIVATE KEY');
  });
});

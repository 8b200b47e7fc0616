import { createPrivateKey } from 'node:crypto';
import { inspect as print } from 'node:util';
import { describe, expect, test } from 'vitest';
import { inspectApp } from '../../lib/broker/inspect-app.ts';
import type { InspectEvent } from '../../lib/broker/inspection.ts';
import { createKmsSigningKeys } from '../../lib/broker/kms-signing-keys.ts';
import { proveApp } from '../../lib/broker/prove-app.ts';
import { refresh } from '../../lib/broker/refresh.ts';
import { refusal } from '../github/refusal.ts';
import { CLIENT_ID, PKCS1 } from '../github/test-app.ts';
import { event, names } from './broker-scene.ts';
import { ARN, fakeKms } from './fake-kms.ts';
import { acceptOnly, codes, type InspectionScene, inspectionScene, newKey } from './inspection-scene.ts';

const ALIAS = names.signingKeyAlias;
const CANDIDATE = names.signingKeyCandidateAlias;

/** An App whose key is in KMS. No parameter holds a key, and reading one is refused. */
const kmsScene = (pem = PKCS1): InspectionScene => {
  const scene = inspectionScene({ [names.appClientId]: CLIENT_ID });
  scene.kms.keys.set(ALIAS, createPrivateKey(pem));
  scene.store.fault = (_operation, name) =>
    name.startsWith(names.privateKey) ? new Error(`${name} was read`) : undefined;
  acceptOnly(scene, pem);
  return scene;
};

const inspect = (scene: InspectionScene, more: Partial<InspectEvent> = {}) =>
  inspectApp(scene.inKms, { action: 'inspect', ...more }, { deadline: scene.deadline() });

describe('with signer kms', () => {
  test('a refresh reads no key, and signs once', async () => {
    const scene = kmsScene();
    const published = await refresh(scene.inKms, event(['my-user/my-repo', 'my-org/x']), {
      deadline: scene.deadline(),
    });
    expect(published).toHaveLength(2);
    expect(scene.kms.calls).toEqual([
      {
        KeyId: ALIAS,
        Message: expect.any(Uint8Array),
        MessageType: 'RAW',
        SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
      },
    ]);
  });

  test('inspect tells of the key in KMS, and misses no private key', async () => {
    const scene = kmsScene();
    scene.store.put(names.signingKey, ARN);
    expect(await inspect(scene)).toMatchObject({
      configured: true,
      missing: [],
      signer: 'kms',
      key: {
        ok: true,
        type: 'rsa',
        bits: 2048,
        fingerprint: expect.stringMatching(/^SHA256:/),
        kms_key_id: ARN,
        stored_at: '2026-11-20T10:00:00.000Z',
      },
      signing_key: ARN,
      jwt: { ok: true },
      problems: [],
    });
  });

  test('inspect misses the client id alone where nothing is stored', async () => {
    const scene = kmsScene();
    await scene.store.remove([names.appClientId]);
    const answer = await inspect(scene);
    expect(answer).toMatchObject({ configured: false, missing: [names.appClientId], key: { ok: true } });
  });

  test('a candidate is the key of its own alias', async () => {
    const scene = kmsScene();
    const candidate = newKey('rsa');
    scene.kms.keys.set(CANDIDATE, createPrivateKey(candidate));
    acceptOnly(scene, candidate);
    expect((await inspect(scene, { candidate: true })).jwt).toEqual({ ok: true });
    expect((await inspect(scene)).jwt?.ok).toBe(false);
    const deadline = scene.deadline();
    expect(await proveApp(scene.inKms, { action: 'prove', candidate: true }, { deadline })).toMatchObject({
      ok: true,
    });
  });

  test('a rotation counts at the next signature, also where the old key was dropped on GitHub', async () => {
    const scene = kmsScene();
    const run = () => refresh(scene.inKms, event(['my-user/my-repo']), { deadline: scene.deadline() });
    await run();
    const next = newKey('rsa');
    scene.kms.keys.set(ALIAS, createPrivateKey(next));
    acceptOnly(scene, next);
    expect(await run()).toHaveLength(1);
  });

  test.each([
    ['NotFoundException', 'ErrSigningKeyUnusable', 'KMS knows no such alias or key'],
    ['DisabledException', 'ErrSigningKeyUnusable', 'its key is disabled'],
    ['KMSInvalidStateException', 'ErrSigningKeyUnusable', 'waits for its deletion or for its key material'],
    ['InvalidKeyUsageException', 'ErrSigningKeyUnusable', 'its key is not one that signs'],
    ['AccessDeniedException', 'ErrSigningKeyUnusable', 'does not allow it'],
    ['ThrottlingException', 'ErrAws', 'KMS did not answer for alias/km-app-key: ThrottlingException'],
  ])('%s is told once, as %s', async (name, code, message) => {
    const scene = kmsScene();
    scene.kms.fault = () => name;
    const answer = await inspect(scene);
    expect(answer.key).toMatchObject({ ok: false, problem: { code } });
    expect(codes(answer)).toEqual([code]);
    expect(answer.problems[0]?.message).toContain(message);
    expect(answer).not.toHaveProperty('jwt');
    const error = await refusal(
      refresh(scene.inKms, event(['my-user/my-repo']), { deadline: scene.deadline() }),
    );
    expect(error.code).toBe(code);
  });

  test('a key in KMS that is none of an App is named by its alias', async () => {
    const answer = await inspect(kmsScene(newKey('rsa', { bits: 1024 })));
    expect(answer.key).toMatchObject({ ok: false, bits: 1024, kms_key_id: ARN });
    expect(answer.problems[0]?.message).toBe(
      'The signing key alias/km-app-key has 1024 bits, fewer than 2048',
    );
  });

  test('KMS is opened at the first signature, and again after a failure to open it', async () => {
    const { kms } = fakeKms({ [ALIAS]: createPrivateKey(PKCS1) });
    let opened = 0;
    const keys = createKmsSigningKeys(async () => {
      opened += 1;
      if (opened === 1) throw new Error('no such bundle');
      return kms;
    });
    const signer = keys.signer(ALIAS);
    expect(opened).toBe(0);
    const error = await refusal(signer.sign(Buffer.from('x')));
    expect(error.code).toBe('ErrAws');
    expect(await signer.sign(Buffer.from('x'))).toHaveLength(256);
  });
});

test('with signer parameter, a stored signing key contradicts it, and is not used', async () => {
  const scene = inspectionScene();
  scene.store.put(names.signingKey, ARN);
  const answer = await inspectApp(scene.broker, { action: 'inspect' }, { deadline: scene.deadline() });
  expect(answer).toMatchObject({ signer: 'parameter', signing_key: ARN, jwt: { ok: true } });
  expect(codes(answer)).toEqual(['ErrAppConfigInvalid']);
  expect(scene.kms.calls).toEqual([]);
  expect(print(answer, { depth: 9 })).not.toContain('PRIVATE');
});

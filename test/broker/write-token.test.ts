import { expect, test } from 'vitest';
import { refresh } from '../../lib/broker/refresh.ts';
import { KmError } from '../../lib/errors.ts';
import { refusal } from '../github/refusal.ts';
import { brokerScene, event, ID, names } from './broker-scene.ts';
import { writeRefused } from './memory-store.ts';

const parameter = names.tokenParameter(ID);
const keyUnknown = () => new KmError('ErrSandboxKeyUnknown', 'KMS does not know its key');

/** A scene whose Parameter Store refuses that many writes. */
const refusing = (times: number, error: () => Error) => {
  const scene = brokerScene();
  let left = times;
  scene.store.fault = (operation) => (operation === 'write' && left-- > 0 ? error() : undefined);
  const writes = () => scene.store.calls.filter(({ operation }) => operation === 'write').length;
  return { ...scene, writes };
};

test('a key that KMS does not know yet is waited for, and the first token is then published', async () => {
  const scene = refusing(4, keyUnknown);
  const published = await refresh(scene.broker, event(['my-user/my-repo']), { deadline: scene.deadline() });
  expect(published.map((token) => token.parameter)).toEqual([parameter]);
  expect(scene.writes()).toBe(5);
  expect(scene.world.slept.slice(-4)).toEqual([250, 500, 1_000, 2_000]);
  expect(scene.log.map((entry) => entry.event)).toEqual(['token_generated']);
});

test('a key that stays unknown is given up within 20 seconds, and its token revoked', async () => {
  const scene = refusing(Number.POSITIVE_INFINITY, keyUnknown);
  const started = scene.world.now();
  const error = await refusal(
    refresh(scene.broker, event(['my-user/my-repo']), { deadline: scene.deadline() }),
  );
  expect(error.code).toBe('ErrSandboxKeyUnknown');
  expect(scene.world.now() - started).toBeGreaterThan(15_000);
  expect(scene.world.now() - started).toBeLessThan(20_000);
  expect(scene.log.map((entry) => entry.event)).toEqual([
    'token_generated',
    'token_revoked',
    'token_generation_failed',
  ]);
});

test("nothing is written past the caller's own deadline", async () => {
  const scene = refusing(Number.POSITIVE_INFINITY, keyUnknown);
  const deadline = scene.world.now() + 3_000;
  await refusal(refresh(scene.broker, event(['my-user/my-repo']), { deadline }));
  expect(scene.writes()).toBe(4);
  expect(scene.world.now()).toBeLessThan(deadline);
});

test('any other refusal is not tried again', async () => {
  const scene = refusing(1, () => writeRefused(parameter));
  const error = await refusal(
    refresh(scene.broker, event(['my-user/my-repo']), { deadline: scene.deadline() }),
  );
  expect(error.code).toBe('ErrParameterWriteFailed');
  expect(scene.writes()).toBe(1);
});

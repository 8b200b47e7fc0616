import { describe, expect, test } from 'vitest';
import { refresh } from '../../lib/broker/refresh.ts';
import { revoke } from '../../lib/broker/revoke.ts';
import { KmError } from '../../lib/errors.ts';
import { refusal } from '../github/refusal.ts';
import { type BrokerScene, brokerScene, event, ID, names } from './broker-scene.ts';

const REPOS = ['my-user/my-repo', 'my-org/x'];
const parameters = (scene: BrokerScene) =>
  [...scene.store.versions.keys()].filter((name) => name.startsWith('/sandbox/'));

const first = (scene: BrokerScene) => refresh(scene.broker, event(REPOS), { deadline: scene.deadline() });
const later = (scene: BrokerScene) =>
  refresh(scene.broker, event(REPOS), { deadline: scene.deadline(), onlyExisting: true });
const destroy = (scene: BrokerScene) => revoke(scene.broker, { sandboxId: ID, deadline: scene.deadline() });

/** Runs something once: right before the store's next write takes effect, or right after its next look at a history. */
const during = (scene: BrokerScene, operation: 'write' | 'history', meanwhile: () => Promise<unknown>) => {
  const store = scene.store as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const original = store[operation];
  store[operation] = async (...args) => {
    if (original) store[operation] = original;
    if (operation === 'write') await meanwhile();
    const result = await original?.(...args);
    if (operation === 'history') await meanwhile();
    return result;
  };
};

describe('a refresh of a sandbox that is being destroyed', () => {
  test('leaves no parameter and no live token when the sandbox goes between its mint and its write', async () => {
    const scene = brokerScene();
    await first(scene);
    during(scene, 'write', () => destroy(scene));
    const error = await refusal(later(scene));
    expect(error.code).toBe('ErrSandboxNotFound');
    expect(error.message).toContain(ID);
    expect(parameters(scene)).toEqual([]);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('leaves none when it writes between the reading of the history and the deletion', async () => {
    const scene = brokerScene();
    await first(scene);
    during(scene, 'history', () => refusal(later(scene)));
    await destroy(scene);
    expect(parameters(scene)).toEqual([]);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('leaves none when it comes after the destruction', async () => {
    const scene = brokerScene();
    await first(scene);
    await destroy(scene);
    expect((await refusal(later(scene))).code).toBe('ErrSandboxNotFound');
    expect(parameters(scene)).toEqual([]);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('leaves none when it writes right before the history is read', async () => {
    const scene = brokerScene();
    await first(scene);
    during(scene, 'write', () => later(scene).catch(() => undefined));
    await destroy(scene);
    expect(parameters(scene)).toEqual([]);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('leaves none when the key is gone by the time that it looks', async () => {
    const scene = brokerScene();
    await first(scene);
    during(scene, 'write', async () => {
      await destroy(scene);
      scene.store.fault = (operation) =>
        operation === 'decrypt' ? new Error('KMSInvalidStateException') : undefined;
    });
    expect((await refusal(later(scene))).code).toBe('ErrSandboxNotFound');
    expect(parameters(scene)).toEqual([]);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('does not wait for a key that is gone', async () => {
    const scene = brokerScene();
    await first(scene);
    scene.store.fault = (operation) =>
      operation === 'write' ? new KmError('ErrSandboxKeyUnknown', 'KMS does not know its key') : undefined;
    const slept = scene.world.slept.length;
    await refusal(later(scene));
    expect(scene.world.slept.slice(slept)).toEqual([]);
    expect(scene.github.alive.size).toBe(2);
  });
});

test('a refresh of a living sandbox goes on, and only the first token makes a parameter', async () => {
  const scene = brokerScene();
  await first(scene);
  expect(await later(scene)).toHaveLength(2);
  expect(scene.store.versions.get(names.tokenParameter(ID))).toHaveLength(2);
});

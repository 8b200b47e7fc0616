import { describe, expect, test } from 'vitest';
import { refresh } from '../../lib/broker/refresh.ts';
import { revoke } from '../../lib/broker/revoke.ts';
import { KmError } from '../../lib/errors.ts';
import { NOW } from '../github/frozen-world.ts';
import { refusal } from '../github/refusal.ts';
import { type BrokerScene, brokerScene, event, ID, names } from './broker-scene.ts';

const REPOS = ['my-user/my-repo', 'my-org/x'];
const minutes = (count: number) => count * 60_000;
const json = (status: number, message: string) => new Response(JSON.stringify({ message }), { status });

const publish = (scene: BrokerScene) => refresh(scene.broker, event(REPOS), { deadline: scene.deadline() });
const takeBack = (scene: BrokerScene, more: Partial<Parameters<typeof revoke>[1]> = {}) =>
  revoke(scene.broker, { sandboxId: ID, deadline: scene.deadline(), ...more });
const tokenParameters = (scene: BrokerScene) =>
  [...scene.store.versions.keys()].filter((name) => name.startsWith('/sandbox/'));

describe('revoking a sandbox', () => {
  test('kills every unexpired token in the history of every parameter, and deletes them', async () => {
    const scene = brokerScene();
    await publish(scene);
    scene.world.advance(minutes(45));
    await publish(scene);
    expect(scene.github.alive.size).toBe(4);
    const result = await takeBack(scene);
    expect(result.revoked).toBe(4);
    expect([...result.deleted].sort()).toEqual([
      names.tokenParameter(ID),
      names.ownerTokenParameter(ID, 'my-org'),
    ]);
    expect([...scene.github.alive]).toEqual([]);
    expect(tokenParameters(scene)).toEqual([]);
    expect(scene.log.slice(4).map((entry) => entry.event)).toEqual(Array(4).fill('token_revoked'));
  });

  test('finds parameters that no event names', async () => {
    const scene = brokerScene();
    await publish(scene);
    scene.store.put(names.ownerTokenParameter(ID, 'forgotten'), scene.github.minted[0] ?? '');
    expect((await takeBack(scene)).deleted).toContain(names.ownerTokenParameter(ID, 'forgotten'));
  });

  test("leaves other sandboxes' parameters, and what is no token of this one's", async () => {
    const scene = brokerScene();
    await publish(scene);
    const others = [
      names.tokenParameter('sb-1234abce'),
      `${names.sandboxPath(ID)}/notes`,
      `${names.sandboxPath(ID)}0/github-token`,
    ];
    for (const name of others) scene.store.put(name, 'x'.repeat(40));
    await takeBack(scene);
    expect(tokenParameters(scene).sort()).toEqual([...others].sort());
  });

  test('does not decrypt what has expired', async () => {
    const scene = brokerScene();
    await publish(scene);
    scene.world.advance(minutes(62));
    scene.store.calls.length = 0;
    const requests = scene.github.requests.length;
    expect(await takeBack(scene)).toMatchObject({ revoked: 0 });
    expect(scene.store.calls.filter(({ operation }) => operation === 'decrypt')).toEqual([]);
    expect(scene.github.requests).toHaveLength(requests);
    expect(tokenParameters(scene)).toEqual([]);
  });

  test('goes by the Description when a token outlives its hour', async () => {
    const scene = brokerScene();
    const token = `ghs_${'l'.repeat(36)}`;
    scene.github.alive.add(token);
    const description = JSON.stringify({ expiresAt: new Date(NOW + minutes(300)).toISOString() });
    scene.store.put(names.tokenParameter(ID), token, { description, lastModified: NOW - minutes(120) });
    await takeBack(scene);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('is safe to repeat, and without anything to do', async () => {
    const scene = brokerScene();
    await publish(scene);
    await takeBack(scene);
    expect(await takeBack(scene)).toEqual({ revoked: 0, deleted: [] });
    expect(await takeBack(brokerScene({}))).toEqual({ revoked: 0, deleted: [] });
  });

  test('counts tokens that GitHub no longer knows as done', async () => {
    const scene = brokerScene();
    await publish(scene);
    scene.github.alive.clear();
    expect(await takeBack(scene)).toMatchObject({ revoked: 0 });
    expect(tokenParameters(scene)).toEqual([]);
    expect(scene.log.slice(2)).toEqual([
      expect.objectContaining({ event: 'token_revoked', result: 'dead' }),
      expect.objectContaining({ event: 'token_revoked', result: 'dead' }),
    ]);
  });

  test('needs no App: its parameters may be gone', async () => {
    const scene = brokerScene();
    await publish(scene);
    scene.world.advance(minutes(6));
    for (const name of [...scene.store.versions.keys()])
      if (name.startsWith('/km/')) scene.store.versions.delete(name);
    expect(await takeBack(scene)).toMatchObject({ revoked: 2 });
  });

  test('keeps the parameter of a token that could not be revoked, goes on with the others, and says so', async () => {
    const scene = brokerScene();
    await publish(scene);
    const stuck = scene.github.minted[0];
    scene.github.intercept = ({ name, authorization }) =>
      name.startsWith('DELETE') && authorization.endsWith(stuck ?? '') ? json(422, 'No') : undefined;
    const error = await refusal(takeBack(scene));
    expect(error.code).toBe('ErrRevokeFailed');
    expect(error.message).toMatch(
      /^Not every token of sb-1234abcd could be revoked: \/sandbox\/sb-1234abcd\/github-token.*: GitHub answered what km cannot use: No for DELETE \/installation\/token$/,
    );
    expect([...scene.github.alive]).toEqual([stuck]);
    expect(tokenParameters(scene)).toHaveLength(1);
    scene.github.intercept = () => undefined;
    expect(await takeBack(scene)).toMatchObject({ revoked: 1 });
  });

  test('fails when live tokens cannot be decrypted, and works once they have expired', async () => {
    const scene = brokerScene();
    await publish(scene);
    scene.store.fault = (operation) => (operation === 'decrypt' ? new Error('InvalidKeyId') : undefined);
    expect((await refusal(takeBack(scene))).code).toBe('ErrRevokeFailed');
    expect(tokenParameters(scene)).toHaveLength(2);
    scene.world.advance(minutes(62));
    expect((await takeBack(scene)).deleted).toHaveLength(2);
  });

  test.each([
    ['empty', ''],
    ['of several lines', `ghs_${'a'.repeat(36)}\nX: y`],
  ])('passes over a value that is %s, and deletes it', async (_name, value) => {
    const scene = brokerScene();
    scene.store.put(names.tokenParameter(ID), value);
    expect(await takeBack(scene)).toEqual({ revoked: 0, deleted: [names.tokenParameter(ID)] });
    expect(scene.github.requests).toEqual([]);
  });

  test('finds and marks what is under the shared key, by the id alone', async () => {
    const scene = brokerScene();
    await refresh(scene.broker, event(REPOS, { encryption: 'shared' }), { deadline: scene.deadline() });
    const marks: (string | undefined)[] = [];
    scene.store.fault = (operation, _name, token) => {
      if (operation !== 'write') return undefined;
      marks.push(token?.keyId);
      return token?.keyId === names.sharedKeyAlias
        ? undefined
        : new KmError('ErrSandboxKeyUnknown', 'no key');
    };
    expect(await takeBack(scene)).toMatchObject({ revoked: 2 });
    expect(marks.filter((key) => key === names.sharedKeyAlias)).toHaveLength(2);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('leaves alive what is to be kept, and nothing else', async () => {
    const scene = brokerScene();
    await publish(scene);
    const [kept] = await refresh(scene.broker, event(['my-user/my-repo']), { deadline: scene.deadline() });
    await takeBack(scene, {
      keepParameters: new Set([kept?.parameter ?? '']),
      keepTokens: new Set([kept?.token_sha256 ?? '']),
    });
    expect([...scene.github.alive]).toEqual([scene.github.minted.at(-1)]);
    expect(tokenParameters(scene)).toEqual([names.tokenParameter(ID)]);
    expect(scene.log.filter((entry) => entry.event === 'token_revoked')).toEqual([
      expect.objectContaining({ reason: 'dropped' }),
      expect.objectContaining({ reason: 'dropped' }),
    ]);
  });
});

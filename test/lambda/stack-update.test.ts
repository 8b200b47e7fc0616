import { describe, expect, test } from 'vitest';
import type { RefreshEvent } from '../../lib/broker/refresh-event.ts';
import { event, ID, names } from '../broker/broker-scene.ts';
import { type LambdaScene, lambdaScene, RESPONSE_URL, reported } from './lambda-scene.ts';

const repos = event(['my-user/my-repo', 'my-org/x']);
const parameter = names.tokenParameter(ID);
const orgParameter = names.ownerTokenParameter(ID, 'my-org');

const properties = (refreshEvent: RefreshEvent, Paused?: string) => ({
  SandboxId: ID,
  Event: JSON.stringify(refreshEvent),
  ...(Paused === undefined ? {} : { Paused }),
});
const RUNNING = properties(repos, 'false');
const PAUSED = properties(repos, 'true');

const send = async (scene: LambdaScene, RequestType: string, now: object, before?: object) => {
  await scene.invoke({
    RequestType,
    ResponseURL: RESPONSE_URL,
    StackId: 's',
    RequestId: 'r',
    LogicalResourceId: 'GitHubToken',
    ResourceProperties: now,
    ...(before === undefined
      ? {}
      : { PhysicalResourceId: names.tokenResource(ID), OldResourceProperties: before }),
  });
  return scene.replies.at(-1)?.reply;
};

const running = async () => {
  const scene = lambdaScene();
  await send(scene, 'Create', RUNNING);
  return scene;
};
const stored = (scene: LambdaScene) =>
  [...scene.store.versions.keys()].filter((name) => name.startsWith('/sandbox/')).sort();
const readable = (scene: LambdaScene) =>
  stored(scene).map((name) => scene.store.versions.get(name)?.at(-1)?.value ?? '');
const minutes = (count: number) => count * 60_000;

describe("a stack's Update", () => {
  test('that pauses revokes every live token, deletes the parameters, and mints nothing', async () => {
    const scene = await running();
    scene.world.advance(minutes(45));
    await scene.invoke(repos);
    expect(scene.github.alive.size).toBe(4);
    expect((await send(scene, 'Update', PAUSED, RUNNING))?.Status).toBe('SUCCESS');
    expect([stored(scene), [...scene.github.alive], scene.github.minted.length]).toEqual([[], [], 4]);
    expect(scene.lines.filter((line) => line.event === 'token_revoked')).toEqual(
      Array(4).fill(expect.objectContaining({ reason: 'paused', result: 'revoked' })),
    );
  });

  test('that resumes makes tokens as Create does, and the schedule then finds them', async () => {
    const scene = await running();
    await send(scene, 'Update', PAUSED, RUNNING);
    expect((await send(scene, 'Update', RUNNING, PAUSED))?.Status).toBe('SUCCESS');
    expect(stored(scene)).toEqual([parameter, orgParameter].sort());
    expect(readable(scene).every((token) => scene.github.alive.has(token))).toBe(true);
    expect(await scene.invoke(repos)).toMatchObject({ sandbox_id: ID });
  });

  test.each<[string, object, object]>([
    ['changes nothing of it', RUNNING, RUNNING],
    ['comes to a stack of an earlier km', RUNNING, properties(repos)],
    ['comes from a stack of an earlier km', properties(repos), RUNNING],
    ['leaves it paused', PAUSED, PAUSED],
    ['leaves it paused with another event', properties(event(['my-user/my-repo']), 'true'), PAUSED],
  ])('that %s asks GitHub for nothing', async (_name, now, before) => {
    const scene = await running();
    const requests = scene.github.requests.length;
    expect((await send(scene, 'Update', now, before))?.Status).toBe('SUCCESS');
    expect(scene.github.requests).toHaveLength(requests);
    expect(scene.github.alive.size).toBe(2);
  });

  test('that resumes with another event makes what that one allows, and nothing else', async () => {
    const scene = await running();
    await send(scene, 'Update', PAUSED, RUNNING);
    await send(scene, 'Update', properties(event(['my-user/my-repo']), 'false'), PAUSED);
    expect(stored(scene)).toEqual([parameter]);
    expect(scene.github.alive.size).toBe(1);
  });

  test.each([
    ['another key', properties({ ...repos, encryption: 'shared' }, 'false'), 'encryption cannot be changed'],
    ['a pause that is neither', properties(repos, 'yes'), "Paused is neither 'true' nor 'false'"],
  ])('to %s is answered FAILED, and nothing is done', async (_name, now, reason) => {
    const scene = await running();
    const before = scene.store.calls.length;
    expect(await send(scene, 'Update', now, RUNNING)).toMatchObject({
      Status: 'FAILED',
      Reason: `Invalid stack event: ${reason} (ErrRefreshEventInvalid)`,
    });
    expect(scene.store.calls).toHaveLength(before);
    expect(scene.github.alive.size).toBe(2);
  });

  test('that cannot revoke is answered FAILED, and its rollback makes tokens that are refreshed again', async () => {
    const scene = await running();
    const [stuck = ''] = scene.github.minted;
    scene.github.intercept = ({ name, authorization }) =>
      name.startsWith('DELETE') && authorization.endsWith(stuck)
        ? Response.json({ message: 'No' }, { status: 422 })
        : undefined;
    expect((await send(scene, 'Update', PAUSED, RUNNING))?.Status).toBe('FAILED');
    scene.github.intercept = () => undefined;
    expect((await send(scene, 'Update', RUNNING, PAUSED))?.Status).toBe('SUCCESS');
    expect(readable(scene).every((token) => scene.github.alive.has(token))).toBe(true);
    expect(await scene.invoke(repos)).toMatchObject({ sandbox_id: ID });
    expect(stored(scene)).toHaveLength(2);
  });

  test('that pauses after the kill switch stands though GitHub still refuses to revoke, and nothing is minted', async () => {
    const scene = await running();
    scene.github.intercept = ({ name }) =>
      name.startsWith('DELETE')
        ? Response.json(
            { message: 'API rate limit exceeded' },
            { status: 403, headers: { 'x-ratelimit-remaining': '0' } },
          )
        : undefined;
    expect(await scene.invoke({ action: 'revoke', sandbox_id: ID })).toMatchObject({ revoked: 0 });
    expect((await send(scene, 'Update', PAUSED, RUNNING))?.Status).toBe('SUCCESS');
    expect((await reported(scene.invoke(repos))).errorType).toBe('ErrSandboxNotFound');
    scene.github.intercept = () => undefined;
    await scene.invoke({ action: 'revoke', sandbox_id: ID });
    expect([stored(scene), [...scene.github.alive]]).toEqual([[], []]);
  });
});

test("a stack's Create of a paused sandbox mints nothing", async () => {
  const scene = lambdaScene();
  expect((await send(scene, 'Create', PAUSED))?.Status).toBe('SUCCESS');
  expect([scene.github.requests, stored(scene)]).toEqual([[], []]);
});

describe('a refresh that is on its way while its sandbox is paused', () => {
  /** Pauses, and then maybe resumes, right before the refresh's next write takes effect. */
  const meanwhile = (scene: LambdaScene, work: () => Promise<unknown>): void => {
    const { write } = scene.store;
    Object.assign(scene.store, {
      write: async (...args: Parameters<typeof write>) => {
        Object.assign(scene.store, { write });
        await work();
        return write(...args);
      },
    });
  };
  const one = event(['my-user/my-repo']);
  const [up, down] = [properties(one, 'false'), properties(one, 'true')];
  const runningOne = async () => {
    const scene = lambdaScene();
    await send(scene, 'Create', up);
    return scene;
  };

  test('is refused and leaves nothing', async () => {
    const scene = await runningOne();
    meanwhile(scene, () => send(scene, 'Update', down, up));
    expect((await reported(scene.invoke(one))).errorType).toBe('ErrSandboxNotFound');
    expect([stored(scene), [...scene.github.alive]]).toEqual([[], []]);
    expect(scene.lines.map((line) => line.event)).toContain('refresh_refused');
  });

  test('and resumed meanwhile leaves a working token', async () => {
    const scene = await runningOne();
    meanwhile(scene, async () => {
      await send(scene, 'Update', down, up);
      await send(scene, 'Update', up, down);
    });
    await scene.invoke(one);
    expect(readable(scene).every((token) => scene.github.alive.has(token))).toBe(true);
    expect(stored(scene)).toEqual([parameter]);
  });

  test('and resumed right after its write is refused, and what the stack made stays', async () => {
    const scene = await runningOne();
    meanwhile(scene, async () => {
      await send(scene, 'Update', down, up);
      const { history } = scene.store;
      Object.assign(scene.store, {
        history: async (...args: Parameters<typeof history>) => {
          Object.assign(scene.store, { history });
          await send(scene, 'Update', up, down);
          return history(...args);
        },
      });
    });
    expect((await reported(scene.invoke(one))).errorType).toBe('ErrSandboxNotFound');
    expect(stored(scene)).toEqual([parameter]);
    expect(readable(scene).every((token) => scene.github.alive.has(token))).toBe(true);
    expect(scene.github.alive.size).toBe(1);
  });
});

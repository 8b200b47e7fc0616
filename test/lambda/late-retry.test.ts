import { expect, test } from 'vitest';
import { refresh } from '../../lib/broker/refresh.ts';
import { event, ID, names } from '../broker/broker-scene.ts';
import { type LambdaScene, sceneWithTokens } from './lambda-scene.ts';

const WIDE = event(['my-user/*']);
const NARROW = event(['my-user/my-repo']);
const PARAMETER = names.tokenParameter(ID);

/** A sandbox whose scope the stack has narrowed that many minutes ago. */
const narrowed = async (minutesAgo: number): Promise<LambdaScene> => {
  const scene = await sceneWithTokens(WIDE);
  await refresh(scene.broker, NARROW, { deadline: scene.deadline() });
  // Before any of the messages, so that none of them finds a token that was written since.
  for (const version of scene.store.versions.get(PARAMETER) ?? [])
    Object.assign(version, { lastModified: 0 });
  scene.world.advance(minutesAgo * 60_000);
  return scene;
};

/** The retry queue's message of a refresh that has failed just now. */
const retried = (scene: LambdaScene, requestPayload: unknown) =>
  scene.invoke({
    Records: [
      {
        messageId: 'm0',
        eventSource: 'aws:sqs',
        body: JSON.stringify({
          timestamp: new Date(scene.world.now()).toISOString(),
          requestContext: {},
          requestPayload,
        }),
      },
    ],
  });

test.each([5, 21, 300])(
  'a retry by an event of before the stack narrowed the scope is dropped %i minutes after: nothing is minted',
  async (minutesAgo) => {
    const scene = await narrowed(minutesAgo);
    const requests = scene.github.requests.length;
    expect(await retried(scene, WIDE)).toEqual({ batchItemFailures: [] });
    expect(scene.github.requests).toHaveLength(requests);
    expect(scene.lines).toContainEqual({
      event: 'retry_dropped',
      sandbox_id: ID,
      owner: 'my-user',
      reason: 'the stack has set another scope',
    });
  },
);

test('a retry by the event of the scope that the stack has set is done, however late', async () => {
  const scene = await narrowed(300);
  expect(await retried(scene, NARROW)).toEqual({ batchItemFailures: [] });
  expect(scene.store.versions.get(PARAMETER)).toHaveLength(3);
  expect(scene.store.versions.get(PARAMETER)?.at(-1)?.value).toBe(scene.github.minted.at(-1));
});

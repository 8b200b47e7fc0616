import { expect, test } from 'vitest';
import { event, ID } from '../broker/broker-scene.ts';
import { lambdaScene, reported } from './lambda-scene.ts';

const refreshEvent = event(['my-user/my-repo']);
const message = (body: unknown) => ({
  Records: [
    { messageId: 'm0', eventSource: 'aws:sqs', body: typeof body === 'string' ? body : JSON.stringify(body) },
  ],
});

test('what failed for a sandbox is logged with its id, so that it is found by it', async () => {
  const scene = lambdaScene({});
  await reported(scene.invoke(refreshEvent));
  expect(scene.lines.map((line) => [line.event, line.sandbox_id])).toEqual([
    ['token_generation_failed', ID],
    ['invocation_failed', ID],
  ]);
  expect(scene.lines[0]).toMatchObject({
    code: 'ErrGitHubNotConfigured',
    remedy: expect.stringContaining('km configure github'),
  });
});

test.each([
  ['a refresh event', { ...refreshEvent, permissions: {} }, ID],
  ['what is not JSON', 'no JSON', undefined],
  ['an id that is none', { sandbox_id: '"} { $.x' }, undefined],
  ['an id that is no text', { sandbox_id: { a: 1 } }, undefined],
])('a retry that failed of %s is logged with the sandbox if there is one', async (_what, body, id) => {
  const scene = lambdaScene();
  await scene.invoke(message(body));
  expect(scene.lines.map((line) => [line.event, line.sandbox_id])).toEqual([['retry_failed', id]]);
});

import { describe, expect, test } from 'vitest';
import { event, ID, names } from '../broker/broker-scene.ts';
import { lambdaScene, RESPONSE_URL, sceneWithTokens } from './lambda-scene.ts';

const refreshEvent = event(['my-user/my-repo']);

const records = (...bodies: readonly unknown[]) => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    eventSource: 'aws:sqs',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })),
});

/** What Lambda sends of an asynchronous invocation that failed. */
const destinationRecord = (requestPayload: unknown) => ({
  version: '1.0',
  timestamp: '2026-11-20T10:00:00.000Z',
  requestContext: {
    requestId: 'r',
    functionArn: 'f',
    condition: 'RetriesExhausted',
    approximateInvokeCount: 1,
  },
  requestPayload,
  responseContext: { statusCode: 200, functionError: 'Unhandled' },
  responsePayload: { errorType: 'ErrGitHubUnavailable', errorMessage: 'x' },
});

const stackEvent = (RequestType: string) => ({
  RequestType,
  ResponseURL: RESPONSE_URL,
  StackId: 's',
  RequestId: 'r',
  LogicalResourceId: 'l',
  PhysicalResourceId: names.tokenResource(ID),
  ResourceProperties: { SandboxId: ID, Event: JSON.stringify(refreshEvent) },
});

const withSandbox = () => sceneWithTokens(refreshEvent);

describe('a record of the retry queue', () => {
  test.each([
    ['the event itself', refreshEvent],
    ["Lambda's record of the invocation that failed", destinationRecord(refreshEvent)],
  ])('is refreshed from %s', async (_name, body) => {
    const scene = await withSandbox();
    expect(await scene.invoke(records(body))).toEqual({ batchItemFailures: [] });
    expect(scene.store.versions.get(names.tokenParameter(ID))).toHaveLength(2);
  });

  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['a list', [refreshEvent]],
    ['a record without payload', destinationRecord(undefined)],
    ['a record in a record', destinationRecord(destinationRecord(refreshEvent))],
    ['an event without permissions', { ...refreshEvent, permissions: {} }],
    ['a check', { action: 'check', allowed_repos: ['a/b'], permissions: { contents: 'read' } }],
    ['a stack Create, which CloudFormation may have given up on', destinationRecord(stackEvent('Create'))],
    ['a stack Update', destinationRecord(stackEvent('Update'))],
  ])('goes back and does nothing when it is %s', async (_name, body) => {
    const scene = lambdaScene();
    expect(await scene.invoke(records(body))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect([scene.github.requests, scene.replies]).toEqual([[], []]);
    expect(scene.lines).toEqual([
      expect.objectContaining({ event: 'retry_failed', code: 'ErrRefreshEventInvalid' }),
    ]);
  });

  test('that fails goes back, and those beside it are done', async () => {
    const scene = await withSandbox();
    const other = event(['nobody/x'], { sandbox_id: ID });
    expect(await scene.invoke(records(other, refreshEvent))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
    expect(scene.store.versions.get(names.tokenParameter(ID))).toHaveLength(2);
  });

  test('of a sandbox that is gone is dropped: nothing is minted for it', async () => {
    const scene = lambdaScene();
    expect(await scene.invoke(records(destinationRecord(refreshEvent)))).toEqual({ batchItemFailures: [] });
    expect(scene.github.minted).toEqual([]);
    expect(scene.lines).toEqual([{ event: 'retry_dropped', sandbox_id: ID, reason: 'the sandbox is gone' }]);
  });

  test('of a stack deletion whose answer did not arrive deletes and answers', async () => {
    const scene = await withSandbox();
    expect(await scene.invoke(records(destinationRecord(stackEvent('Delete'))))).toEqual({
      batchItemFailures: [],
    });
    expect(scene.replies.map(({ reply }) => reply.Status)).toEqual(['SUCCESS']);
    expect([...scene.github.alive]).toEqual([]);
  });
});

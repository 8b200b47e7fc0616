import { describe, expect, test } from 'vitest';
import { readTokenDescription } from '../../lib/broker/token-description.ts';
import { event, ID, names } from '../broker/broker-scene.ts';
import { NOW } from '../github/frozen-world.ts';
import { type LambdaScene, lambdaScene, RESPONSE_URL, reported, sceneWithTokens } from './lambda-scene.ts';

const refreshEvent = event(['my-user/my-repo']);

/** Messages that SQS took at the scenes' start. */
const records = (...bodies: readonly unknown[]) => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    eventSource: 'aws:sqs',
    attributes: { SentTimestamp: String(NOW) },
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

const minutes = (count: number) => count * 60_000;

/** A sandbox whose tokens are as old as they are when the schedule refreshes them; now is again `NOW`. */
const withSandbox = async (existing = refreshEvent): Promise<LambdaScene> => {
  const scene = await sceneWithTokens(existing);
  for (const versions of scene.store.versions.values())
    for (const version of versions) Object.assign(version, { lastModified: NOW - minutes(45) });
  return scene;
};

const bothOwners = event(['my-user/my-repo', 'my-org/x']);
const ownParameter = names.tokenParameter(ID);
const orgParameter = names.ownerTokenParameter(ID, 'my-org');
const versionsOf = (scene: LambdaScene, name: string) => scene.store.versions.get(name) ?? [];
const failureOf = (scene: LambdaScene, name: string) =>
  readTokenDescription(versionsOf(scene, name).at(-1)?.description)?.failure;
const suspendedOrg = (scene: LambdaScene) => {
  scene.github.intercept = ({ name }) =>
    name === 'POST /app/installations/2/access_tokens'
      ? Response.json({ message: 'This installation has been suspended' }, { status: 403 })
      : undefined;
};
const brokenOrg = (scene: LambdaScene) => {
  scene.github.intercept = ({ name }) =>
    name === 'POST /app/installations/2/access_tokens'
      ? Response.json({ message: 'Server Error' }, { status: 502 })
      : undefined;
};
const events = (scene: LambdaScene) => scene.lines.map((line) => line.event);

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
    [
      'a stack event that cannot be answered',
      destinationRecord({ ...stackEvent('Create'), ResponseURL: 'x' }),
    ],
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
    expect(await scene.invoke(records({ sandbox_id: ID }, refreshEvent))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
    expect(versionsOf(scene, ownParameter)).toHaveLength(2);
  });

  test('of a sandbox that is gone is dropped: nothing is minted for it', async () => {
    const scene = lambdaScene();
    expect(await scene.invoke(records(destinationRecord(refreshEvent)))).toEqual({ batchItemFailures: [] });
    expect(scene.github.minted).toEqual([]);
    expect(scene.lines).toEqual([{ event: 'retry_dropped', sandbox_id: ID, reason: 'the sandbox is gone' }]);
  });

  test('of a survey that failed is dropped, and becomes no dead letter', async () => {
    const scene = lambdaScene();
    expect(await scene.invoke(records(destinationRecord({ action: 'survey' })))).toEqual({
      batchItemFailures: [],
    });
    expect(scene.store.calls).toEqual([]);
    expect(scene.lines).toEqual([
      { event: 'retry_dropped', action: 'survey', reason: 'the next survey is due' },
    ]);
  });

  test.each(['Create', 'Update'])(
    'of a stack %s that was cut off is answered FAILED: nothing is minted, and CloudFormation waits no longer',
    async (request) => {
      const scene = await withSandbox();
      const [minted, before] = [[...scene.github.minted], versionsOf(scene, ownParameter).length];
      expect(await scene.invoke(records(destinationRecord(stackEvent(request))))).toEqual({
        batchItemFailures: [],
      });
      expect(scene.replies.map(({ reply }) => reply)).toEqual([
        expect.objectContaining({
          Status: 'FAILED',
          Reason: 'The refresher was cut off (ErrRefreshFailed). Try again.',
          PhysicalResourceId: names.tokenResource(ID),
        }),
      ]);
      expect([scene.github.minted, versionsOf(scene, ownParameter).length]).toEqual([minted, before]);
    },
  );

  test('of a stack deletion whose answer did not arrive deletes and answers', async () => {
    const scene = await withSandbox();
    expect(await scene.invoke(records(destinationRecord(stackEvent('Delete'))))).toEqual({
      batchItemFailures: [],
    });
    expect(scene.replies.map(({ reply }) => reply.Status)).toEqual(['SUCCESS']);
    expect([...scene.github.alive]).toEqual([]);
  });
});

describe('a refresh that failed in part', () => {
  test('is thrown, and its retry asks GitHub only for the owner that failed', async () => {
    const scene = await withSandbox(bothOwners);
    brokenOrg(scene);
    expect((await reported(scene.invoke(bothOwners))).errorType).toBe('ErrGitHubUnavailable');
    expect([versionsOf(scene, ownParameter).length, versionsOf(scene, orgParameter).length]).toEqual([2, 1]);
    scene.github.intercept = () => undefined;
    const timestamp = new Date(scene.world.now()).toISOString();
    const before = scene.github.mints.length;
    expect(await scene.invoke(records({ ...destinationRecord(bothOwners), timestamp }))).toEqual({
      batchItemFailures: [],
    });
    expect(scene.github.mints.slice(before).map(({ installation }) => installation)).toEqual([2]);
    expect([versionsOf(scene, ownParameter).length, versionsOf(scene, orgParameter).length]).toEqual([2, 2]);
    expect(scene.lines).toContainEqual({
      event: 'retry_dropped',
      sandbox_id: ID,
      owner: 'my-user',
      reason: 'refreshed since',
    });
  });

  test('is done without GitHub when its message comes a second time', async () => {
    const scene = await withSandbox(bothOwners);
    await scene.invoke(records(destinationRecord(bothOwners)));
    const requests = scene.github.requests.length;
    expect(await scene.invoke(records(destinationRecord(bothOwners)))).toEqual({ batchItemFailures: [] });
    expect(scene.github.requests).toHaveLength(requests);
  });

  test('whose message does not say when it failed is tried again for every owner', async () => {
    const scene = await withSandbox(bothOwners);
    await scene.invoke(records(destinationRecord(bothOwners)));
    await scene.invoke(records({ ...destinationRecord(bothOwners), timestamp: 'yesterday' }));
    expect(versionsOf(scene, orgParameter)).toHaveLength(3);
  });
});

describe('a failure that stays', () => {
  test('is marked beside the same token, is told once, and its retry is dropped without asking GitHub', async () => {
    const scene = await withSandbox(bothOwners);
    const before = versionsOf(scene, orgParameter)[0];
    suspendedOrg(scene);
    expect((await reported(scene.invoke(bothOwners))).errorType).toBe('ErrGitHubInstallationSuspended');
    const marked = versionsOf(scene, orgParameter).at(-1);
    expect(marked?.value).toBe(before?.value);
    expect(JSON.parse(marked?.description ?? '')).toEqual({
      ...JSON.parse(before?.description ?? ''),
      byStack: undefined,
      failure: { code: 'ErrGitHubInstallationSuspended', at: '2026-11-20T10:00:00.000Z' },
    });
    expect(failureOf(scene, ownParameter)).toBeUndefined();
    expect(events(scene).filter((name) => name === 'permanent_failure')).toHaveLength(1);
    const requests = scene.github.requests.length;
    expect(await scene.invoke(records(destinationRecord(bothOwners)))).toEqual({ batchItemFailures: [] });
    expect(scene.github.requests).toHaveLength(requests);
    expect(scene.lines).toContainEqual({
      event: 'retry_dropped',
      sandbox_id: ID,
      owner: 'my-org',
      reason: 'ErrGitHubInstallationSuspended',
    });
  });

  test('is tried again by each schedule, whose retry is dropped too, and is not told again', async () => {
    const scene = await withSandbox(bothOwners);
    suspendedOrg(scene);
    await reported(scene.invoke(bothOwners));
    scene.world.advance(minutes(45));
    const timestamp = new Date(scene.world.now()).toISOString();
    await reported(scene.invoke(bothOwners));
    const requests = scene.github.requests.length;
    await scene.invoke(records({ ...destinationRecord(bothOwners), timestamp }));
    expect(scene.github.requests).toHaveLength(requests);
    expect(failureOf(scene, orgParameter)?.at).toBe(timestamp);
    expect(events(scene).filter((name) => name === 'permanent_failure')).toHaveLength(1);
  });

  test('is marked anew when the reason is another one, and not for each attempt', async () => {
    const scene = await withSandbox(bothOwners);
    suspendedOrg(scene);
    await reported(scene.invoke(bothOwners));
    await reported(scene.invoke(bothOwners));
    expect(versionsOf(scene, orgParameter)).toHaveLength(2);
    scene.github.intercept = ({ name }) =>
      name.endsWith('/installations/2/access_tokens') || name.includes('my-org/installation')
        ? Response.json({ message: 'Not Found' }, { status: 404 })
        : undefined;
    await reported(scene.invoke(bothOwners));
    expect(failureOf(scene, orgParameter)?.code).toBe('ErrGitHubInstallationMissing');
    expect(events(scene).filter((name) => name === 'permanent_failure')).toHaveLength(2);
  });

  test('is no longer marked once a refresh succeeds', async () => {
    const scene = await withSandbox(bothOwners);
    suspendedOrg(scene);
    await reported(scene.invoke(bothOwners));
    scene.github.intercept = () => undefined;
    await scene.invoke(bothOwners);
    expect(failureOf(scene, orgParameter)).toBeUndefined();
    expect(scene.github.alive).toContain(versionsOf(scene, orgParameter).at(-1)?.value);
  });

  test('of another kind, which passes, is not marked and is retried', async () => {
    const scene = await withSandbox(bothOwners);
    brokenOrg(scene);
    await reported(scene.invoke(bothOwners));
    expect(failureOf(scene, orgParameter)).toBeUndefined();
    expect(await scene.invoke(records(destinationRecord(bothOwners)))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }],
    });
  });

  test('is reported though its mark cannot be written', async () => {
    const scene = await withSandbox(bothOwners);
    suspendedOrg(scene);
    scene.store.fault = (operation, name) =>
      operation === 'write' && name === orgParameter ? new Error('ThrottlingException') : undefined;
    expect((await reported(scene.invoke(bothOwners))).errorType).toBe('ErrGitHubInstallationSuspended');
    expect(versionsOf(scene, orgParameter)).toHaveLength(1);
  });
});

test('a scheduled refresh of a sandbox that is paused is refused, logged as that, and not retried', async () => {
  const scene = lambdaScene();
  expect((await reported(scene.invoke(refreshEvent))).errorType).toBe('ErrSandboxNotFound');
  expect(scene.lines).toContainEqual({
    event: 'refresh_refused',
    sandbox_id: ID,
    owner: 'my-user',
    parameter: ownParameter,
  });
  expect(events(scene)).not.toContain('token_generation_failed');
  expect(await scene.invoke(records(destinationRecord(refreshEvent)))).toEqual({ batchItemFailures: [] });
  expect([...scene.github.alive]).toEqual([]);
});

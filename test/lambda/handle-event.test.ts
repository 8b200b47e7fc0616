import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { event, ID, names } from '../broker/broker-scene.ts';
import { lambdaScene, RESPONSE_URL, reported, sceneWithTokens } from './lambda-scene.ts';

const refreshEvent = event(['my-user/my-repo']);
const checkEvent = { action: 'check', allowed_repos: ['my-user/my-repo'], permissions: { contents: 'read' } };

describe('the function', () => {
  test('answers a refresh event with what was published, without the token', async () => {
    const scene = await sceneWithTokens(refreshEvent);
    const answer = await scene.invoke(refreshEvent);
    expect(answer).toEqual({
      sandbox_id: ID,
      tokens: [
        {
          owner: 'my-user',
          parameter: names.tokenParameter(ID),
          repositories: ['my-repo'],
          permissions: { contents: 'read', metadata: 'read' },
          minted_at: '2026-11-20T10:00:00.000Z',
          expires_at: '2026-11-20T11:00:00.000Z',
          token_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ],
    });
    for (const token of scene.github.minted) expect(JSON.stringify(answer)).not.toContain(token);
  });

  test('refuses a refresh event of a sandbox without a first token, and leaves none', async () => {
    const scene = lambdaScene();
    const { errorType } = await reported(scene.invoke(refreshEvent));
    expect(errorType).toBe('ErrSandboxNotFound');
    expect(scene.store.versions.has(names.tokenParameter(ID))).toBe(false);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('answers a check event', async () => {
    const scene = lambdaScene();
    expect(await scene.invoke(checkEvent)).toMatchObject({ owners: [{ owner: 'my-user' }], problems: [] });
    expect([...scene.github.alive]).toEqual([]);
  });

  test('answers what an operator asks about the App', async () => {
    const scene = lambdaScene();
    expect(await scene.invoke({ action: 'inspect' })).toMatchObject({ configured: true, problems: [] });
    expect(await scene.invoke({ action: 'prove', owner: 'my-org' })).toMatchObject({
      ok: true,
      owner: 'My-Org',
    });
    const probe = { action: 'probe', repo: 'my-user/my-repo' };
    expect(await scene.invoke(probe)).toMatchObject({ ok: true, repo: 'my-user/my-repo' });
    expect([...scene.github.alive]).toEqual([]);
  });

  test('answers what an operator asks about an App that is not there', async () => {
    const scene = lambdaScene({});
    expect(await scene.invoke({ action: 'inspect' })).toMatchObject({ configured: false });
    expect(await scene.invoke({ action: 'prove' })).toMatchObject({ ok: false });
    expect(await scene.invoke({ action: 'probe', repo: 'my-user/my-repo' })).toMatchObject({ ok: false });
    expect(scene.lines).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'refresh'],
    ['a list', [refreshEvent]],
    ['an empty object', {}],
    ['an EventBridge event', { 'detail-type': 'Scheduled Event', detail: refreshEvent }],
    [
      'a refresh event that is a stack event too',
      { ...refreshEvent, RequestType: 'Delete', ResponseURL: RESPONSE_URL },
    ],
    ['a refresh event that is a check too', { ...checkEvent, ...refreshEvent }],
    ['an action that there is not', { action: 'explode' }],
    ['an action that is a property of every object', { action: 'constructor' }],
    ['an action that is no text', { action: ['inspect'] }],
    ['a refresh event with records', { ...refreshEvent, Records: [] }],
    ['no records', { Records: [] }],
    [
      'records of another source',
      { Records: [{ eventSource: 'aws:s3', messageId: 'm', body: JSON.stringify(refreshEvent) }] },
    ],
    [
      'a stack event that cannot be answered',
      {
        RequestType: 'Create',
        ResponseURL: 'http://evil.test/',
        StackId: 's',
        RequestId: 'r',
        LogicalResourceId: 'l',
      },
    ],
    [
      'a stack event of another kind',
      {
        RequestType: 'Explode',
        ResponseURL: RESPONSE_URL,
        StackId: 's',
        RequestId: 'r',
        LogicalResourceId: 'l',
      },
    ],
  ])('refuses %s, and does nothing', async (_name, given) => {
    const scene = lambdaScene();
    const { errorType, errorMessage } = await reported(scene.invoke(given));
    expect([errorType, errorMessage]).toEqual([
      'ErrRefreshEventInvalid',
      'Not an event that the refresher knows. Send a refresh event, an action (check, inspect, prove, probe, revoke, reconfigure, survey), a stack event of Custom::KmGitHubToken, or records of the retry queue.',
    ]);
    expect([scene.github.requests, scene.store.calls, scene.replies]).toEqual([[], [], []]);
  });

  test.each<[string, unknown, string]>([
    ['of a probe of everything', { action: 'probe', repo: '*' }, 'repo must be owner/name'],
    ['of an inspection with a key', { action: 'inspect', pem: 'x' }, 'unknown "pem"'],
    ['without permissions', { ...refreshEvent, permissions: {} }, 'permissions must not be empty'],
    ['without repositories', { ...refreshEvent, allowed_repos: [] }, 'allowed_repos must not be empty'],
    [
      'with a wide permission',
      { ...refreshEvent, permissions: { administration: 'write' } },
      'unknown "administration"',
    ],
    [
      'with an id that climbs',
      { ...refreshEvent, sandbox_id: '../km/config' },
      'sandbox_id must be a sandbox id',
    ],
  ])('refuses an event %s, and does nothing', async (_name, given, reason) => {
    const scene = lambdaScene();
    const { errorType, errorMessage } = await reported(scene.invoke(given));
    expect(errorType).toBe('ErrRefreshEventInvalid');
    expect(errorMessage).toContain(reason);
    expect([scene.github.requests, scene.store.calls]).toEqual([[], []]);
  });

  test('reports an error under its code, with the remedy and without stack or cause', async () => {
    const { error, errorType, errorMessage } = await reported(lambdaScene({}).invoke(refreshEvent));
    expect(errorType).toBe('ErrGitHubNotConfigured');
    expect(errorMessage).toMatch(/^GitHub App not configured\. Run km configure github/);
    expect(error.stack).toBe(`ErrGitHubNotConfigured: ${errorMessage}`);
    expect(error.cause).toBeUndefined();
  });

  test('logs neither tokens nor keys nor events, right or wrong', async () => {
    const scene = await sceneWithTokens(refreshEvent);
    const secretLooking = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz';
    const seen: unknown[] = [await scene.invoke(refreshEvent), await scene.invoke(checkEvent)];
    scene.store.fault = (operation, _name, token) =>
      operation === 'write' ? new Error(`Value '${token?.token.reveal()}' failed`) : undefined;
    seen.push(await reported(scene.invoke(refreshEvent)));
    seen.push(await reported(scene.invoke({ anything: secretLooking })));
    const text = `${inspect(seen, { depth: 10 })}${JSON.stringify(scene.lines)}`;
    expect(scene.github.minted).toHaveLength(4);
    for (const token of [...scene.github.minted, secretLooking, 'PRIVATE KEY-----'])
      expect(text).not.toContain(token);
  });
});

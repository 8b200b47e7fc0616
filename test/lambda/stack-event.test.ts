import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { handleEvent } from '../../lambda/refresh/handle-event.ts';
import type { Runtime } from '../../lambda/refresh/invocation.ts';
import { isResponseUrl, sendStackAnswer } from '../../lambda/refresh/send-stack-answer.ts';
import { stackAnswer } from '../../lambda/refresh/stack-answer.ts';
import { event, ID, names } from '../broker/broker-scene.ts';
import { refusal } from '../github/refusal.ts';
import { type LambdaScene, lambdaScene, RESPONSE_URL, reported } from './lambda-scene.ts';

const request = {
  StackId: 'arn:aws:cloudformation:us-east-1:000000000000:stack/km-sandbox-sb-1234abcd/guid',
  RequestId: 'request-1',
  LogicalResourceId: 'FirstToken',
};

const properties = (refreshEvent: unknown = event(['my-user/my-repo'])) => ({
  ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:km-github-token-refresher',
  SandboxId: ID,
  Event: typeof refreshEvent === 'string' ? refreshEvent : JSON.stringify(refreshEvent),
});

const stackEvent = (RequestType: string, more: Readonly<Record<string, unknown>> = {}) => ({
  RequestType,
  ResponseURL: RESPONSE_URL,
  ResourceType: 'Custom::KmGitHubToken',
  ResourceProperties: properties(),
  ...(RequestType === 'Create' ? {} : { PhysicalResourceId: names.tokenResource(ID) }),
  ...request,
  ...more,
});

const answered = (scene: LambdaScene) => {
  expect(scene.replies).toHaveLength(1);
  return scene.replies[0]?.reply;
};

describe('a stack event', () => {
  test('Create publishes the first token and answers SUCCESS with nothing of it', async () => {
    const scene = lambdaScene();
    await scene.invoke(stackEvent('Create'));
    expect(answered(scene)).toEqual({
      Status: 'SUCCESS',
      PhysicalResourceId: 'km-github-token-sb-1234abcd',
      ...request,
    });
    expect(scene.replies[0]?.url).toBe(RESPONSE_URL);
    expect(scene.store.versions.get(names.tokenParameter(ID))?.at(-1)?.value).toBe(scene.github.minted[0]);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'no properties',
      { ResourceProperties: undefined },
      'Invalid stack event: Event is not text (ErrRefreshEventInvalid)',
    ],
    [
      'an event that is no text',
      { ResourceProperties: { SandboxId: ID, Event: event(['a/b']) } },
      'Invalid stack event: Event is not text (ErrRefreshEventInvalid)',
    ],
    [
      'an event that is no JSON',
      { ResourceProperties: properties('{') },
      'Invalid stack event: Event is not JSON (ErrRefreshEventInvalid)',
    ],
    [
      'an event without permissions',
      { ResourceProperties: properties({ ...event(['a/b']), permissions: {} }) },
      'Invalid refresh event: permissions must not be empty: GitHub would read that as every permission (ErrRefreshEventInvalid). Create the sandbox again with km create, which writes the event itself.',
    ],
    [
      "another sandbox's event",
      { ResourceProperties: { ...properties(), SandboxId: 'sb-00000000' } },
      "Invalid stack event: SandboxId is not the event's sandbox_id, 'sb-1234abcd' (ErrRefreshEventInvalid)",
    ],
  ])('Create with %s is answered FAILED, and nothing is done', async (_name, more, reason) => {
    const scene = lambdaScene();
    await scene.invoke(stackEvent('Create', more));
    expect(answered(scene)).toMatchObject({ Status: 'FAILED', Reason: reason });
    expect(answered(scene)?.PhysicalResourceId).not.toBe('');
    expect([scene.github.requests, scene.store.calls]).toEqual([[], []]);
  });

  test("Create that GitHub refuses is answered FAILED with GitHub's reason, code and remedy", async () => {
    const scene = lambdaScene();
    await scene.invoke(stackEvent('Create', { ResourceProperties: properties(event(['my-user/secret'])) }));
    expect(answered(scene)).toMatchObject({
      Status: 'FAILED',
      Reason:
        "The GitHub App's installation on 'my-user' does not reach 'my-user/secret' (ErrGitHubRepoNotInInstallation). Add it to the installation (https://github.com/organizations/my-user/settings/installations/1), or correct allowedRepos.",
      PhysicalResourceId: 'km-github-token-sb-1234abcd',
    });
  });

  test('Update to a narrower event takes back what it drops, and leaves what it still allows its overlap', async () => {
    const wide = properties(event(['my-user/my-repo', 'my-org/*']));
    const scene = lambdaScene();
    await scene.invoke(stackEvent('Create', { ResourceProperties: wide }));
    await scene.invoke(stackEvent('Update', { OldResourceProperties: wide }));
    expect(scene.replies[1]?.reply.Status).toBe('SUCCESS');
    const ofOrg = scene.github.minted[scene.github.mints.findIndex(({ installation }) => installation === 2)];
    expect(scene.github.minted).toHaveLength(3);
    expect([...scene.github.alive]).toEqual(scene.github.minted.filter((token) => token !== ofOrg));
    expect(scene.store.versions.has(names.ownerTokenParameter(ID, 'my-org'))).toBe(false);
    expect(scene.store.versions.get(names.tokenParameter(ID))?.at(-1)?.value).toBe(scene.github.minted[2]);
  });

  test('Update that fails takes nothing back, so that a rollback finds what it left', async () => {
    const wide = properties(event(['my-user/my-repo', 'my-org/*']));
    const scene = lambdaScene();
    await scene.invoke(stackEvent('Create', { ResourceProperties: wide }));
    await scene.invoke(
      stackEvent('Update', {
        OldResourceProperties: wide,
        ResourceProperties: properties(event(['nobody/x'])),
      }),
    );
    expect(scene.replies[1]?.reply.Status).toBe('FAILED');
    expect(scene.github.alive.size).toBe(2);
  });

  test('Delete that overtakes its Create waits for the tokens that it is making, and takes them back', async () => {
    const scene = lambdaScene();
    const both = properties(event(['my-user/my-repo', 'my-org/x']));
    const { sleep } = scene.runtime;
    let creating: Promise<unknown> | undefined;
    // The Create comes to its end while the Delete waits for the first time.
    const runtime: Runtime = {
      ...scene.runtime,
      sleep: async (ms, signal) => {
        if (signal !== undefined) return sleep(ms, signal);
        creating ??= scene.invoke(stackEvent('Create', { ResourceProperties: both }));
        await creating;
        return sleep(ms);
      },
    };
    const PhysicalResourceId = 'km-sandbox-sb-1234abcd-GitHubToken-1ABCDEFGHIJKL';
    await handleEvent(runtime, stackEvent('Delete', { PhysicalResourceId, ResourceProperties: both }), {
      remainingMs: () => 60_000,
    });
    expect(creating).toBeDefined();
    expect(scene.github.minted).toHaveLength(2);
    expect([...scene.github.alive]).toEqual([]);
    expect([...scene.store.versions.keys()].filter((name) => name.startsWith('/sandbox/'))).toEqual([]);
    expect(scene.replies.map(({ reply }) => [reply.Status, reply.PhysicalResourceId])).toContainEqual([
      'SUCCESS',
      PhysicalResourceId,
    ]);
  });

  test('Delete that overtakes a Create which makes nothing answers SUCCESS before the time is up', async () => {
    const scene = lambdaScene();
    const started = scene.world.now();
    await scene.invoke(stackEvent('Delete', { PhysicalResourceId: 'generated-by-cloudformation' }));
    expect(answered(scene)?.Status).toBe('SUCCESS');
    expect(scene.world.now() - started).toBeGreaterThan(30_000);
    expect(scene.world.now() - started).toBeLessThan(50_000);
  });

  test('Delete revokes and deletes, and is safe to repeat', async () => {
    const scene = lambdaScene();
    await scene.invoke(stackEvent('Create'));
    await scene.invoke(stackEvent('Delete'));
    await scene.invoke(stackEvent('Delete'));
    expect(scene.replies.map(({ reply }) => reply.Status)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    expect([...scene.github.alive]).toEqual([]);
    expect(scene.store.versions.has(names.tokenParameter(ID))).toBe(false);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['without properties', { ResourceProperties: undefined }],
    ['with a bad id', { ResourceProperties: { SandboxId: '../km', Event: '{' } }],
    ['with an event that no longer parses', { ResourceProperties: { SandboxId: ID, Event: '{' } }],
    ['without an event', { ResourceProperties: { SandboxId: ID } }],
  ])('Delete of a resource whose Create failed works %s', async (_name, more) => {
    const scene = lambdaScene({});
    await scene.invoke(stackEvent('Delete', { ...more, PhysicalResourceId: 'invalid-sandbox-id' }));
    expect(answered(scene)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'invalid-sandbox-id' });
  });

  test('is answered FAILED shortly before the time is up, and nothing is published afterwards', async () => {
    const scene = lambdaScene();
    let wake = (): void => undefined;
    const stuck = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const slept: number[] = [];
    const fetch = scene.github.fetch;
    Object.assign(scene.runtime, {
      sleep: async (ms: number) => {
        slept.push(ms);
        scene.world.advance(ms);
      },
    });
    Object.assign(scene.github, {
      fetch: async (...args: Parameters<typeof fetch>) => {
        await stuck;
        return fetch(...args);
      },
    });
    await scene.invoke(stackEvent('Create'));
    expect(slept).toEqual([55_000]);
    expect(answered(scene)).toMatchObject({
      Status: 'FAILED',
      Reason: 'The refresher ran out of time (ErrGitHubUnavailable). Try again.',
    });
    wake();
    await vi.waitFor(() =>
      expect(scene.lines.map((line) => line.event)).toContain('token_generation_failed'),
    );
    expect(scene.store.versions.has(names.tokenParameter(ID))).toBe(false);
    expect([...scene.github.alive]).toEqual([]);
  });

  test('is sent again when CloudFormation does not take the answer at first', async () => {
    const scene = lambdaScene();
    const answers = [500, 503, 200];
    scene.cloudFormation = () => new Response(null, { status: answers.shift() ?? 500 });
    await scene.invoke(stackEvent('Delete'));
    expect(scene.replies).toHaveLength(3);
  });

  test('fails when CloudFormation never takes the answer, without naming the address, which is a credential', async () => {
    const scene = lambdaScene();
    scene.cloudFormation = () => {
      throw new TypeError(`cannot reach ${RESPONSE_URL}`);
    };
    const { errorType, errorMessage } = await reported(scene.invoke(stackEvent('Delete')));
    expect([errorType, errorMessage]).toEqual([
      'ErrAws',
      'CloudFormation did not take the answer: TypeError',
    ]);
    expect(JSON.stringify(scene.lines)).not.toContain('s3cr3t');
  });
});

describe('CloudFormation', () => {
  test.each([
    ['https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/x?y', true, true],
    ['http://127.0.0.1:3000/x', false, true],
    ['http://[::1]:3000/x', false, true],
    ['http://localhost:3000/x', false, true],
    ['http://127.0.0.1.evil.test/x', false, false],
    ['http://169.254.169.254/latest', false, false],
    ['https://user:password@host.test/', false, false],
    ['file:///etc/passwd', false, false],
    ['', false, false],
  ])('is answered at %j on Lambda: %s, in the local cloud: %s', (url, onLambda, locally) => {
    expect([isResponseUrl(url, { loopback: false }), isResponseUrl(url, { loopback: true })]).toEqual([
      onLambda,
      locally,
    ]);
  });
});

describe('an answer to CloudFormation', () => {
  const failed = (reason: string) => ({ status: 'FAILED', physicalResourceId: 'p', reason }) as const;

  test.each([
    ['plain text', 'x'.repeat(10_000)],
    ['what JSON escapes', '"'.repeat(10_000)],
    ['letters of four bytes', '😀'.repeat(10_000)],
    ['lines', 'a\r\n\t'.repeat(10_000)],
  ])('with a long reason of %s is cut within 4,096 bytes and stays whole', (_name, reason) => {
    const body = stackAnswer(request, failed(reason));
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(4096);
    expect(Buffer.byteLength(body)).toBeGreaterThan(3900);
    const { Reason } = JSON.parse(body) as { Reason: string };
    expect(Reason.endsWith('…')).toBe(true);
    expect(Reason.isWellFormed()).toBe(true);
  });

  test('is one line of plain text', () => {
    const { Reason } = JSON.parse(stackAnswer(request, failed('a\nb\u0000\u001b[31mc'))) as {
      Reason: string;
    };
    expect(Reason).toBe('a b[31mc');
  });

  test('goes over the wire as a PUT without content type, as the address is signed', async () => {
    const seen: { method: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer(async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      seen.push({
        method: incoming.method,
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
      });
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer`;
      await sendStackAnswer(
        { ...lambdaScene().runtime, fetch: globalThis.fetch },
        url,
        '{"Status":"SUCCESS"}',
      );
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({ method: 'PUT', body: '{"Status":"SUCCESS"}' });
      expect(seen[0]?.headers['content-type']).toBeUndefined();
      expect(seen[0]?.headers['content-length']).toBe('20');
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('is not taken along a redirect', async () => {
    const scene = lambdaScene();
    const redirects: (string | undefined)[] = [];
    const fetch: typeof globalThis.fetch = async (_input, init) => {
      redirects.push(init?.redirect);
      return new Response(null, { status: 500 });
    };
    await refusal(sendStackAnswer({ ...scene.runtime, fetch }, RESPONSE_URL, '{}'));
    expect(redirects).toEqual(['manual', 'manual', 'manual']);
  });
});

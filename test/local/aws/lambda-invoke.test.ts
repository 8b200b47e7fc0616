import {
  InvokeCommand,
  type InvokeCommandOutput,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorkloadCloud, until, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;

beforeAll(async () => {
  local = await startWorkloadCloud();
  await local.makeFunction('echo', { Environment: { Variables: { OWN: 'yes' } } });
});
afterAll(() => local[Symbol.asyncDispose]());

const invoke = (name: string, event: object, more = {}): Promise<InvokeCommandOutput> =>
  local.lambda.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), ...more }));

const payload = (answer: InvokeCommandOutput) =>
  JSON.parse(Buffer.from(answer.Payload ?? []).toString() || 'null');

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('a function', () => {
  test('gets the event and the context of its invocation', async () => {
    const answer = await invoke('echo', { hello: 'world' });
    expect(answer.StatusCode).toBe(200);
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.ExecutedVersion).toBe('$LATEST');
    const { event, context } = payload(answer);
    expect(event).toEqual({ hello: 'world' });
    expect(context).toMatchObject({
      functionName: 'echo',
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
      awsRequestId: answer.$metadata.requestId,
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
    });
    expect(context.remaining).toBeGreaterThan(8000);
    expect(context.remaining).toBeLessThanOrEqual(10_000);
  });

  test('has its own environment and nothing of the process that runs the cloud', async () => {
    process.env.KM_TEST_SECRET_OF_THE_PARENT = 'must not be seen';
    const { environment } = payload(await invoke('echo', {}));
    expect(Object.keys(environment).sort()).toEqual(
      [
        'AWS_ACCESS_KEY_ID',
        'AWS_DEFAULT_REGION',
        'AWS_ENDPOINT_URL',
        'AWS_EXECUTION_ENV',
        'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
        'AWS_LAMBDA_FUNCTION_NAME',
        'AWS_LAMBDA_FUNCTION_VERSION',
        'AWS_LAMBDA_INITIALIZATION_TYPE',
        'AWS_LAMBDA_LOG_GROUP_NAME',
        'AWS_LAMBDA_LOG_STREAM_NAME',
        'AWS_REGION',
        'AWS_SECRET_ACCESS_KEY',
        'AWS_SESSION_TOKEN',
        'KM_GITHUB_API_URL',
        'LAMBDA_TASK_ROOT',
        'LANG',
        'OWN',
        'PATH',
        'TZ',
        '_HANDLER',
        '_X_AMZN_TRACE_ID',
      ].sort(),
    );
    expect(environment).toMatchObject({ OWN: 'yes', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x', TZ: ':UTC' });
    expect(environment.AWS_ENDPOINT_URL).toBe(local.cloud.url);
  });

  test('keeps its process between invocations', async () => {
    const one = payload(await invoke('echo', {}));
    const other = payload(await invoke('echo', {}));
    expect(other.pid).toBe(one.pid);
    expect(one.pid).not.toBe(process.pid);
  });

  test('runs several events at once in processes of their own, and queues the rest', async () => {
    const answers = await Promise.all(Array.from({ length: 7 }, () => invoke('echo', { sleep: 30 })));
    const pids = new Set(answers.map((answer) => payload(answer).pid));
    expect(pids.size).toBe(4);
  });

  test('tells the time of the moved clock', async () => {
    const before = payload(await invoke('echo', {}));
    await local.cloud.clock.advance(3 * 3600_000);
    const after = payload(await invoke('echo', {}));
    expect(after.now - before.now).toBeGreaterThanOrEqual(3 * 3600_000);
    expect(after.dateNow - after.now).toBeLessThan(1000);
    expect(after.fixed).toBe('1970-01-01T00:00:00.000Z');
    expect(after.isDate).toBe(true);
  });

  test('gets new credentials in a new process before the old ones expire on the moved clock', async () => {
    const before = payload(await invoke('echo', {}));
    await local.cloud.clock.advance(58 * 60_000);
    const after = payload(await invoke('echo', {}));
    expect(after.environment.AWS_SESSION_TOKEN).not.toBe(before.environment.AWS_SESSION_TOKEN);
    expect(after.pid).not.toBe(before.pid);
    await until(() => (alive(before.pid) ? undefined : true));
  });

  test('gets a new process once its configuration has changed', async () => {
    const before = payload(await invoke('echo', {}));
    const change = { FunctionName: 'echo', Environment: { Variables: { OWN: 'changed' } } };
    await local.lambda.send(new UpdateFunctionConfigurationCommand(change));
    const after = payload(await invoke('echo', {}));
    expect(after.environment.OWN).toBe('changed');
    expect(after.pid).not.toBe(before.pid);
  });
});

describe('a failing function', () => {
  test.each([
    ['throws', { throw: 'no luck' }, { errorType: 'WantedError', errorMessage: 'no luck' }],
    ['loses a promise', { reject: true }, { errorType: 'Error', errorMessage: 'lost' }],
    [
      'exits',
      { exit: 3 },
      {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(/exited with error: exit status 3$/),
      },
    ],
  ])('that %s answers its error, and works again', async (_, event, error) => {
    const answer = await invoke('echo', event);
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(payload(answer)).toMatchObject(error);
    expect((await invoke('echo', {})).FunctionError).toBeUndefined();
  });

  test('is killed at its timeout', async () => {
    await local.makeFunction('slow', { Timeout: 1 });
    const answer = await invoke('slow', { hang: true });
    expect(answer.FunctionError).toBe('Unhandled');
    expect(payload(answer)).toEqual({
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${answer.$metadata.requestId} Error: Task timed out after 1.00 seconds`,
    });
  });

  test('that uses too much memory dies alone', async () => {
    await local.makeFunction('greedy', { MemorySize: 128, Timeout: 30 });
    const answer = await invoke('greedy', { leak: true });
    expect(payload(answer).errorType).toBe('Runtime.ExitError');
    expect((await invoke('greedy', {})).FunctionError).toBeUndefined();
  });

  test.each([
    ['a missing file', 'nowhere.handler', 'Runtime.ImportModuleError'],
    ['a missing export', 'index.nothing', 'Runtime.HandlerNotFound'],
  ])('with %s as its handler says so', async (_, Handler, errorType) => {
    const name = `bad-${errorType.slice(-8)}`;
    await local.makeFunction(name, { Handler });
    expect(payload(await invoke(name, {})).errorType).toBe(errorType);
  });
});

describe('Invoke', () => {
  test.each([
    ['a function that is not there', { FunctionName: 'nobody' }, 'ResourceNotFoundException'],
    ['a version that is not there', { FunctionName: 'echo:7' }, 'ValidationException'],
    ['a payload that is no JSON', { Payload: '{' }, 'InvalidRequestContentException'],
    ['a payload over 6 MB', { Payload: `"${'x'.repeat(6 * 1024 * 1024)}"` }, 'RequestTooLargeException'],
    [
      'an event over 1 MB',
      { InvocationType: 'Event' as const, Payload: `"${'x'.repeat(1024 * 1024)}"` },
      'RequestTooLargeException',
    ],
  ])('refuses %s', async (_, input, name) => {
    const command = new InvokeCommand({ FunctionName: 'echo', ...input });
    await expect(local.lambda.send(command)).rejects.toMatchObject({ name });
  });

  test('answers a response over 6 MB as an error', async () => {
    const answer = await invoke('echo', { size: 6 * 1024 * 1024 });
    expect(payload(answer).errorType).toBe('Function.ResponseSizeTooLarge');
  });

  test('DryRun checks and does not run', async () => {
    expect((await invoke('echo', { exit: 1 }, { InvocationType: 'DryRun' })).StatusCode).toBe(204);
  });

  test('is refused to whoever has no permission, and the function does not run', async () => {
    const role = await local.makeRole('invoker', [
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: 'arn:aws:lambda:*:*:function:other' },
    ]);
    const { lambda } = local.as(await local.session(role));
    await expect(lambda.send(new InvokeCommand({ FunctionName: 'echo' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        'lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:echo',
      ),
    });
  });

  test('gives the end of the log on request', async () => {
    const answer = await invoke('echo', { log: 'a line of its own' }, { LogType: 'Tail' });
    const log = Buffer.from(answer.LogResult ?? '', 'base64').toString();
    const id = answer.$metadata.requestId;
    expect(log.split('\n')).toEqual([
      `START RequestId: ${id} Version: $LATEST`,
      expect.stringMatching(new RegExp(`Z\\t${id}\\tINFO\\ta line of its own$`)),
      `END RequestId: ${id}`,
      expect.stringMatching(
        new RegExp(
          `^REPORT RequestId: ${id}\\tDuration: [\\d.]+ ms\\tBilled Duration: \\d+ ms\\tMemory Size: 256 MB`,
        ),
      ),
      '',
    ]);
  });
});

test('what a function writes is in its log group', async () => {
  await invoke('echo', { log: 'find me' });
  const { events } = await local.json('logs', 'FilterLogEvents', {
    logGroupName: '/aws/lambda/echo',
    filterPattern: '"find me"',
  });
  expect(events).toHaveLength(1);
  expect(events[0].logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
});

test('no process of a function outlives the cloud', async () => {
  const other = await startWorkloadCloud();
  await other.makeFunction('echo');
  const run = (event: object) =>
    other.lambda.send(new InvokeCommand({ FunctionName: 'echo', Payload: JSON.stringify(event) }));
  const idle = payload(await run({}));
  const hanging = run({ hang: true }).catch(() => undefined);
  const working = payload(await run({ sleep: 20 }));
  await other[Symbol.asyncDispose]();
  await hanging;
  await until(() => ([idle.pid, working.pid].some(alive) ? undefined : true));
});

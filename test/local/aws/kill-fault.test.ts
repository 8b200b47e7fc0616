import { InvokeCommand } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Credentials } from './sign-request.ts';
import { startWorkloadCloud, type WorkloadCloud } from './workload-cloud.ts';

let local: WorkloadCloud;

beforeAll(async () => {
  local = await startWorkloadCloud();
  const Role = await local.serviceRole('killed', 'lambda.amazonaws.com', [
    { Effect: 'Allow', Action: ['logs:*', 'sqs:*'], Resource: '*' },
  ]);
  await local.makeFunction('f', { Role });
});
afterAll(() => local[Symbol.asyncDispose]());
afterEach(async () => void (await local.admin('POST', 'faults', {})));

const invoke = async (event: object) => {
  const { FunctionError, Payload } = await local.lambda.send(
    new InvokeCommand({ FunctionName: 'f', Payload: JSON.stringify(event) }),
  );
  return { FunctionError, answer: JSON.parse(Payload?.transformToString() ?? 'null') };
};

/** The credentials that the function's process was given; it stays, for the next event. */
const credentialsOfProcess = async (): Promise<Credentials> => {
  const { environment } = (await invoke({})).answer;
  return {
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    sessionToken: environment.AWS_SESSION_TOKEN,
  };
};

const queues = async (): Promise<string[]> => (await local.json('sqs', 'ListQueues')).QueueUrls ?? [];

/** Calls as the function does, in the middle of an invocation. */
const callAsFunction = async (credentials: Credentials, name: string) => {
  const running = invoke({ hang: true });
  await local
    .json('sqs', 'CreateQueue', { QueueName: name }, credentials)
    .catch((error: Error) => error.message);
  return running;
};

test.each([
  ['before', false],
  ['after', true],
])("kill ends the function's process %s the call has done its work", async (when, lost) => {
  const credentials = await credentialsOfProcess();
  await local.admin('POST', 'faults', { aws: [{ operation: 'CreateQueue', kill: true, lost, count: 1 }] });
  expect(await callAsFunction(credentials, when)).toMatchObject({
    FunctionError: 'Unhandled',
    answer: { errorType: 'Runtime.ExitError' },
  });
  expect((await queues()).some((url) => url.endsWith(`/${when}`))).toBe(lost);
  expect(await invoke({})).toMatchObject({ answer: { event: {} } });
});

test('kill leaves the calls of everybody else alone, and does not count them', async () => {
  const credentials = await credentialsOfProcess();
  await local.admin('POST', 'faults', { aws: [{ operation: 'CreateQueue', kill: true, skip: 1, count: 1 }] });
  for (const name of ['mine', 'mine-too']) await local.json('sqs', 'CreateQueue', { QueueName: name });
  const running = invoke({ hang: true });
  await local.json('sqs', 'CreateQueue', { QueueName: 'first' }, credentials);
  await local.json('sqs', 'CreateQueue', { QueueName: 'second' }, credentials).catch(() => undefined);
  expect(await running).toMatchObject({ answer: { errorType: 'Runtime.ExitError' } });
  expect((await queues()).map((url) => url.slice(url.lastIndexOf('/') + 1))).toEqual(
    expect.arrayContaining(['mine', 'mine-too', 'first']),
  );
});

test('kill is true or false', async () => {
  expect((await local.admin('POST', 'faults', { aws: [{ kill: 1 }] })).status).toBe(400);
});

import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, run, World } from './harness.ts';

const FUNCTION = 'km-github-token-refresher';
const profile = join(root, 'examples', 'profile.yaml');

let world: World;
let env: Record<string, string>;
let config: ConstructorParameters<typeof LambdaClient>[0] & object;

beforeAll(async () => {
  world = await World.start();
  env = await world.environment();
  config = {
    endpoint: env.AWS_ENDPOINT_URL ?? '',
    region: 'us-east-1',
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    },
  };
});

afterAll(() => world[Symbol.asyncDispose]());

/** What the sandbox's schedule sends, as its stack has it. */
async function refreshEventOf(id: string): Promise<object> {
  const { Stacks } = await new CloudFormationClient(config).send(
    new DescribeStacksCommand({ StackName: `km-sandbox-${id}` }),
  );
  const event = Stacks?.[0]?.Parameters?.find(({ ParameterKey }) => ParameterKey === 'RefreshEvent1');
  return JSON.parse(event?.ParameterValue ?? '') as object;
}

async function invoke(event: object): Promise<{ failed: boolean; payload: string }> {
  const { FunctionError, Payload } = await new LambdaClient(config).send(
    new InvokeCommand({ FunctionName: FUNCTION, Payload: JSON.stringify(event) }),
  );
  return { failed: FunctionError !== undefined, payload: Payload?.transformToString() ?? '' };
}

const inRetryQueue = (event: object) => ({
  Records: [{ messageId: 'm0', eventSource: 'aws:sqs', body: JSON.stringify(event) }],
});

async function parametersOf(id: string): Promise<string[]> {
  const { Parameters = [] } = await new SSMClient(config).send(
    new DescribeParametersCommand({
      ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: [`/sandbox/${id}`] }],
    }),
  );
  return Parameters.map(({ Name = '' }) => Name);
}

/** The refresher's log, by the signed request of a plain curl. */
async function logOf(id: string): Promise<{ event: string; token_sha256?: string; result?: string }[]> {
  const request = { logGroupName: `/aws/lambda/${FUNCTION}`, filterPattern: '', limit: 10_000 };
  const { stdout } = await run('curl', ['-sS', '-K', '-'], {
    env: { PATH: process.env.PATH ?? '' },
    input: [
      `url = "${env.AWS_ENDPOINT_URL}/"`,
      'aws-sigv4 = "aws:amz:us-east-1:logs"',
      `user = "${env.AWS_ACCESS_KEY_ID}:${env.AWS_SECRET_ACCESS_KEY}"`,
      'header = "Content-Type: application/x-amz-json-1.1"',
      'header = "X-Amz-Target: Logs_20140328.FilterLogEvents"',
      `data = "${JSON.stringify(request).replaceAll('"', '\\"')}"`,
    ].join('\n'),
  });
  const { events } = JSON.parse(stdout) as { events: { message: string }[] };
  return events
    .map(({ message }) => message)
    .filter((message) => message.includes(`"sandbox_id":"${id}"`))
    .map((message) => JSON.parse(message.slice(message.indexOf('{'))));
}

/** Tokens that were minted for a sandbox and not revoked, by their SHA-256. */
async function unrevoked(id: string): Promise<string[]> {
  const log = await logOf(id);
  const shas = (event: string) =>
    log.flatMap((entry) => (entry.event === event && entry.token_sha256 ? [entry.token_sha256] : []));
  const generated = shas('token_generated');
  expect(generated.length).toBeGreaterThan(0);
  const revoked = new Set(shas('token_revoked'));
  return generated.filter((sha) => !revoked.has(sha));
}

test('a refresh that arrives after destroy, from the schedule or the retry queue, leaves no token and no parameter', async () => {
  const { id } = await world.json<{ id: string }>(['create', profile]);
  const event = await refreshEventOf(id);
  expect((await invoke(event)).failed).toBe(false);
  expect(await unrevoked(id)).not.toEqual([]);
  await world.json(['destroy', id]);
  expect(await unrevoked(id)).toEqual([]);

  const scheduled = await invoke(event);
  expect(scheduled.failed).toBe(true);
  expect(scheduled.payload).not.toMatch(/ghs_/);
  const retried = await invoke(inRetryQueue(event));
  expect(retried).toEqual({ failed: false, payload: '{"batchItemFailures":[]}' });
  expect(await parametersOf(id)).toEqual([]);
  expect(await unrevoked(id)).toEqual([]);
});

test.each([0, 15, 30, 60, 120])(
  'refreshes that run into a destroy, the first %i ms after it began, leave no token and no parameter',
  async (delay) => {
    const { id } = await world.json<{ id: string }>(['create', profile]);
    const event = await refreshEventOf(id);
    let destroyed = false;
    const destroying = world.json(['destroy', id]).finally(() => {
      destroyed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, delay));
    let refreshes = 0;
    while (!destroyed) {
      await invoke(event);
      refreshes += 1;
    }
    await destroying;
    expect(refreshes).toBeGreaterThan(0);
    expect(await parametersOf(id)).toEqual([]);
    expect(await unrevoked(id)).toEqual([]);
  },
);

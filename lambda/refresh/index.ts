import { setTimeout as sleep } from 'node:timers/promises';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Context } from 'aws-lambda';
import { createBroker } from '../../lib/broker/broker.ts';
import { createKmsSigningKeys, type KmsCalls } from '../../lib/broker/kms-signing-keys.ts';
import { createMetrics } from '../../lib/broker/metrics.ts';
import { DEFAULT_PREFIX, resourceNames } from '../../lib/broker/names.ts';
import { createParameterStore } from '../../lib/broker/parameter-store.ts';
import { countThrottles } from './count-throttles.ts';
import { handleEvent } from './handle-event.ts';
import type { Runtime } from './invocation.ts';
import { createNodeFetch } from './node-fetch.ts';

const { env } = process;

/** Lambda's id of the invocation that goes on; there is one at a time. */
let request_id = '';

/** Past the console, which on Lambda puts time and request before each line: then it is no JSON, and nothing finds it by its fields. */
const writeLine = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const log = (entry: object): void => writeLine({ time: new Date().toISOString(), request_id, ...entry });

const aws = {
  // Lambda gives the role's credentials in the environment, so that the chain of other places is not loaded.
  credentials: async () => ({
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
  }),
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 },
};

let kms: Promise<KmsCalls> | undefined;

const loadKms = (): Promise<KmsCalls> => {
  kms ??= import('./kms-calls.ts').then(({ openKms }) => openKms(aws, metrics.throttled));
  return kms;
};

let sqs: Promise<Runtime['delayMessage']> | undefined;

const loadSqs = (): Promise<Runtime['delayMessage']> => {
  sqs ??= import('./sqs-calls.ts').then(({ openDelayMessage }) => openDelayMessage(aws));
  return sqs;
};

let stacks: ReturnType<Runtime['openStacks']> | undefined;

const loadStacks: Runtime['openStacks'] = () => {
  stacks ??= import('./stack-calls.ts').then(({ openStackCalls }) => openStackCalls(aws));
  return stacks;
};

const fetch = createNodeFetch();
const ssm = new SSMClient(aws);
const prefix = env.KM_PREFIX || DEFAULT_PREFIX;
const metrics = createMetrics({ prefix, now: () => Date.now() });
countThrottles(ssm, 'ssm', metrics.throttled);

const runtime: Runtime = {
  broker: createBroker({
    names: resourceNames({ prefix }),
    store: createParameterStore(ssm),
    world: {
      fetch,
      now: () => Date.now(),
      sleep: (ms) => sleep(ms),
      random: () => Math.random(),
    },
    ...(env.KM_GITHUB_API_URL ? { apiUrl: env.KM_GITHUB_API_URL } : {}),
    // The platform stack sets it together with the role's grants.
    ...(env.KM_SIGNER === 'kms' ? { signingKeys: createKmsSigningKeys(loadKms) } : {}),
    log,
    metrics,
  }),
  fetch,
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
  describeParameters: async (path) => (await import('./describe-calls.ts')).openDescribeParameters(ssm)(path),
  openStacks: loadStacks,
  delayMessage: async (message, seconds) => (await loadSqs())(message, seconds),
  answersLoopback: env.AWS_ENDPOINT_URL !== undefined,
  writeMetrics: writeLine,
  log,
};

/** The refresher's entry point. */
export const handler = (event: unknown, context: Context): Promise<unknown> => {
  request_id = context.awsRequestId;
  return handleEvent(runtime, event, { remainingMs: () => context.getRemainingTimeInMillis() });
};

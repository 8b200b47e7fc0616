import { handleEvent } from '../../lambda/refresh/handle-event.ts';
import type { Runtime } from '../../lambda/refresh/invocation.ts';
import type { StackCalls } from '../../lib/broker/reconfigure.ts';
import { refresh } from '../../lib/broker/refresh.ts';
import type { RefreshEvent } from '../../lib/broker/refresh-event.ts';
import { type BrokerScene, brokerScene } from '../broker/broker-scene.ts';

export const RESPONSE_URL =
  'https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/stack?X-Amz-Signature=s3cr3t';

export interface StackReply {
  readonly Status: string;
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
}

export interface LambdaScene extends BrokerScene {
  readonly runtime: Runtime;
  readonly lines: Readonly<Record<string, unknown>>[];
  /** Lines in embedded metric format. */
  readonly metrics: Readonly<Record<string, unknown>>[];
  /** What CloudFormation was sent. */
  readonly replies: { readonly url: string; readonly text: string; readonly reply: StackReply }[];
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** Takes a message that is to be hidden, in SQS's place. */
  delay: Runtime['delayMessage'];
  /** CloudFormation, for what reconfigures. */
  stacks: StackCalls;
  /** Answers in CloudFormation's place. */
  cloudFormation: () => Response | Promise<Response>;
}

/** The function in a frozen world: 60 s an invocation, and sleeping lets its clock run. */
export const lambdaScene = (...args: Parameters<typeof brokerScene>): LambdaScene => {
  const base = brokerScene(...args);
  const lines: Readonly<Record<string, unknown>>[] = [];
  const metrics: Readonly<Record<string, unknown>>[] = [];
  const replies: LambdaScene['replies'] = [];
  const runtime: Runtime = {
    broker: { ...base.broker, log: (entry) => lines.push(entry) },
    fetch: async (input, init) => {
      const text = Buffer.from(init?.body as Uint8Array).toString();
      replies.push({ url: String(input), text, reply: JSON.parse(text) as StackReply });
      return scene.cloudFormation();
    },
    sleep: (ms, signal) =>
      signal === undefined
        ? base.world.sleep(ms)
        : new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    describeParameters: async (path) =>
      [...base.store.versions].flatMap(([name, versions]) =>
        name.startsWith(`${path}/`) ? [{ name, description: versions.at(-1)?.description }] : [],
      ),
    openStacks: async () => scene.stacks,
    writeMetrics: (line) => metrics.push(line as Readonly<Record<string, unknown>>),
    delayMessage: async (message, seconds) => scene.delay(message, seconds),
    answersLoopback: false,
    log: (entry) => lines.push(entry),
  };
  const scene: LambdaScene = {
    ...base,
    runtime,
    lines,
    metrics,
    replies,
    stacks: {
      describeStacks: async () => ({ $metadata: {}, Stacks: [] }),
      updateStack: async () => ({}),
    },
    delay: async () => undefined,
    cloudFormation: () => new Response(null, { status: 200 }),
    invoke: (event) => {
      const end = base.world.now() + 60_000;
      return handleEvent(runtime, event, { remainingMs: () => end - base.world.now() });
    },
  };
  return scene;
};

/** A scene with a sandbox that has the first tokens of this event, as its stack's creation makes them. */
export const sceneWithTokens = async (refreshEvent: RefreshEvent): Promise<LambdaScene> => {
  const scene = lambdaScene();
  await refresh(scene.broker, refreshEvent, { deadline: scene.deadline() });
  return scene;
};

/** The error that an invocation ends with, as Lambda reports it. */
export const reported = async (
  invocation: Promise<unknown>,
): Promise<{ errorType: string; errorMessage: string; error: Error }> => {
  const result = await invocation.then(
    (value) => ({ value }),
    (error: Error) => ({ error }),
  );
  if (!('error' in result)) throw new Error(`answered ${JSON.stringify(result.value)}`);
  return { errorType: result.error.name, errorMessage: result.error.message, error: result.error };
};

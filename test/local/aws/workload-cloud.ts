import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  type CreateStackCommandInput,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { CreateFunctionCommand, type CreateFunctionCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import type { PolicyStatement } from '../../../lib/local/aws/cloud.ts';
import type { Credentials } from './sign-request.ts';
import { ACCOUNT, policy, startTestCloud, type TestCloud } from './test-cloud.ts';

/** A function that does what its event says, and answers stacks as their properties say. */
const FUNCTION = `
const answer = (event, body) => fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify(body) });
const stacks = async (event) => {
  const { Behaviour = '', Id = 'custom-1' } = event.ResourceProperties;
  const { RequestId, StackId, LogicalResourceId } = event;
  console.log('stack event ' + JSON.stringify(event));
  if (Behaviour === 'silent:' + event.RequestType) return;
  const failed = Behaviour === 'fail:' + event.RequestType;
  await answer(event, {
    Status: failed ? 'FAILED' : 'SUCCESS', Reason: 'as told', PhysicalResourceId: Id,
    RequestId, StackId, LogicalResourceId, Data: { Kind: event.RequestType },
  });
};
exports.handler = async (event, context) => {
  if (event.ResponseURL) return stacks(event);
  const todo = event.Records ? JSON.parse(event.Records[0].body) : event;
  const wanted = todo.requestPayload ?? todo;
  if (wanted.throw) throw Object.assign(new Error(wanted.throw), { name: 'WantedError' });
  if (wanted.exit !== undefined) process.exit(wanted.exit);
  if (wanted.hang) await new Promise(() => setInterval(() => {}, 1000));
  if (wanted.sleep) await new Promise((resolve) => setTimeout(resolve, wanted.sleep));
  if (wanted.leak) { const all = []; for (;;) all.push(new Array(100000).fill(Math.random())); }
  if (wanted.reject) { setTimeout(() => Promise.reject(new Error('lost')), 1); await new Promise(() => setInterval(() => {}, 1000)); }
  if (wanted.size) return 'x'.repeat(wanted.size);
  if (wanted.log) console.log(wanted.log);
  if (wanted.failItems) return { batchItemFailures: event.Records.map((r) => ({ itemIdentifier: r.messageId })) };
  const { functionName, functionVersion, memoryLimitInMB, awsRequestId, invokedFunctionArn } = context;
  return {
    event, pid: process.pid, cwd: process.cwd(), now: Date.now(), dateNow: new Date().getTime(),
    fixed: new Date(0).toISOString(), isDate: new Date() instanceof Date, environment: process.env,
    context: { functionName, functionVersion, memoryLimitInMB, awsRequestId, invokedFunctionArn,
      remaining: context.getRemainingTimeInMillis() },
  };
};
`;

export interface WorkloadCloud extends TestCloud {
  readonly cf: CloudFormationClient;
  readonly lambda: LambdaClient;
  readonly scheduler: SchedulerClient;
  /** Clients of these services with other credentials. */
  as(credentials: Credentials): {
    cf: CloudFormationClient;
    lambda: LambdaClient;
    scheduler: SchedulerClient;
  };
  /** A role that a service may assume, with these statements; its ARN. */
  serviceRole(name: string, service: string, statements: readonly PolicyStatement[]): Promise<string>;
  /** Puts the source (of the test function when absent) as the asset `assets/NAME.zip`. */
  putCode(name: string, source?: string): Promise<void>;
  /** Makes a function of the test source; its ARN. */
  makeFunction(name: string, more?: Partial<CreateFunctionCommandInput>): Promise<string>;
  /** One operation of a json service: its answer, or an error with its code as name. */
  json(
    service: 'sqs' | 'logs' | 'monitoring',
    operation: string,
    input?: object,
    credentials?: Credentials,
    // biome-ignore lint/suspicious/noExplicitAny: the wire's own shapes
  ): Promise<any>;
  createStack(name: string, template: object, more?: Partial<CreateStackCommandInput>): Promise<string>;
  /** Waits until the stack is at rest. */
  settled(nameOrId: string): Promise<Stack>;
  /** `LogicalId STATUS` of all events, oldest first. */
  events(nameOrId: string): Promise<string[]>;
}

const TARGETS = { sqs: 'AmazonSQS', logs: 'Logs_20140328', monitoring: 'GraniteServiceVersion20100801' };

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls until `done` gives something; the test's own time limit ends it. */
export const until = async <T>(done: () => Promise<T | undefined> | T | undefined): Promise<T> => {
  for (;;) {
    const found = await done();
    if (found !== undefined) return found;
    await pause(10);
  }
};

export const startWorkloadCloud = async (options: { stateDir?: string } = {}): Promise<WorkloadCloud> => {
  const test = await startTestCloud(options);
  const { cloud } = test;
  const sources = mkdtempSync(join(tmpdir(), 'km-code-'));
  const clients: { destroy(): void }[] = [];

  const as = (credentials: Credentials) => {
    // the second attempt is for clients that have to learn that the clock was moved
    const config = { endpoint: cloud.url, region: cloud.region, credentials, maxAttempts: 2 };
    const all = {
      cf: new CloudFormationClient(config),
      lambda: new LambdaClient(config),
      scheduler: new SchedulerClient(config),
    };
    clients.push(...Object.values(all));
    return all;
  };
  const { cf, lambda, scheduler } = as(cloud.admin);

  const serviceRole: WorkloadCloud['serviceRole'] = async (name, service, statements) => {
    const trust = policy({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' });
    await test.iam('CreateRole', { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
    const PolicyDocument = JSON.stringify(policy(...statements));
    if (statements.length > 0) {
      await test.iam('PutRolePolicy', { RoleName: name, PolicyName: 'inline', PolicyDocument });
    }
    return `arn:aws:iam::${ACCOUNT}:role/${name}`;
  };

  const putCode: WorkloadCloud['putCode'] = async (name, source = FUNCTION) => {
    const directory = join(sources, `${name}-${Math.random().toString(36).slice(2)}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'index.cjs'), source);
    await test.admin('PUT', `assets/assets/${name}.zip`, { directory });
  };

  return {
    ...test,
    cf,
    lambda,
    scheduler,
    as,
    serviceRole,
    putCode,
    async makeFunction(name, more = {}) {
      const Role =
        more.Role ??
        (await serviceRole(`${name}-role`, 'lambda.amazonaws.com', [
          { Effect: 'Allow', Action: ['logs:*', 'sqs:*'], Resource: '*' },
        ]));
      await putCode(name);
      const { FunctionArn = '' } = await lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
          Timeout: 10,
          MemorySize: 256,
          ...more,
          Role,
        }),
      );
      return FunctionArn;
    },
    async json(service, operation, input = {}, credentials = cloud.admin) {
      const answer = await test.raw(`${TARGETS[service]}.${operation}`, input, { service, credentials });
      const body = JSON.parse(answer.text);
      if (answer.status === 200) return body;
      throw Object.assign(new Error(body.message), { name: body.__type, status: answer.status });
    },
    async createStack(name, template, more = {}) {
      const { StackId = '' } = await cf.send(
        new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template), ...more }),
      );
      return StackId;
    },
    settled: (nameOrId) =>
      until(async () => {
        const { Stacks } = await cf.send(new DescribeStacksCommand({ StackName: nameOrId }));
        const stack = Stacks?.[0];
        return stack?.StackStatus?.endsWith('_IN_PROGRESS') ? undefined : stack;
      }),
    async events(nameOrId) {
      const { StackEvents = [] } = await cf.send(new DescribeStackEventsCommand({ StackName: nameOrId }));
      return StackEvents.reverse().map(
        ({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`,
      );
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      await test[Symbol.asyncDispose]();
      rmSync(sources, { recursive: true, force: true });
    },
  };
};

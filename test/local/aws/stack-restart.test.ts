import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startWorkloadCloud, until, type WorkloadCloud } from './workload-cloud.ts';

const MINUTE = 60_000;
let stateDir = '';
let code = '';
let child: ChildProcess | undefined;
let local: WorkloadCloud | undefined;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'km-restart-'));
  code = mkdtempSync(join(tmpdir(), 'km-code-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await local?.[Symbol.asyncDispose]();
  local = undefined;
  for (const directory of [stateDir, code]) rmSync(directory, { recursive: true, force: true });
});

/** A cloud in a process of its own. */
const startApart = async () => {
  const running = spawn(process.execPath, [join(import.meta.dirname, 'run-cloud.ts'), stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH },
  });
  child = running;
  const line = await new Promise<string>((resolve, reject) => {
    running.stdout.setEncoding('utf8').once('data', resolve);
    running.once('exit', () => reject(new Error('The cloud did not start')));
  });
  const { url, admin, adminToken } = JSON.parse(line);
  const config = { endpoint: url, region: 'us-east-1', credentials: admin };
  return {
    url,
    adminToken,
    cf: new CloudFormationClient(config),
    lambda: new LambdaClient(config),
    scheduler: new SchedulerClient(config),
    kill: () =>
      new Promise<void>((resolve) => {
        running.once('exit', () => resolve());
        running.kill('SIGKILL');
      }),
  };
};

type Apart = Awaited<ReturnType<typeof startApart>>;

const trust = (Service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
  });

/** A stack with a role that services may assume, and a function of this source. */
const prepare = async (apart: Apart, source: string): Promise<string> => {
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const role = (service: string) => ({
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: service,
      AssumeRolePolicyDocument: trust(`${service}.amazonaws.com`),
      Policies: [{ PolicyName: 'all', PolicyDocument: document }],
    },
  });
  const TemplateBody = JSON.stringify({
    Resources: { Lambda: role('lambda'), Scheduler: role('scheduler') },
  });
  await apart.cf.send(
    new CreateStackCommand({ StackName: 'roles', TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }),
  );
  await status(apart, 'roles', 'CREATE_COMPLETE');
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, 'index.cjs'), source);
  await fetch(`${apart.url}/_km/assets/b/k.zip`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${apart.adminToken}` },
    body: JSON.stringify({ directory: code }),
  });
  const { FunctionArn = '' } = await apart.lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'f',
      Role: 'arn:aws:iam::000000000000:role/lambda',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 60,
      Code: { S3Bucket: 'b', S3Key: 'k.zip' },
    }),
  );
  return FunctionArn;
};

const status = ({ cf }: Pick<Apart, 'cf'>, StackName: string, wanted: string) =>
  until(async () => {
    const { Stacks } = await cf.send(new DescribeStacksCommand({ StackName }));
    return Stacks?.[0]?.StackStatus === wanted ? Stacks[0] : undefined;
  });

const group = (name: string, more: object = {}) => ({
  Type: 'AWS::Logs::LogGroup',
  Properties: { LogGroupName: name, ...more },
});

const groups = async (cloud: WorkloadCloud): Promise<string[]> => {
  const { logGroups } = await cloud.json('logs', 'DescribeLogGroups', { logGroupNamePrefix: 'g-' });
  return logGroups.map(
    ({ logGroupName, retentionInDays }: { logGroupName: string; retentionInDays?: number }) =>
      retentionInDays === undefined ? logGroupName : `${logGroupName} ${retentionInDays}`,
  );
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Long enough for the tables to be on disk. */
const saved = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));

const NEVER = 'exports.handler = (event) => event.rest || new Promise(() => setInterval(() => {}, 1000));';
const ANSWERS = `exports.handler = (event) => event.ResponseURL && fetch(event.ResponseURL, { method: 'PUT',
  body: JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId: 'p' }) });`;

/** Answers every event but those of this type, which it keeps waiting. */
const silentOn = (type: string): string =>
  `${ANSWERS} const answer = exports.handler; exports.handler = (event) => event.RequestType === '${type}'
    ? new Promise(() => setInterval(() => {}, 1000)) : answer(event);`;

describe('a cloud that is killed', () => {
  test('during a creation rolls it back when it starts again', async () => {
    const apart = await startApart();
    const ServiceToken = await prepare(apart, silentOn('Create'));
    const Resources = {
      A: group('g-a'),
      T: { Type: 'Custom::T', DependsOn: 'A', Properties: { ServiceToken } },
    };
    await apart.cf.send(
      new CreateStackCommand({ StackName: 's', TemplateBody: JSON.stringify({ Resources }) }),
    );
    await until(async () => {
      const { Stacks } = await apart.cf.send(new DescribeStacksCommand({ StackName: 's' }));
      return Stacks?.[0]?.StackStatus === 'CREATE_IN_PROGRESS' ? true : undefined;
    });
    await saved();
    await apart.kill();
    local = await startWorkloadCloud({ stateDir });
    const stack = await local.settled('s');
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    const events = await local.events('s');
    expect(events).toContain('T CREATE_FAILED');
    expect(events).toContain('T DELETE_COMPLETE');
    expect(await groups(local)).toEqual([]);
  });

  test('during a deletion goes on with it', async () => {
    const apart = await startApart();
    const ServiceToken = await prepare(apart, ANSWERS);
    const Resources = {
      A: group('g-a'),
      T: { Type: 'Custom::T', DependsOn: 'A', Properties: { ServiceToken } },
    };
    await apart.cf.send(
      new CreateStackCommand({ StackName: 's', TemplateBody: JSON.stringify({ Resources }) }),
    );
    const { StackId = '' } = await status(apart, 's', 'CREATE_COMPLETE');
    // the function's answer is kept off until the cloud is killed
    await fetch(`${apart.url}/_km/faults`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apart.adminToken}` },
      body: JSON.stringify({ aws: [{ service: 'lambda', operation: 'Invoke', latencyMs: 60_000 }] }),
    });
    await apart.cf.send(new DeleteStackCommand({ StackName: 's' }));
    await saved();
    await apart.kill();
    local = await startWorkloadCloud({ stateDir });
    expect((await local.settled(StackId)).StackStatus).toBe('DELETE_COMPLETE');
    expect(await groups(local)).toEqual([]);
  });

  test('during an update goes back to what was before', async () => {
    const apart = await startApart();
    const silent = `${ANSWERS} const answer = exports.handler; exports.handler = (event) =>
      event.RequestType === 'Update' && event.ResourceProperties.Days === '30'
        ? new Promise(() => setInterval(() => {}, 1000)) : answer(event);`;
    const ServiceToken = await prepare(apart, silent);
    const resources = (days: number) => ({
      A: group('g-a', { RetentionInDays: days }),
      T: { Type: 'Custom::T', DependsOn: 'A', Properties: { ServiceToken, Days: days } },
      ...(days === 30 ? { New: group('g-new') } : {}),
    });
    const body = (days: number) => ({
      StackName: 's',
      TemplateBody: JSON.stringify({ Resources: resources(days) }),
    });
    await apart.cf.send(new CreateStackCommand(body(7)));
    await status(apart, 's', 'CREATE_COMPLETE');
    await apart.cf.send(new UpdateStackCommand(body(30)));
    await saved();
    await apart.kill();
    local = await startWorkloadCloud({ stateDir });
    expect((await local.settled('s')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await groups(local)).toEqual(['g-a 7']);
  });

  test('takes the processes of its functions with it, also in the middle of their work', async () => {
    const apart = await startApart();
    const pids = join(code, 'pids');
    await prepare(apart, `require('node:fs').appendFileSync('${pids}', process.pid + '\\n'); ${NEVER}`);
    const invoke = (event: object) =>
      apart.lambda.send(new InvokeCommand({ FunctionName: 'f', Payload: JSON.stringify(event) }));
    await invoke({ rest: true });
    const working = [invoke({}), invoke({})].map((answer) => answer.catch(() => undefined));
    const started = await until(() => {
      const all = readFileSync(pids, 'utf8').trim().split('\n').map(Number);
      return all.length === 2 ? all : undefined;
    });
    await apart.kill();
    await Promise.all(working);
    await until(() => (started.some(isAlive) ? undefined : true));
  });

  test('makes up, once, for a schedule that was due meanwhile', async () => {
    const apart = await startApart();
    const Arn = await prepare(apart, "exports.handler = async (event) => console.log('ran ' + event.name);");
    const RoleArn = 'arn:aws:iam::000000000000:role/scheduler';
    const due = Math.ceil(Date.now() / 1000) * 1000 + 2000;
    await apart.scheduler.send(
      new CreateScheduleCommand({
        Name: 'missed',
        ScheduleExpression: `at(${new Date(due).toISOString().slice(0, 19)})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn, RoleArn, Input: '{"name":"missed"}' },
      }),
    );
    await saved();
    await apart.kill();
    await until(() => (Date.now() > due ? true : undefined));
    const again = await startWorkloadCloud({ stateDir });
    local = again;
    const ran = async (name: string): Promise<number> => {
      const input = { logGroupName: '/aws/lambda/f', filterPattern: `"ran ${name}"` };
      const { events } = await again.json('logs', 'FilterLogEvents', input).catch(() => ({ events: [] }));
      return events.length;
    };
    await until(async () => ((await ran('missed')) === 1 ? true : undefined));
    await again.cloud.clock.advance(60 * MINUTE);
    expect(await ran('missed')).toBe(1);
  });
});

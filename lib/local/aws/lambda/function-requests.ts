import { randomUUID } from 'node:crypto';
import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call, type Cloud } from '../cloud.ts';
import { functionCode } from './function-code.ts';
import type { FunctionPool } from './function-pool.ts';
import { type FunctionRecord, type FunctionStore, sessionName } from './function-store.ts';

/** What the operations of the service work with. */
export interface LambdaRoom {
  readonly cloud: Cloud;
  readonly store: FunctionStore;
  readonly pool: FunctionPool;
}

const CONFIGURATION = [
  'Role',
  'Handler',
  'Description',
  'Timeout',
  'MemorySize',
  'Environment',
  'Runtime',
  'LoggingConfig',
];
const RUNTIME = /^nodejs(20|22|24)\.x$/;
const RESERVED =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(REGION|DEFAULT_REGION|EXECUTION_ENV|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN|LAMBDA_.*)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;
const ENVIRONMENT_LIMIT = 4096;

export const invalid = (message: string): AwsError => new AwsError('InvalidParameterValueException', message);

/** Asks the policies, the function's own included. */
export const authorize = ({ cloud, store }: LambdaRoom, call: Call, action = call.operation): string => {
  const resource = store.arnOf(call.input.FunctionName);
  const policy = store.find(call.input.FunctionName)?.policy ?? [];
  cloud.authorize(call, {
    action: `lambda:${action}`,
    resource,
    resourcePolicy: { Version: '2012-10-17', Statement: policy },
    resourcePolicyRule: 'alternative',
  });
  return resource;
};

/** A function's configuration as the API shows it. */
export const configurationOf = (record: FunctionRecord): object => ({
  FunctionName: record.name,
  FunctionArn: record.arn,
  Runtime: record.runtime,
  Role: record.roleArn,
  Handler: record.handler,
  CodeSize: record.code.size,
  CodeSha256: record.code.sha256,
  Description: record.description,
  Timeout: record.timeoutSeconds,
  MemorySize: record.memoryMb,
  LastModified: new Date(record.lastModified).toISOString().replace('Z', '+0000'),
  Version: '$LATEST',
  ...(Object.keys(record.environment).length > 0 ? { Environment: { Variables: record.environment } } : {}),
  TracingConfig: { Mode: 'PassThrough' },
  RevisionId: record.revision,
  State: 'Active',
  LastUpdateStatus: 'Successful',
  PackageType: 'Zip',
  Architectures: record.architectures,
  EphemeralStorage: { Size: 512 },
  LoggingConfig: { LogFormat: 'Text', LogGroup: record.logGroup },
});

const environmentOf = (input: Call['input']): Record<string, string> => {
  const variables: Record<string, string> = input.Environment?.Variables ?? {};
  const reserved = Object.keys(variables).filter((name) => RESERVED.test(name));
  if (reserved.length > 0) {
    throw invalid(
      'Lambda was unable to configure your environment variables because the environment variables you have provided ' +
        `contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(variables)) > ENVIRONMENT_LIMIT) {
    throw invalid(
      'Lambda was unable to configure your environment variables because they exceed the 4KB limit.',
    );
  }
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
};

const between = (name: string, value: number, least: number, most: number): number => {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`'${name}' value failed to satisfy constraint: Member must be between ${least} and ${most}`);
};

const passRole = ({ cloud }: LambdaRoom, call: Call, roleArn: string, functionName: string): void => {
  const context = { 'iam:PassedToService': 'lambda.amazonaws.com' };
  cloud.authorize(call, { action: 'iam:PassRole', resource: roleArn, context });
  try {
    cloud.assumeRole(roleArn, sessionName(functionName), 'lambda.amazonaws.com');
  } catch {
    throw invalid('The role defined for the function cannot be assumed by Lambda.');
  }
};

const configured = (record: FunctionRecord, input: Call['input'], now: number): FunctionRecord => {
  const { LogGroup, LogFormat = 'Text', ...otherLogging } = input.LoggingConfig ?? {};
  if (LogFormat !== 'Text' || Object.keys(otherLogging).length > 0) {
    throw new AwsError('NotImplemented', 'The local cloud implements only LogGroup of LoggingConfig', 501);
  }
  const runtime = String(input.Runtime ?? record.runtime);
  if (!RUNTIME.test(runtime))
    throw invalid(`The runtime parameter of ${runtime} is not supported by the local cloud.`);
  return {
    ...record,
    runtime,
    roleArn: String(input.Role ?? record.roleArn),
    handler: String(input.Handler ?? record.handler),
    description: String(input.Description ?? record.description),
    timeoutSeconds: between('timeout', Number(input.Timeout ?? record.timeoutSeconds), 1, 900),
    memoryMb: between('memorySize', Number(input.MemorySize ?? record.memoryMb), 128, 10_240),
    environment: input.Environment === undefined ? record.environment : environmentOf(input),
    logGroup: LogGroup ?? record.logGroup,
    revision: randomUUID(),
    lastModified: now,
  };
};

export function createFunction(room: LambdaRoom, call: Call): object {
  const { cloud, store } = room;
  const { input } = call;
  acceptMembers(call, [
    ...CONFIGURATION,
    'FunctionName',
    'Code',
    'Architectures',
    'PackageType',
    'Publish',
    'Tags',
  ]);
  const arn = authorize(room, call);
  const name = store.nameOf(input.FunctionName);
  if (store.find(name) !== undefined) {
    throw new AwsError('ResourceConflictException', `Function already exist: ${name}`, 409);
  }
  if ((input.PackageType ?? 'Zip') !== 'Zip')
    throw invalid('Only zip packages are supported by the local cloud.');
  const roleArn = String(input.Role);
  passRole(room, call, roleArn, name);
  const now = cloud.clock.now();
  const blank: FunctionRecord = {
    name,
    arn,
    roleArn,
    runtime: '',
    handler: '',
    description: '',
    timeoutSeconds: 3,
    memoryMb: 128,
    environment: {},
    architectures: input.Architectures ?? ['x86_64'],
    code: { directory: '', sha256: '', size: 0 },
    logGroup: `/aws/lambda/${name}`,
    tags: input.Tags ?? {},
    revision: '',
    lastModified: now,
    policy: [],
  };
  const record = { ...configured(blank, input, now), code: functionCode(cloud, input.Code ?? {}) };
  store.set(record);
  return configurationOf(record);
}

export function updateFunctionCode(room: LambdaRoom, call: Call): object {
  const { cloud, store, pool } = room;
  acceptMembers(call, ['FunctionName', 'ZipFile', 'S3Bucket', 'S3Key', 'Architectures', 'Publish']);
  authorize(room, call);
  const before = store.get(call.input.FunctionName);
  const record: FunctionRecord = {
    ...before,
    code: functionCode(cloud, call.input),
    architectures: call.input.Architectures ?? before.architectures,
    revision: randomUUID(),
    lastModified: cloud.clock.now(),
  };
  store.set(record);
  pool.drop(record.name);
  return configurationOf(record);
}

export function updateFunctionConfiguration(room: LambdaRoom, call: Call): object {
  const { cloud, store, pool } = room;
  acceptMembers(call, [...CONFIGURATION, 'FunctionName']);
  authorize(room, call);
  const before = store.get(call.input.FunctionName);
  const { Role } = call.input;
  if (Role !== undefined && Role !== before.roleArn) passRole(room, call, Role, before.name);
  const record = configured(before, call.input, cloud.clock.now());
  store.set(record);
  pool.drop(record.name);
  return configurationOf(record);
}

export function deleteFunction(room: LambdaRoom, call: Call): object {
  acceptMembers(call, ['FunctionName']);
  authorize(room, call);
  const { name } = room.store.get(call.input.FunctionName);
  room.store.delete(name);
  room.pool.drop(name);
  return {};
}

export function getFunction(room: LambdaRoom, call: Call): object {
  acceptMembers(call, ['FunctionName', 'Qualifier']);
  authorize(room, call);
  const record = room.store.get(call.input.FunctionName);
  const Code = { RepositoryType: 'S3', Location: `file://${record.code.directory}` };
  return { Configuration: configurationOf(record), Code, Tags: record.tags };
}

export function getFunctionConfiguration(room: LambdaRoom, call: Call): object {
  acceptMembers(call, ['FunctionName', 'Qualifier']);
  authorize(room, call);
  return configurationOf(room.store.get(call.input.FunctionName));
}

export function listFunctions(room: LambdaRoom, call: Call): object {
  acceptMembers(call, ['MaxItems', 'Marker']);
  room.cloud.authorize(call, { action: 'lambda:ListFunctions', resource: '*' });
  return { Functions: room.store.all().map(configurationOf) };
}

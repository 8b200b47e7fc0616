import { join } from 'node:path';
import { type Call, type Cloud, notImplemented, type Service } from '../cloud.ts';
import { AsyncInvokes } from './async-invokes.ts';
import { EventSources } from './event-sources.ts';
import { addPermission, functionTags, getPolicy, removePermission } from './function-policies.ts';
import { FunctionPool } from './function-pool.ts';
import { writeBootstrap } from './function-process.ts';
import {
  createFunction,
  deleteFunction,
  getFunction,
  getFunctionConfiguration,
  type LambdaRoom,
  listFunctions,
  updateFunctionCode,
  updateFunctionConfiguration,
} from './function-requests.ts';
import { FunctionStore } from './function-store.ts';
import { invoke } from './invoke.ts';
import {
  deleteFunctionEventInvokeConfig,
  getFunctionEventInvokeConfig,
  putFunctionEventInvokeConfig,
} from './invoke-configs.ts';
import { LAMBDA_ROUTES } from './routes.ts';
import { runFunction } from './run-function.ts';

/**
 * Lambda: Node functions, each in processes of its own with its role's credentials.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
export function createLambda(cloud: Cloud): Service {
  const bootstrapPath = join(cloud.stateDir, 'lambda', 'bootstrap.cjs');
  const pool = new FunctionPool(cloud, bootstrapPath);
  const store = new FunctionStore(cloud);
  const room: LambdaRoom = { cloud, store, pool };
  const asyncInvokes = new AsyncInvokes(cloud, store, (record, event) =>
    runFunction(cloud, pool, record, event),
  );
  const sources = new EventSources(room);
  const answers: Readonly<Record<string, (call: Call) => object | Promise<object>>> = {
    CreateFunction: (call) => createFunction(room, call),
    GetFunction: (call) => getFunction(room, call),
    GetFunctionConfiguration: (call) => getFunctionConfiguration(room, call),
    ListFunctions: (call) => listFunctions(room, call),
    UpdateFunctionCode: (call) => updateFunctionCode(room, call),
    UpdateFunctionConfiguration: (call) => updateFunctionConfiguration(room, call),
    DeleteFunction: (call) => deleteFunction(room, call),
    Invoke: (call) => invoke(room, asyncInvokes, call),
    AddPermission: (call) => addPermission(room, call),
    RemovePermission: (call) => removePermission(room, call),
    GetPolicy: (call) => getPolicy(room, call),
    ListTags: (call) => functionTags(room, call),
    TagResource: (call) => functionTags(room, call),
    UntagResource: (call) => functionTags(room, call),
    PutFunctionEventInvokeConfig: (call) => putFunctionEventInvokeConfig(room, call),
    GetFunctionEventInvokeConfig: (call) => getFunctionEventInvokeConfig(room, call),
    DeleteFunctionEventInvokeConfig: (call) => deleteFunctionEventInvokeConfig(room, call),
    CreateEventSourceMapping: (call) => sources.create(call),
    GetEventSourceMapping: (call) => sources.get(call),
    ListEventSourceMappings: (call) => sources.list(call),
    UpdateEventSourceMapping: (call) => sources.update(call),
    DeleteEventSourceMapping: (call) => sources.delete(call),
  };
  return {
    name: 'lambda',
    routes: LAMBDA_ROUTES,
    async handle(call) {
      const answer = answers[call.operation];
      if (answer === undefined) throw notImplemented(call);
      return answer(call);
    },
    killProcess: (accessKeyId) => pool.killerOf(accessKeyId),
    async start() {
      writeBootstrap(bootstrapPath);
      asyncInvokes.resume();
      sources.start();
    },
    async stop() {
      asyncInvokes.stop();
      sources.stop();
      await pool.close();
    },
  };
}

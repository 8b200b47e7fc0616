import { type Call, type Cloud, notImplemented, type Service } from '../cloud.ts';
import { createCustomResources } from './custom-resource.ts';
import type { Engine } from './deployment.ts';
import { freezing, Operations } from './operations.ts';
import { resourceTypes } from './resource-types.ts';
import {
  continueUpdateRollback,
  createStackRequest,
  deleteStackRequest,
  updateStackRequest,
  updateTerminationProtection,
} from './stack-requests.ts';
import { StackStore } from './stack-store.ts';
import {
  describeStackEvents,
  describeStackResources,
  describeStacks,
  getTemplate,
  listStackResources,
  listStacks,
  validateTemplate,
} from './stack-views.ts';

/**
 * CloudFormation: stacks from templates, made by calling the other services as the stack's role. Knows the resource
 * types of `resource-types.ts` and refuses others.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Operations.html
 */
export function createCloudFormation(real: Cloud): Service {
  let stopped = false;
  const cloud = freezing(real, () => stopped);
  const custom = createCustomResources(cloud);
  const engine: Engine = { cloud, store: new StackStore(cloud), types: resourceTypes(custom.type) };
  const operations = new Operations(engine);
  const answers: Readonly<Record<string, (call: Call) => object>> = {
    CreateStack: (call) => createStackRequest(engine, operations, call),
    UpdateStack: (call) => updateStackRequest(engine, operations, call),
    ContinueUpdateRollback: (call) => continueUpdateRollback(engine, operations, call),
    DeleteStack: (call) => deleteStackRequest(engine, operations, call),
    UpdateTerminationProtection: (call) => updateTerminationProtection(engine, call),
    DescribeStacks: (call) => describeStacks(engine, call),
    DescribeStackEvents: (call) => describeStackEvents(engine, call),
    DescribeStackResources: (call) => describeStackResources(engine, call),
    ListStackResources: (call) => listStackResources(engine, call),
    ListStacks: (call) => listStacks(engine, call),
    GetTemplate: (call) => getTemplate(engine, call),
    ValidateTemplate: (call) => validateTemplate(engine, call),
  };
  return {
    name: 'cloudformation',
    open: custom.open,
    async handle(call) {
      const answer = answers[call.operation];
      if (answer === undefined) throw notImplemented(call);
      return answer(call);
    },
    async start() {
      operations.resume();
    },
    async stop() {
      stopped = true;
    },
  };
}

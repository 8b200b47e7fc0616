import type { Caller, Cloud } from '../cloud.ts';
import { type DependencyGraph, dependencyGraph } from './dependencies.ts';
import { holds, resolve, type Scope } from './intrinsics.ts';
import { parameterRefs } from './parameters.ts';
import type { ResourceType } from './resource-types/resource-type.ts';
import type { StackDesign, StackOutput, StackRecord, StackStore } from './stack-store.ts';
import { type Template, validationError } from './template.ts';

/** What every operation on stacks works with. */
export interface Engine {
  readonly cloud: Cloud;
  readonly store: StackStore;
  readonly types: (name: string) => ResourceType | undefined;
}

/** A stack with its template, ready to be worked on. */
export interface Deployment extends Engine {
  readonly stackId: string;
  /** As whom the resources' services are called. */
  readonly caller: Caller;
  readonly template: Template;
  readonly scope: Scope;
  readonly graph: DependencyGraph;
}

/** As whom CloudFormation acts on a stack. Throws ValidationError for a role that it cannot assume. */
export function actingCaller(cloud: Cloud, stack: Pick<StackRecord, 'roleArn' | 'caller'>): Caller {
  if (stack.roleArn === undefined) return stack.caller;
  try {
    return cloud.assumeRole(stack.roleArn, 'AWSCloudFormation', 'cloudformation.amazonaws.com').caller;
  } catch {
    throw validationError(`Role ${stack.roleArn} is invalid or cannot be assumed`);
  }
}

/** What the template's functions see: parameters, pseudo parameters, and the resources as they now are. */
export function scopeOf(
  { cloud, store }: Engine,
  stack: { readonly id: string; readonly name: string } & Pick<StackDesign, 'parameters'>,
  template: Template,
): Scope {
  return {
    template,
    values: {
      ...parameterRefs(template, stack.parameters),
      'AWS::AccountId': cloud.accountId,
      'AWS::Partition': 'aws',
      'AWS::Region': cloud.region,
      'AWS::StackId': stack.id,
      'AWS::StackName': stack.name,
      'AWS::URLSuffix': 'amazonaws.com',
    },
    resource(logicalId) {
      const record = store.resources(stack.id)[logicalId];
      if (record?.physicalId === undefined) return undefined;
      return { type: record.type, ref: record.physicalId, attributes: record.attributes };
    },
  };
}

/** Opens a stack as its record now says it should be. Throws ValidationError. */
export function openDeployment(engine: Engine, stackId: string): Deployment {
  const stack = engine.store.get(stackId);
  const template = engine.store.templates.parsed(stack.templateId);
  const scope = scopeOf(engine, stack, template);
  return {
    ...engine,
    stackId,
    caller: actingCaller(engine.cloud, stack),
    template,
    scope,
    graph: dependencyGraph(scope),
  };
}

/** The outputs whose conditions hold. Throws ValidationError. */
export function outputsOf({ template, scope }: Pick<Deployment, 'template' | 'scope'>): StackOutput[] {
  return Object.entries(template.Outputs)
    .filter(([, output]) => holds(output.Condition, scope))
    .map(([OutputKey, output]) => {
      const value = resolve(output.Value, scope);
      if (value !== null && typeof value === 'object') {
        throw validationError(
          `Template format error: The Value field of output ${OutputKey} must evaluate to a String.`,
        );
      }
      const Description = output.Description;
      return { OutputKey, OutputValue: String(value), ...(Description === undefined ? {} : { Description }) };
    });
}

import { acceptMembers } from '../accept-members.ts';
import type { Call } from '../cloud.ts';
import type { Engine } from './deployment.ts';
import { listOf, requiredCapability, stackArn } from './stack-requests.ts';
import type { ResourceRecord, StackRecord } from './stack-store.ts';
import { parseTemplate, validationError } from './template.ts';

const PAGE = 100;

/** One page of a list; the token is the place where the next one starts. */
const page = <T>(items: readonly T[], token: unknown): { items: T[]; NextToken?: string } => {
  const start = token === undefined ? 0 : Number(Buffer.from(String(token), 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) throw validationError('NextToken is not valid');
  const end = start + PAGE;
  const NextToken = Buffer.from(String(end)).toString('base64url');
  return { items: items.slice(start, end), ...(end < items.length ? { NextToken } : {}) };
};

const authorize = (engine: Engine, call: Call, resource: string): void =>
  engine.cloud.authorize(call, { action: `cloudformation:${call.operation}`, resource });

const anyStack = ({ cloud }: Engine): string =>
  `arn:aws:cloudformation:${cloud.region}:${cloud.accountId}:stack/*/*`;

const date = (ms: number | undefined): Date | undefined => (ms === undefined ? undefined : new Date(ms));

const times = (stack: StackRecord) => ({
  CreationTime: date(stack.createdAt),
  LastUpdatedTime: date(stack.updatedAt),
  DeletionTime: date(stack.deletedAt),
});

const describe = ({ store }: Engine, stack: StackRecord): object => {
  const declared = store.templates.parsed(stack.templateId).Parameters;
  const secret = (name: string): boolean => String(declared[name]?.NoEcho ?? 'false') === 'true';
  const DisableRollback = stack.onFailure === 'DO_NOTHING';
  return {
    StackId: stack.id,
    StackName: stack.name,
    Description: stack.description,
    Parameters: Object.entries(stack.parameters).map(([ParameterKey, value]) => ({
      ParameterKey,
      ParameterValue: secret(ParameterKey) ? '****' : value,
    })),
    ...times(stack),
    StackStatus: stack.status,
    StackStatusReason: stack.reason,
    DisableRollback,
    DeploymentConfig: { Mode: stack.mode, DisableRollback },
    NotificationARNs: [],
    Capabilities: stack.capabilities,
    Outputs: stack.outputs,
    RoleARN: stack.roleArn,
    Tags: stack.tags,
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
};

const described = new WeakMap<StackRecord, object>();

/** A record never changes, so that its description is made once: lists of stacks are read often. */
const describeOnce = (engine: Engine, stack: StackRecord): object => {
  const known = described.get(stack) ?? describe(engine, stack);
  described.set(stack, known);
  return known;
};

export function describeStacks(engine: Engine, call: Call): object {
  acceptMembers(call, ['StackName', 'NextToken']);
  const { StackName, NextToken } = call.input;
  if (StackName !== undefined && StackName !== '') {
    authorize(engine, call, stackArn(engine, StackName));
    return { Stacks: [describeOnce(engine, engine.store.get(StackName))] };
  }
  authorize(engine, call, anyStack(engine));
  const living = engine.store.all().filter(({ status }) => status !== 'DELETE_COMPLETE');
  living.sort((a, b) => b.createdAt - a.createdAt);
  const { items, ...next } = page(living, NextToken);
  return { Stacks: items.map((stack) => describeOnce(engine, stack)), ...next };
}

export function listStacks(engine: Engine, call: Call): object {
  acceptMembers(call, ['StackStatusFilter', 'NextToken']);
  authorize(engine, call, anyStack(engine));
  const wanted = listOf<string>(call.input.StackStatusFilter);
  const stacks = engine.store.all().filter(({ status }) => wanted.length === 0 || wanted.includes(status));
  stacks.sort((a, b) => b.createdAt - a.createdAt);
  const { items, ...next } = page(stacks, call.input.NextToken);
  const StackSummaries = items.map((stack) => ({
    StackId: stack.id,
    StackName: stack.name,
    TemplateDescription: stack.description,
    ...times(stack),
    StackStatus: stack.status,
    StackStatusReason: stack.reason,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  }));
  return { StackSummaries, ...next };
}

export function describeStackEvents(engine: Engine, call: Call): object {
  acceptMembers(call, ['StackName', 'NextToken']);
  const { StackName, NextToken } = call.input;
  authorize(engine, call, stackArn(engine, String(StackName)));
  const { id } = engine.store.get(String(StackName));
  const { items, ...next } = page(engine.store.events(id).toReversed(), NextToken);
  return { StackEvents: items, ...next };
}

const summary = (resource: ResourceRecord): object => ({
  LogicalResourceId: resource.logicalId,
  PhysicalResourceId: resource.physicalId,
  ResourceType: resource.type,
  ResourceStatus: resource.status,
  ResourceStatusReason: resource.reason,
  DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
});

const resourcesOf = (engine: Engine, call: Call, members: readonly string[]) => {
  acceptMembers(call, members);
  const StackName = String(call.input.StackName);
  authorize(engine, call, stackArn(engine, StackName));
  const stack = engine.store.get(StackName);
  return { stack, resources: Object.values(engine.store.resources(stack.id)) };
};

export function describeStackResources(engine: Engine, call: Call): object {
  const { stack, resources } = resourcesOf(engine, call, ['StackName', 'LogicalResourceId']);
  const wanted = call.input.LogicalResourceId;
  const StackResources = resources
    .filter(({ logicalId }) => wanted === undefined || logicalId === wanted)
    .slice(0, PAGE)
    .map((resource) => ({
      StackName: stack.name,
      StackId: stack.id,
      ...summary(resource),
      Timestamp: date(resource.updatedAt),
    }));
  return { StackResources };
}

export function listStackResources(engine: Engine, call: Call): object {
  const { resources } = resourcesOf(engine, call, ['StackName', 'NextToken']);
  const { items, ...next } = page(resources, call.input.NextToken);
  const StackResourceSummaries = items.map((resource) => ({
    ...summary(resource),
    LastUpdatedTimestamp: date(resource.updatedAt),
  }));
  return { StackResourceSummaries, ...next };
}

export function getTemplate(engine: Engine, call: Call): object {
  acceptMembers(call, ['StackName', 'TemplateStage']);
  const StackName = String(call.input.StackName);
  authorize(engine, call, stackArn(engine, StackName));
  const { templateId } = engine.store.get(StackName);
  return {
    TemplateBody: engine.store.templates.body(templateId),
    StagesAvailable: ['Original', 'Processed'],
  };
}

export function validateTemplate(engine: Engine, call: Call): object {
  acceptMembers(call, ['TemplateBody']);
  authorize(engine, call, '*');
  const template = parseTemplate(String(call.input.TemplateBody ?? ''));
  const capability = requiredCapability(template);
  return {
    Parameters: Object.entries(template.Parameters).map(([ParameterKey, parameter]) => ({
      ParameterKey,
      DefaultValue: parameter.Default,
      NoEcho: String(parameter.NoEcho ?? 'false') === 'true',
      Description: parameter.Description,
    })),
    Description: template.Description,
    ...(capability === undefined
      ? {}
      : { Capabilities: [capability], CapabilitiesReason: 'The template has IAM resources.' }),
  };
}

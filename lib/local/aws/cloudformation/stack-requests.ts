import { acceptMembers } from '../accept-members.ts';
import { AwsError, type Call } from '../cloud.ts';
import { dependencyGraph } from './dependencies.ts';
import { actingCaller, type Engine, openDeployment, scopeOf } from './deployment.ts';
import type { Operations } from './operations.ts';
import { checkRules, parameterValues } from './parameters.ts';
import type { StackDesign, StackRecord } from './stack-store.ts';
import { parseTemplate, type Template, validationError } from './template.ts';
import { hasChanges } from './update-stack.ts';

const NAME = /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/;
const IAM_NAMES = ['RoleName', 'ManagedPolicyName', 'InstanceProfileName'];
const COMMON = ['StackName', 'ClientRequestToken', 'RoleARN', 'DeploymentConfig'];
const DESIGN = [
  'TemplateBody',
  'Parameters',
  'Tags',
  'Capabilities',
  'DisableRollback',
  'NotificationARNs',
  'DisableValidation',
];

/** A list of a query request: an empty one may be an empty string. */
export const listOf = <T>(value: unknown): T[] => (Array.isArray(value) ? value : []);

const flag = (value: unknown): boolean | undefined =>
  value === undefined || value === '' ? undefined : value === true || value === 'true';

/** The capability that a template asks for, if any. */
export function requiredCapability(template: Template): string | undefined {
  const resources = Object.values(template.Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'));
  if (resources.length === 0) return undefined;
  const named = resources.some(({ Properties }) =>
    IAM_NAMES.some((name) => Properties?.[name] !== undefined),
  );
  return named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM';
}

/** The stack's ARN, or for one that is not there the pattern that stands for any of its name. */
export const stackArn = ({ cloud, store }: Engine, nameOrId: string): string => {
  if (nameOrId.startsWith('arn:')) return nameOrId;
  const id = store.find(nameOrId)?.id;
  return id ?? `arn:aws:cloudformation:${cloud.region}:${cloud.accountId}:stack/${nameOrId}/*`;
};

const authorizeChange = (engine: Engine, call: Call, resource: string): void => {
  const { RoleARN } = call.input;
  engine.cloud.authorize(call, {
    action: `cloudformation:${call.operation}`,
    resource,
    context: RoleARN === undefined ? {} : { 'cloudformation:RoleArn': RoleARN },
  });
  if (RoleARN === undefined) return;
  const context = { 'iam:PassedToService': 'cloudformation.amazonaws.com' };
  engine.cloud.authorize(call, { action: 'iam:PassRole', resource: RoleARN, context });
};

const modeOf = (input: Call['input']): 'STANDARD' | 'EXPRESS' => {
  const mode = input.DeploymentConfig?.Mode ?? 'STANDARD';
  if (mode !== 'STANDARD' && mode !== 'EXPRESS') {
    throw validationError(
      `Value '${mode}' at 'deploymentConfig.mode' failed to satisfy constraint: [STANDARD, EXPRESS]`,
    );
  }
  return mode;
};

/** EXPRESS mode does not roll back unless it is told to. */
const onFailureOf = (input: Call['input']): StackRecord['onFailure'] => {
  const disabled = flag(input.DeploymentConfig?.DisableRollback) ?? flag(input.DisableRollback);
  if (input.OnFailure !== undefined && disabled !== undefined) {
    throw validationError('You may not specify both OnFailure and DisableRollback');
  }
  if (input.OnFailure !== undefined) {
    if (['ROLLBACK', 'DELETE', 'DO_NOTHING'].includes(input.OnFailure)) return input.OnFailure;
    throw validationError(`Value '${input.OnFailure}' at 'onFailure' failed to satisfy constraint`);
  }
  return (disabled ?? modeOf(input) === 'EXPRESS') ? 'DO_NOTHING' : 'ROLLBACK';
};

/** Checks everything that can be checked before a resource is touched. Throws ValidationError and its like. */
const check = (engine: Engine, stack: StackRecord, template: Template): void => {
  const types = [...new Set(Object.values(template.Resources).map(({ Type }) => Type))];
  const unknown = types.filter((type) => engine.types(type) === undefined);
  if (unknown.length > 0) {
    throw validationError(`Template format error: Unrecognized resource types: [${unknown.join(', ')}]`);
  }
  const needed = requiredCapability(template);
  const granted = stack.capabilities;
  const enough = needed === undefined || granted.includes('CAPABILITY_NAMED_IAM') || granted.includes(needed);
  if (!enough) throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${needed}]`);
  const scope = scopeOf(engine, stack, template);
  dependencyGraph(scope);
  checkRules(scope);
  actingCaller(engine.cloud, stack);
};

export function createStackRequest(engine: Engine, operations: Operations, call: Call): { StackId: string } {
  const { cloud, store } = engine;
  const { input } = call;
  acceptMembers(call, [...COMMON, ...DESIGN, 'OnFailure', 'EnableTerminationProtection']);
  const name = String(input.StackName ?? '');
  if (!NAME.test(name)) {
    throw validationError(
      `1 validation error detected: Value '${name}' at 'stackName' failed to satisfy constraint: ` +
        'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*',
    );
  }
  authorizeChange(engine, call, `arn:aws:cloudformation:${cloud.region}:${cloud.accountId}:stack/${name}/*`);
  const there = store.find(name);
  if (there !== undefined) {
    const repeated =
      input.ClientRequestToken !== undefined && there.clientRequestToken === input.ClientRequestToken;
    if (repeated) return { StackId: there.id };
    throw new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
  }
  if (listOf(input.NotificationARNs).length > 0) throw validationError('NotificationARNs are not supported');
  const template = parseTemplate(String(input.TemplateBody ?? ''));
  const stack: StackRecord = {
    id: store.newId(name),
    name,
    status: 'CREATE_IN_PROGRESS',
    templateId: store.templates.keep(input.TemplateBody),
    ...(template.Description === undefined ? {} : { description: template.Description }),
    parameters: parameterValues(template, listOf(input.Parameters)),
    tags: tagsOf(input),
    capabilities: listOf(input.Capabilities),
    ...(input.RoleARN === undefined ? {} : { roleArn: input.RoleARN }),
    ...(input.ClientRequestToken === undefined ? {} : { clientRequestToken: input.ClientRequestToken }),
    caller: call.caller,
    mode: modeOf(input),
    onFailure: onFailureOf(input),
    terminationProtection: flag(input.EnableTerminationProtection) ?? false,
    createdAt: cloud.clock.now(),
    outputs: [],
  };
  check(engine, stack, template);
  store.add(stack);
  store.setStatus(stack.id, 'CREATE_IN_PROGRESS', 'User Initiated');
  operations.create(stack.id);
  return { StackId: stack.id };
}

const tagsOf = (input: Call['input']): StackDesign['tags'] => {
  const tags = listOf<StackDesign['tags'][number]>(input.Tags).map(({ Key, Value }) => ({ Key, Value }));
  if (tags.length > 50) throw validationError('A stack can have at most 50 tags');
  const reserved = tags.find(({ Key }) => Key.startsWith('aws:'));
  if (reserved === undefined) return tags;
  throw validationError(`aws: prefixed tag key names are not allowed for external use: ${reserved.Key}`);
};

const UPDATABLE = /^(CREATE_COMPLETE|UPDATE_COMPLETE|UPDATE_ROLLBACK_COMPLETE)$/;

export function updateStackRequest(engine: Engine, operations: Operations, call: Call): { StackId: string } {
  const { store } = engine;
  const { input } = call;
  acceptMembers(call, [...COMMON, ...DESIGN, 'UsePreviousTemplate']);
  authorizeChange(engine, call, stackArn(engine, String(input.StackName)));
  const before = store.get(String(input.StackName));
  const { id } = before;
  const onFailure = onFailureOf(input);
  const retries = before.status === 'UPDATE_FAILED' && onFailure === 'DO_NOTHING';
  if (!UPDATABLE.test(before.status) && !retries) {
    throw validationError(`Stack:${id} is in ${before.status} state and can not be updated.`);
  }
  const previous = flag(input.UsePreviousTemplate) ?? false;
  const templateBody = previous ? store.templates.body(before.templateId) : String(input.TemplateBody ?? '');
  const template = parseTemplate(templateBody);
  const { previous: _, ...kept } = before;
  const after: StackRecord = {
    ...kept,
    templateId: store.templates.keep(templateBody),
    parameters: parameterValues(template, listOf(input.Parameters), before.parameters),
    tags: input.Tags === undefined ? before.tags : tagsOf(input),
    capabilities: listOf(input.Capabilities),
    ...(template.Description === undefined ? {} : { description: template.Description }),
    ...(input.RoleARN === undefined ? {} : { roleArn: input.RoleARN }),
    ...(input.ClientRequestToken === undefined ? {} : { clientRequestToken: input.ClientRequestToken }),
    caller: call.caller,
    mode: modeOf(input),
    onFailure,
    updatedAt: engine.cloud.clock.now(),
    previous: {
      templateId: before.templateId,
      parameters: before.parameters,
      tags: before.tags,
      resources: store.resources(id),
    },
  };
  check(engine, after, template);
  store.change(id, after);
  if (!retries && !hasChanges(openDeployment(engine, id), before)) {
    store.put(before);
    throw validationError('No updates are to be performed.');
  }
  store.setStatus(id, 'UPDATE_IN_PROGRESS', 'User Initiated');
  operations.update(id);
  return { StackId: id };
}

export function continueUpdateRollback(engine: Engine, operations: Operations, call: Call): object {
  const { store } = engine;
  const { input } = call;
  acceptMembers(call, ['StackName', 'RoleARN', 'ResourcesToSkip', 'ClientRequestToken']);
  authorizeChange(engine, call, stackArn(engine, String(input.StackName)));
  const { id, status, roleArn } = store.get(String(input.StackName));
  if (status !== 'UPDATE_ROLLBACK_FAILED')
    throw validationError(`Stack:${id} is in ${status} state and can not continue rollback.`);
  const skip = listOf<string>(input.ResourcesToSkip);
  const other = skip.find((logicalId) => store.resources(id)[logicalId]?.status !== 'UPDATE_FAILED');
  if (other !== undefined)
    throw validationError(`The resource ${other} cannot be skipped: only those in UPDATE_FAILED state can`);
  const role = input.RoleARN ?? roleArn;
  store.change(id, { caller: call.caller, ...(role === undefined ? {} : { roleArn: role }) });
  operations.rollBack(id, skip);
  return {};
}

export function deleteStackRequest(engine: Engine, operations: Operations, call: Call): object {
  const { store } = engine;
  const { input } = call;
  acceptMembers(call, [...COMMON, 'RetainResources']);
  authorizeChange(engine, call, stackArn(engine, String(input.StackName)));
  const stack = store.find(String(input.StackName));
  if (stack === undefined || /^DELETE_(COMPLETE|IN_PROGRESS)$/.test(stack.status)) return {};
  if (stack.terminationProtection) {
    throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
  }
  if (/^UPDATE_.*IN_PROGRESS$/.test(stack.status)) {
    throw validationError(`Stack [${stack.name}] cannot be deleted while in status ${stack.status}`);
  }
  const retain = listOf<string>(input.RetainResources);
  if (retain.length > 0 && stack.status !== 'DELETE_FAILED') {
    throw validationError('RetainResources can only be given for a stack in the DELETE_FAILED state');
  }
  const roleArn = input.RoleARN ?? stack.roleArn;
  const role = { caller: call.caller, ...(roleArn === undefined ? {} : { roleArn }) };
  actingCaller(engine.cloud, role);
  store.change(stack.id, {
    ...role,
    mode: modeOf(input),
    ...(input.ClientRequestToken === undefined ? {} : { clientRequestToken: input.ClientRequestToken }),
  });
  operations.delete(stack.id, retain);
  return {};
}

export function updateTerminationProtection(engine: Engine, call: Call): { StackId: string } {
  acceptMembers(call, ['StackName', 'EnableTerminationProtection']);
  const { StackName, EnableTerminationProtection } = call.input;
  const resource = stackArn(engine, String(StackName));
  engine.cloud.authorize(call, { action: 'cloudformation:UpdateTerminationProtection', resource });
  const { id } = engine.store.get(String(StackName));
  engine.store.change(id, { terminationProtection: flag(EnableTerminationProtection) ?? false });
  return { StackId: id };
}

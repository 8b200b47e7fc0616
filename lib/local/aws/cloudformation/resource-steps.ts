import { randomBytes } from 'node:crypto';
import { AwsError } from '../cloud.ts';
import { ResourceFailure } from './custom-resource.ts';
import type { Deployment } from './deployment.ts';
import { resolve } from './intrinsics.ts';
import type { Made, Properties, ResourceContext, ResourceType } from './resource-types/resource-type.ts';
import type { ResourceRecord } from './stack-store.ts';

/** How long STANDARD mode watches a resource before it calls it complete; EXPRESS does not wait. */
const STABILIZATION_MS = 60;
const EXPRESS_REASON =
  'Resource operation completed using Express Mode. It may continue becoming available in the background.';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** The resource in progress: what is kept of it at each step. */
type Draft = Omit<ResourceRecord, 'status' | 'reason' | 'updatedAt'>;

const handlerErrorCode = (code: string): string => {
  if (/AccessDenied|NotAuthorized/.test(code)) return 'AccessDenied';
  if (/AlreadyExists|Conflict/.test(code)) return 'AlreadyExists';
  if (/NotFound|NoSuchEntity|NonExistent/.test(code)) return 'NotFound';
  if (/Throttl/.test(code)) return 'Throttling';
  return /Invalid|Validation|Malformed/.test(code) ? 'InvalidRequest' : 'GeneralServiceException';
};

/** Why a resource failed, as its event tells it. */
export function reasonOf(error: unknown): string {
  if (error instanceof ResourceFailure) return error.message;
  if (!(error instanceof AwsError)) return `Internal failure of the local cloud: ${error}`;
  if (error.code === 'ValidationError') return error.message;
  return `Resource handler returned message: "${error.message}" (HandlerErrorCode: ${handlerErrorCode(error.code)})`;
}

const randomName = (length: number): string =>
  [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');

/** Records a resource's status, with its event. */
export function mark(deployment: Deployment, draft: Draft, status: string, reason?: string): void {
  const { store, stackId, cloud } = deployment;
  store.setResource(stackId, {
    ...draft,
    status,
    ...(reason === undefined ? {} : { reason }),
    updatedAt: cloud.clock.now(),
  });
  store.addEvent(store.get(stackId), {
    LogicalResourceId: draft.logicalId,
    PhysicalResourceId: draft.physicalId ?? '',
    ResourceType: draft.type,
    ResourceStatus: status,
    ...(reason === undefined ? {} : { ResourceStatusReason: reason }),
  });
}

const contextOf = (
  deployment: Deployment,
  logicalId: string,
  identify: (id: string) => void,
): ResourceContext => {
  const { cloud, store, stackId, caller } = deployment;
  const { name: stackName, tags, roleArn, previous } = store.get(stackId);
  // with a role of its own CloudFormation is nobody's go-between
  const via = roleArn === undefined ? 'cloudformation' : undefined;
  return {
    stackId,
    stackName,
    logicalId,
    tags,
    previousTags: previous?.tags ?? tags,
    region: cloud.region,
    accountId: cloud.accountId,
    call: (service, operation, input) => cloud.call(service, operation, input, caller, via),
    name: (limit = 128) => `${`${stackName}-${logicalId}`.slice(0, limit - 13)}-${randomName(12)}`,
    identify,
  };
};

const typeOf = (deployment: Deployment, name: string): ResourceType => {
  const type = deployment.types(name);
  if (type === undefined) throw new ResourceFailure(`Unrecognized resource type: ${name}`);
  return type;
};

/** The resource's properties with every function resolved. Throws ResourceFailure for one that is not understood. */
export function resolvedProperties(deployment: Deployment, logicalId: string): Properties {
  const resource = deployment.template.Resources[logicalId];
  const properties = resolve(resource?.Properties ?? {}, deployment.scope) as Properties;
  const known = typeOf(deployment, resource?.Type ?? '').properties;
  const unknown = Object.keys(properties).filter((name) => !known.includes(name) && !known.includes('*'));
  if (unknown.length === 0) return properties;
  throw new ResourceFailure(
    `Properties validation failed for resource ${logicalId} with message: ` +
      `extraneous key [${unknown.join(', ')}] is not permitted by the local cloud`,
  );
}

const draftOf = (deployment: Deployment, logicalId: string): Draft => {
  const resource = deployment.template.Resources[logicalId];
  return {
    logicalId,
    type: resource?.Type ?? '',
    properties: {},
    attributes: {},
    dependsOn: [...(deployment.graph.get(logicalId) ?? [])],
    deletionPolicy: resource?.DeletionPolicy ?? 'Delete',
  };
};

const stabilized = async (deployment: Deployment): Promise<string | undefined> => {
  if (deployment.store.get(deployment.stackId).mode === 'EXPRESS') return EXPRESS_REASON;
  await new Promise((resolve) => setTimeout(resolve, STABILIZATION_MS));
  return undefined;
};

/** Runs one step of a resource between its IN_PROGRESS and its COMPLETE or FAILED. Rejects when it fails. */
const step = async (
  deployment: Deployment,
  start: Draft,
  verb: 'CREATE' | 'UPDATE',
  act: (draft: Draft, context: ResourceContext) => Promise<Draft>,
): Promise<void> => {
  let draft = start;
  mark(deployment, draft, `${verb}_IN_PROGRESS`);
  try {
    draft = { ...draft, properties: resolvedProperties(deployment, draft.logicalId) };
    const context = contextOf(deployment, draft.logicalId, (physicalId) => {
      draft = { ...draft, physicalId };
      mark(deployment, draft, `${verb}_IN_PROGRESS`, 'Resource creation Initiated');
    });
    draft = await act(draft, context);
    mark(deployment, draft, `${verb}_COMPLETE`, await stabilized(deployment));
  } catch (error) {
    mark(deployment, draft, `${verb}_FAILED`, reasonOf(error));
    throw error;
  }
};

/** Creates a resource. Rejects when that fails; what is left of it then stands in its record. */
export function createResource(deployment: Deployment, logicalId: string): Promise<void> {
  return step(deployment, draftOf(deployment, logicalId), 'CREATE', async (draft, context) => ({
    ...draft,
    ...(await typeOf(deployment, draft.type).create(context, draft.properties)),
  }));
}

/** Changes a resource to what the template now says, in place. Rejects when that fails. */
export function updateResource(deployment: Deployment, old: ResourceRecord): Promise<void> {
  const { physicalId = '', attributes } = old;
  const start: Draft = { ...draftOf(deployment, old.logicalId), physicalId, attributes };
  return step(deployment, start, 'UPDATE', async (draft, context) => {
    const made: Made = { physicalId, attributes };
    const type = typeOf(deployment, draft.type);
    return { ...draft, ...(await type.update(context, made, draft.properties, old.properties)) };
  });
}

/** Changes a resource back to what its record said before an update. Rejects when that fails. */
export async function restoreResource(
  deployment: Deployment,
  now: ResourceRecord,
  then: ResourceRecord,
): Promise<void> {
  const { logicalId, physicalId = '', attributes } = then;
  mark(deployment, then, 'UPDATE_IN_PROGRESS');
  try {
    const context = contextOf(deployment, logicalId, () => {});
    const made = { physicalId, attributes };
    await typeOf(deployment, then.type).update(context, made, then.properties, now.properties);
    mark(deployment, then, 'UPDATE_COMPLETE');
  } catch (error) {
    mark(deployment, then, 'UPDATE_FAILED', reasonOf(error));
    throw error;
  }
}

/**
 * Deletes a resource, unless its deletion policy retains it. Rejects when that fails.
 *
 * @param record what to delete; with `replaced`, the logical id now stands for another one, whose record stays
 */
export async function deleteResource(
  deployment: Deployment,
  record: ResourceRecord,
  { creationFailed = false, replaced = false } = {},
): Promise<void> {
  const { logicalId, physicalId, properties, deletionPolicy } = record;
  const current = deployment.store.resources(deployment.stackId)[logicalId];
  const tell = (status: string, reason?: string): void => {
    mark(deployment, record, status, reason);
    if (replaced && current !== undefined) deployment.store.setResource(deployment.stackId, current);
  };
  if (physicalId === undefined) {
    tell('DELETE_COMPLETE');
    return;
  }
  if (deletionPolicy === 'Retain' || (deletionPolicy === 'RetainExceptOnCreate' && !creationFailed)) {
    tell('DELETE_SKIPPED');
    return;
  }
  tell('DELETE_IN_PROGRESS');
  try {
    const context = contextOf(deployment, logicalId, () => {});
    await typeOf(deployment, record.type).delete(context, physicalId, properties);
    tell('DELETE_COMPLETE');
  } catch (error) {
    tell('DELETE_FAILED', reasonOf(error));
    throw error;
  }
}

import { isDeepStrictEqual } from 'node:util';
import { ResourceFailure } from './custom-resource.ts';
import type { DependencyGraph } from './dependencies.ts';
import { type Deployment, type Engine, openDeployment, outputsOf } from './deployment.ts';
import {
  createResource,
  deleteResource,
  mark,
  reasonOf,
  resolvedProperties,
  restoreResource,
  updateResource,
} from './resource-steps.ts';
import { reversed, runInOrder } from './run-in-order.ts';
import type { ResourceRecord, StackRecord } from './stack-store.ts';

type Resources = Readonly<Record<string, ResourceRecord>>;

const living = (resources: Resources): Resources =>
  Object.fromEntries(
    Object.entries(resources).filter(
      ([, { status }]) => status !== 'DELETE_COMPLETE' && status !== 'DELETE_SKIPPED',
    ),
  );

/** Whether the stack's present design differs from what its resources are: false means nothing to update. */
export function hasChanges(deployment: Deployment, before: StackRecord): boolean {
  const { store, stackId, graph, template } = deployment;
  const resources = living(store.resources(stackId));
  if (!isDeepStrictEqual(store.get(stackId).tags, before.tags)) return true;
  if (graph.size !== Object.keys(resources).length) return true;
  for (const id of graph.keys()) {
    const record = resources[id];
    if (record === undefined || record.type !== template.Resources[id]?.Type) return true;
    if (!isDeepStrictEqual(resolvedProperties(deployment, id), record.properties)) return true;
    if ((template.Resources[id]?.DeletionPolicy ?? 'Delete') !== record.deletionPolicy) return true;
  }
  return !isDeepStrictEqual(outputsOf(deployment), before.outputs);
}

/** Brings one resource from what it was to what the template says: creates, changes, replaces, or leaves it. */
const updateOne = async (
  deployment: Deployment,
  id: string,
  old: ResourceRecord | undefined,
  retag: boolean,
) => {
  const { store, stackId, template, types, graph } = deployment;
  if (old === undefined) return createResource(deployment, id);
  const type = types(old.type);
  if (type === undefined || template.Resources[id]?.Type !== old.type) {
    const reason = `Update of resource type is not permitted. The new template modifies resource type of ${id}`;
    mark(deployment, old, 'UPDATE_FAILED', reason);
    throw new ResourceFailure(reason);
  }
  const properties = resolvedProperties(deployment, id);
  const changed = [...new Set([...Object.keys(properties), ...Object.keys(old.properties)])].filter(
    (name) => !isDeepStrictEqual(properties[name], old.properties[name]),
  );
  if (changed.length === 0 && !retag) {
    const deletionPolicy = template.Resources[id]?.DeletionPolicy ?? 'Delete';
    store.setResource(stackId, { ...old, deletionPolicy, dependsOn: [...(graph.get(id) ?? [])] });
    return;
  }
  if (!changed.some((name) => type.replacing.includes(name))) return updateResource(deployment, old);
  if (store.get(stackId).onFailure !== 'DO_NOTHING') return createResource(deployment, id);
  const reason = 'Replacement type updates not supported on stack with disable-rollback.';
  mark(deployment, old, 'UPDATE_FAILED', reason);
  throw new ResourceFailure(reason);
};

/** Deletes the records of `gone` that no longer stand for anything. What fails is only told in the events. */
const cleanUp = async (
  deployment: Deployment,
  gone: readonly ResourceRecord[],
  kept: Resources,
): Promise<void> => {
  const records = new Map(gone.map((record) => [record.logicalId, record]));
  const graph: DependencyGraph = new Map(
    gone.map(({ logicalId, dependsOn }) => [logicalId, new Set(dependsOn.filter((id) => records.has(id)))]),
  );
  const remove = async (id: string): Promise<void> => {
    const record = records.get(id);
    if (record === undefined) return;
    await deleteResource(deployment, record, { replaced: Object.hasOwn(kept, id) });
  };
  await runInOrder(reversed(graph), remove, () => false);
};

/** Those of `from` that are gone from `to`, or that another resource stands for there. */
const replacedBy = (from: Resources, to: Resources): ResourceRecord[] =>
  Object.values(from).filter(
    ({ logicalId, physicalId }) => physicalId !== undefined && to[logicalId]?.physicalId !== physicalId,
  );

/**
 * Goes back to the design before the update. Ends in UPDATE_ROLLBACK_COMPLETE or UPDATE_ROLLBACK_FAILED.
 *
 * @param skip logical ids of resources that are left as they are, and only called restored
 */
export async function rollBackUpdate(
  engine: Engine,
  stackId: string,
  reason: string,
  skip: readonly string[] = [],
): Promise<void> {
  const { store } = engine;
  const { previous } = store.get(stackId);
  if (previous === undefined) return;
  const { resources, ...design } = previous;
  const before = living(resources);
  const now = living(store.resources(stackId));
  store.setStatus(stackId, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
  store.change(stackId, design);
  const deployment = openDeployment(engine, stackId);
  const restore = async (id: string): Promise<void> => {
    const [record, then] = [now[id], before[id]];
    if (then === undefined) return;
    if (skip.includes(id)) {
      mark(deployment, then, 'UPDATE_COMPLETE');
      return;
    }
    const same =
      record?.updatedAt === then.updatedAt &&
      record.status === then.status &&
      isDeepStrictEqual(record.properties, then.properties);
    if (record === undefined || same || record.physicalId !== then.physicalId)
      store.setResource(stackId, then);
    else await restoreResource(deployment, record, then);
  };
  const failed = await runInOrder(deployment.graph, restore, () => false);
  if (failed.length > 0) {
    const list = failed.sort().join(', ');
    store.setStatus(
      stackId,
      'UPDATE_ROLLBACK_FAILED',
      `The following resource(s) failed to update: [${list}]. `,
    );
    return;
  }
  store.setStatus(stackId, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  await cleanUp(deployment, replacedBy(now, before), before);
  finish(engine, stackId, 'UPDATE_ROLLBACK_COMPLETE');
}

const finish = ({ store }: Engine, stackId: string, status: string): void => {
  store.forgetPrevious(stackId);
  store.setStatus(stackId, status);
};

/** Deletes what an update has made superfluous. Ends in UPDATE_COMPLETE. */
export async function cleanUpUpdate(deployment: Deployment): Promise<void> {
  const { store, stackId } = deployment;
  const before = living(store.get(stackId).previous?.resources ?? {});
  const now = living(store.resources(stackId));
  const wanted = Object.fromEntries(Object.entries(now).filter(([id]) => deployment.graph.has(id)));
  await cleanUp(deployment, replacedBy(before, wanted), wanted);
  finish(deployment, stackId, 'UPDATE_COMPLETE');
}

/**
 * Brings a stack's resources to its present design. Ends in UPDATE_COMPLETE, or where a failure leads:
 * UPDATE_FAILED without rollback, else what {@link rollBackUpdate} ends in.
 */
export async function updateStack(deployment: Deployment): Promise<void> {
  const { store, stackId, graph } = deployment;
  const { previous, tags, onFailure } = store.get(stackId);
  // what a condition had turned off is made anew when it is turned on again
  const before = living(previous?.resources ?? {});
  const retag = !isDeepStrictEqual(tags, previous?.tags);
  const update = (id: string): Promise<void> => updateOne(deployment, id, before[id], retag);
  const failed = await runInOrder(graph, update, (failures) => failures.length > 0);
  let reason = `The following resource(s) failed to update: [${failed.sort().join(', ')}]. `;
  if (failed.length === 0) {
    try {
      store.change(stackId, { outputs: outputsOf(deployment) });
      store.setStatus(stackId, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
      await cleanUpUpdate(deployment);
      return;
    } catch (error) {
      reason = reasonOf(error);
    }
  }
  if (onFailure === 'DO_NOTHING') store.setStatus(stackId, 'UPDATE_FAILED', reason);
  else await rollBackUpdate(deployment, stackId, reason);
}

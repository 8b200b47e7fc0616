import { deleteResources, deleteStack } from './delete-resources.ts';
import { type Deployment, outputsOf } from './deployment.ts';
import { createResource, mark, reasonOf } from './resource-steps.ts';
import { runInOrder } from './run-in-order.ts';

/** Resources that were cut off in the middle count as failed. */
const markCancelled = (deployment: Deployment): void => {
  for (const record of Object.values(deployment.store.resources(deployment.stackId))) {
    if (record.status === 'CREATE_IN_PROGRESS') {
      mark(deployment, record, 'CREATE_FAILED', 'Resource creation cancelled');
    }
  }
};

/**
 * Undoes a creation that failed, as the stack's OnFailure says: ends in ROLLBACK_COMPLETE, ROLLBACK_FAILED,
 * DELETE_COMPLETE, DELETE_FAILED or CREATE_FAILED.
 */
export async function rollBackCreation(deployment: Deployment, reason: string): Promise<void> {
  const { store, stackId } = deployment;
  markCancelled(deployment);
  const { onFailure } = store.get(stackId);
  if (onFailure === 'DO_NOTHING') {
    store.setStatus(stackId, 'CREATE_FAILED', reason);
  } else if (onFailure === 'DELETE') {
    store.setStatus(stackId, 'DELETE_IN_PROGRESS', `${reason} Delete requested by user.`);
    await deleteStack(deployment);
  } else {
    store.setStatus(stackId, 'ROLLBACK_IN_PROGRESS', `${reason} Rollback requested by user.`);
    await finishRollBack(deployment);
  }
}

/** Deletes what a failed creation has made. Ends in ROLLBACK_COMPLETE or ROLLBACK_FAILED. */
export async function finishRollBack(deployment: Deployment): Promise<void> {
  const { store, stackId } = deployment;
  const failed = await deleteResources(deployment, { creationFailed: true });
  if (failed.length === 0) store.setStatus(stackId, 'ROLLBACK_COMPLETE');
  else {
    const list = failed.sort().join(', ');
    store.setStatus(stackId, 'ROLLBACK_FAILED', `The following resource(s) failed to delete: [${list}]. `);
  }
}

/**
 * Creates all resources of a stack, independent ones at the same time. Ends in CREATE_COMPLETE, or with what
 * {@link rollBackCreation} makes of a failure. With `cancelled`, stops and leaves the rest to whoever cancelled.
 */
export async function createStack(deployment: Deployment, cancelled: () => boolean): Promise<void> {
  const { store, stackId, graph } = deployment;
  const failed = await runInOrder(
    graph,
    (id) => createResource(deployment, id),
    (failures) => failures.length > 0 || cancelled(),
  );
  if (cancelled()) {
    markCancelled(deployment);
    return;
  }
  if (failed.length > 0) {
    const list = failed.sort().join(', ');
    await rollBackCreation(deployment, `The following resource(s) failed to create: [${list}].`);
    return;
  }
  try {
    store.change(stackId, { outputs: outputsOf(deployment) });
  } catch (error) {
    await rollBackCreation(deployment, reasonOf(error));
    return;
  }
  store.setStatus(stackId, 'CREATE_COMPLETE');
}

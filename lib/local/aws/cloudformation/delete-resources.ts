import type { Deployment } from './deployment.ts';
import { deleteResource } from './resource-steps.ts';
import { reversed, runInOrder } from './run-in-order.ts';
import type { ResourceRecord } from './stack-store.ts';

const isThere = ({ status }: ResourceRecord): boolean =>
  status !== 'DELETE_COMPLETE' && status !== 'DELETE_SKIPPED';

/**
 * Deletes everything that a stack has, those first that others do not need, and resolves with the logical ids that
 * could not be deleted. What those need stays as well.
 */
export function deleteResources(
  deployment: Deployment,
  options: { readonly creationFailed?: boolean; readonly retain?: readonly string[] } = {},
): Promise<string[]> {
  const { store, stackId } = deployment;
  const there = Object.values(store.resources(stackId)).filter(
    (record) => isThere(record) && !options.retain?.includes(record.logicalId),
  );
  const names = new Set(there.map(({ logicalId }) => logicalId));
  const graph = new Map(
    there.map(({ logicalId, dependsOn }) => [logicalId, new Set(dependsOn.filter((id) => names.has(id)))]),
  );
  const records = new Map(there.map((record) => [record.logicalId, record]));
  const remove = async (id: string): Promise<void> => {
    const record = records.get(id);
    if (record !== undefined) await deleteResource(deployment, record, options);
  };
  return runInOrder(reversed(graph), remove, () => false);
}

/** Deletes a stack's resources and then the stack. Ends in DELETE_COMPLETE or DELETE_FAILED. */
export async function deleteStack(deployment: Deployment, retain: readonly string[] = []): Promise<void> {
  const { store, stackId } = deployment;
  const failed = await deleteResources(deployment, { retain });
  if (failed.length === 0) store.setStatus(stackId, 'DELETE_COMPLETE');
  else {
    const list = failed.sort().join(', ');
    store.setStatus(stackId, 'DELETE_FAILED', `The following resource(s) failed to delete: [${list}]. `);
  }
}

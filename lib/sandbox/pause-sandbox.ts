import type { SandboxContext } from './context.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import {
  type ChangeOptions,
  type SettledSandbox,
  settledSandbox,
  updateSandboxStack,
} from './update-stack.ts';

/** A sandbox after a command that may have found nothing to do. */
export interface ChangedSandbox {
  readonly id: string;
  /** False when it was so already. */
  readonly changed: boolean;
  /** As it was before. */
  readonly before: SandboxRecord;
}

/**
 * Pauses a sandbox: its tokens are revoked, and it gets none until it is resumed. Its time runs on. Doing it again does
 * nothing, and nor does it for a sandbox without GitHub.
 *
 * Throws what `settledSandbox` and `updateSandboxStack` throw.
 */
export async function pauseSandbox(context: SandboxContext, options: ChangeOptions): Promise<ChangedSandbox> {
  const settled = await settledSandbox(context, options.id);
  const { sandbox } = settled;
  const changed = sandbox.event !== undefined && !sandbox.paused;
  if (changed) await pauseSettled(context, settled, options);
  return { id: options.id, changed, before: sandbox };
}

/** The same for one that is known not to be paused. */
export const pauseSettled = (
  context: SandboxContext,
  settled: SettledSandbox,
  options: ChangeOptions,
): Promise<void> =>
  updateSandboxStack(context, { ...options, settled, parameters: { Paused: 'true' }, done: 'paused' });

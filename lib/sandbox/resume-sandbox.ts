import { tokenParameters } from '../broker/owner-scopes.ts';
import { awaitToken } from './await-token.ts';
import type { SandboxContext } from './context.ts';
import { type ChangedSandbox, pauseSettled } from './pause-sandbox.ts';
import { firstRefresh } from './refresh-times.ts';
import { refreshStartText } from './stack-parameters.ts';
import { type TokenMetadata, tokenMetadata } from './token-metadata.ts';
import { type ChangeOptions, settledSandbox, updateSandboxStack } from './update-stack.ts';

export interface ResumedSandbox extends ChangedSandbox {
  readonly tokens: readonly TokenMetadata[];
}

/**
 * Resumes a sandbox: new tokens at once, and from then on by its schedule; waits until they can be read. One that is not
 * paused and has lost its tokens all the same, as by a revoking that was cut off, gets new ones too. For any other
 * there is nothing to do.
 *
 * Throws what `settledSandbox`, `updateSandboxStack` and `awaitToken` throw.
 */
export async function resumeSandbox(
  context: SandboxContext,
  options: ChangeOptions,
): Promise<ResumedSandbox> {
  const { id } = options;
  let settled = await settledSandbox(context, id);
  const { sandbox } = settled;
  const { event, substrate } = sandbox;
  const present = (await tokenMetadata(context, id)).get(id) ?? [];
  if (event === undefined) return { id, changed: false, before: sandbox, tokens: present };
  if (!sandbox.paused) {
    if (present.length >= tokenParameters(context.names, event).size)
      return { id, changed: false, before: sandbox, tokens: present };
    // To CloudFormation it has its tokens: only by way of a pause does it make them again.
    await pauseSettled(context, settled, options);
    settled = await settledSandbox(context, id);
  }
  const { expiresAt } = sandbox;
  const now = await context.now();
  const { refreshStart } = firstRefresh({ id, now, ...(expiresAt === undefined ? {} : { expiresAt }) });
  await updateSandboxStack(context, {
    ...options,
    settled,
    parameters: { Paused: 'false', RefreshStart: refreshStartText(refreshStart) },
    done: 'resumed',
  });
  return { id, changed: true, before: sandbox, tokens: await awaitToken(context, { id, event, substrate }) };
}

import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import { invokeRefresher } from './invoke-refresher.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import { parametersLeft } from './token-metadata.ts';
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

/** The refresher's answer to a revoke event, which is that of lambda/refresh. */
export interface RevokeAnswer {
  /** Tokens that were alive until now. */
  readonly revoked: number;
  /** Parameters deleted. */
  readonly parameters: readonly string[];
  /** One for each parameter that stays. */
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

/** Has the refresher revoke every token of a sandbox. What stays is part of the answer. Throws what `invokeRefresher` throws. */
export const revokeTokens = async (context: SandboxContext, id: string): Promise<RevokeAnswer> =>
  (await invokeRefresher(context, { action: 'revoke', sandbox_id: id })) as RevokeAnswer;

/**
 * Pauses a sandbox: its tokens are revoked, and it gets none until it is resumed. Its time runs on. Doing it again revokes
 * what an earlier attempt left, and else does nothing, and nor does it for a sandbox without GitHub.
 *
 * Throws `ErrRevokeFailed` when it is paused and a token stays, and what `pauseOnly` and `invokeRefresher` throw.
 */
export async function pauseSandbox(context: SandboxContext, options: ChangeOptions): Promise<ChangedSandbox> {
  const { id } = options;
  const paused = await pauseOnly(context, options);
  // A stack is paused also where GitHub refused to revoke for the kill switch, and keeps those tokens under a mark.
  if (paused.before.event === undefined || !(await parametersLeft(context, id)).has(id)) return paused;
  const { parameters, problems } = await revokeTokens(context, id);
  if (problems.length === 0) return { ...paused, changed: paused.changed || parameters.length > 0 };
  throw new KmError(
    'ErrRevokeFailed',
    `${id} is paused, but not every token of it could be revoked: ${problems.map(({ message }) => message).join('; ')}`,
    {
      remedy:
        'Mend the reasons above and run the command again; a token that is left expires within the hour.',
    },
  );
}

/** Pauses a sandbox whose tokens are revoked otherwise. Throws what `settledSandbox` and `updateSandboxStack` throw. */
export async function pauseOnly(context: SandboxContext, options: ChangeOptions): Promise<ChangedSandbox> {
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

import { KmError } from '../errors.ts';
import type { SandboxPlan } from '../profile/compile-profile.ts';
import { awaitToken } from './await-token.ts';
import type { SandboxContext } from './context.ts';
import { egressOf, guardOf, refreshEventOf } from './create-sandbox.ts';
import { firstRefresh, nextRefresh } from './refresh-times.ts';
import type { SandboxRecord } from './sandbox-record.ts';
import { momentText, profileParameters, refreshStartText } from './stack-parameters.ts';
import { type ChangeOptions, type SettledSandbox, updateSandboxStack } from './update-stack.ts';

export interface UpdateOptions extends ChangeOptions {
  readonly settled: SettledSandbox;
  readonly plan: SandboxPlan;
}

/** Throws `ErrSandboxUnchangeable` for what only a new sandbox can have. */
export function checkChangeable({ id, substrate, encryption }: SandboxRecord, plan: SandboxPlan): void {
  const fixed = [
    ['substrate', substrate, plan.substrate],
    ['encryption', encryption, plan.encryption],
  ] as const;
  for (const [what, present, wanted] of fixed) {
    if (present === wanted) continue;
    throw new KmError(
      'ErrSandboxUnchangeable',
      `The ${what} of ${id} is ${present} and cannot be changed to ${wanted}.`,
      { remedy: `Create a new sandbox from the profile, or let it say ${what}: ${present}.` },
    );
  }
}

/**
 * Gives a sandbox what another profile says. Where its scope changes it has new tokens when this is done, and those of
 * the scope before are revoked; a paused one has none and gets the new scope when it is resumed. Its end and
 * its labels, which are tags, stay.
 *
 * Throws `ErrSandboxUnchangeable`, `ErrProfileInvalid`, and what `updateSandboxStack` and `awaitToken` throw.
 */
export async function updateSandbox(context: SandboxContext, options: UpdateOptions): Promise<void> {
  const { id, settled, plan } = options;
  const { sandbox } = settled;
  checkChangeable(sandbox, plan);
  const event = refreshEventOf(plan, id);
  const now = await context.now();
  const rescoped = JSON.stringify(event) !== JSON.stringify(sandbox.event);
  const { expiresAt, refreshStart } = sandbox;
  const times = { id, now, ...(expiresAt === undefined ? {} : { expiresAt }) };
  const start = rescoped
    ? firstRefresh(times)
    : nextRefresh({ ...times, ...(refreshStart === undefined ? {} : { refreshStart }) });
  await updateSandboxStack(context, {
    ...options,
    parameters: {
      ...profileParameters({
        profileName: plan.name,
        guard: guardOf(plan),
        egress: egressOf(plan),
        ...(event === undefined ? {} : { event }),
      }),
      // What guard and egress are, no resource tells: by this CloudFormation sees a change.
      UpdatedAt: momentText(now),
      RefreshStart: event === undefined ? '' : refreshStartText(start.refreshStart),
    },
    done: 'updated',
  });
  if (rescoped && event !== undefined && !sandbox.paused) {
    await awaitToken(context, { id, event, substrate: sandbox.substrate });
  }
}

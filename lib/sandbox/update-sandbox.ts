import type { Stack, Tag } from '@aws-sdk/client-cloudformation';
import { KmError } from '../errors.ts';
import type { SandboxPlan } from '../profile/compile-profile.ts';
import { awaitToken } from './await-token.ts';
import type { SandboxContext } from './context.ts';
import { egressOf, guardOf, refreshEventOf } from './create-sandbox.ts';
import { firstRefresh, nextRefresh } from './refresh-times.ts';
import { type SandboxRecord, sandboxTags } from './sandbox-record.ts';
import { profileParameters, refreshStartText } from './stack-parameters.ts';
import { type ChangeOptions, type SettledSandbox, updateSandboxStack } from './update-stack.ts';

/** When a profile last changed the sandbox. */
const UPDATED = 'km:updated';

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
 * the scope before are revoked; a paused one has none and gets the new scope when it is resumed. Its end stays.
 *
 * Throws `ErrSandboxUnchangeable`, `ErrProfileInvalid`, and what `updateSandboxStack` and `awaitToken` throw.
 */
export async function updateSandbox(context: SandboxContext, options: UpdateOptions): Promise<void> {
  const { id, settled, plan } = options;
  const { sandbox, stack } = settled;
  checkChangeable(sandbox, plan);
  const event = refreshEventOf(plan, id);
  const now = await context.now();
  const rescoped = JSON.stringify(event) !== JSON.stringify(sandbox.event);
  const { expiresAt, refreshStart } = sandbox;
  const times = { id, now, ...(expiresAt === undefined ? {} : { expiresAt }) };
  const start = rescoped
    ? firstRefresh(times)
    : nextRefresh({ ...times, ...(refreshStart === undefined ? {} : { refreshStart }) });
  // Guard, egress and times are in no resource but a running schedule: without one, CloudFormation would see no change.
  const isSeen = event !== undefined && !sandbox.paused && start.refreshStart !== undefined;
  const updated = isSeen ? {} : { [UPDATED]: new Date(now).toISOString() };
  await updateSandboxStack(context, {
    ...options,
    parameters: {
      ...profileParameters({
        profileName: plan.name,
        guard: guardOf(plan),
        egress: egressOf(plan),
        ...(event === undefined ? {} : { event }),
      }),
      RefreshStart: event === undefined ? '' : refreshStartText(start.refreshStart),
    },
    ...changedTags(stack, { sandbox, plan, updated }),
    done: 'updated',
  });
  if (rescoped && event !== undefined && !sandbox.paused) {
    await awaitToken(context, { id, event, substrate: sandbox.substrate });
  }
}

/** The stack's tags, if any of them changes. */
function changedTags(
  { Tags = [] }: Stack,
  {
    sandbox,
    plan,
    updated,
  }: { sandbox: SandboxRecord; plan: SandboxPlan; updated: Readonly<Record<string, string>> },
): { readonly tags?: readonly Tag[] } {
  const present = new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
  const { id, createdBy = '' } = sandbox;
  const wanted = new Map([
    ...sandboxTags({ id, profile: plan.name, createdBy, labels: plan.labels }).map(
      ({ Key, Value }) => [Key, Value] as const,
    ),
    ...[...present].filter(([key]) => key === UPDATED),
    ...Object.entries(updated),
  ]);
  const same =
    wanted.size === present.size && [...wanted].every(([key, value]) => present.get(key) === value);
  return same ? {} : { tags: [...wanted].map(([Key, Value]) => ({ Key, Value })) };
}

import {
  DeleteAliasCommand,
  KMSClient,
  ListAliasesCommand,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  DeleteScheduleCommand,
  GetScheduleCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { DeleteParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { destroySandbox } from '../sandbox/destroy-sandbox.ts';
import { lookUpStack } from '../sandbox/find-sandbox.ts';
import type { Fix } from './fix.ts';

type KeyFix = Extract<Fix, { kind: 'delete-key' }>;

/** The shortest that KMS allows: until then the key can be called back. */
const DAYS_TO_DELETION = 7;

/** The order in which fixes are applied: what goes on by itself first, what others stand on last. */
export const FIX_ORDER: readonly Fix['kind'][] = [
  'delete-schedule',
  'enable-schedule',
  'delete-parameter',
  'delete-key',
  'delete-stack',
];

/**
 * Does what a finding offers, as an administrator: `scheduler:DeleteSchedule`, `scheduler:GetSchedule`,
 * `scheduler:UpdateSchedule` with `iam:PassRole` on the scheduler's role, `ssm:DeleteParameter`,
 * `kms:ListResourceTags`, `kms:ListAliases`, `kms:ScheduleKeyDeletion`, `kms:DeleteAlias`, `cloudformation:DeleteStack`.
 *
 * Throws `ErrSandboxExists` for what has become a living sandbox's since it was found, or never was this sandbox's, and
 * what the SDK throws.
 */
export async function applyFix(context: SandboxContext, fix: Fix): Promise<void> {
  const { id, name } = fix;
  const GroupName = context.names.scheduleGroup;
  if (fix.kind === 'enable-schedule') return enable(context, name);
  if (fix.kind === 'delete-stack') {
    await destroySandbox(context, { id, mode: 'EXPRESS' });
    return;
  }
  if (await lookUpStack(context, id)) {
    throw new KmError('ErrSandboxExists', `Sandbox ${id} has a stack again: ${name} was left alone.`, {
      remedy: `km doctor ${id}`,
    });
  }
  switch (fix.kind) {
    case 'delete-schedule':
      await context.client(SchedulerClient).send(new DeleteScheduleCommand({ Name: name, GroupName }));
      return;
    case 'delete-parameter':
      await context.client(SSMClient).send(new DeleteParameterCommand({ Name: name }));
      return;
    case 'delete-key': {
      const kms = context.client(KMSClient);
      await mustBeItsOwnKey(kms, fix);
      await kms.send(
        new ScheduleKeyDeletionCommand({ KeyId: fix.keyId, PendingWindowInDays: DAYS_TO_DELETION }),
      );
      await kms.send(new DeleteAliasCommand({ AliasName: name }));
    }
  }
}

/**
 * An operator's template may give any key of the account the alias of a sandbox that never was. What km made has the
 * sandbox's tag, and that alias alone.
 */
async function mustBeItsOwnKey(kms: KMSClient, { id, name, keyId }: KeyFix): Promise<void> {
  const [{ Tags = [] }, { Aliases = [] }] = await Promise.all([
    kms.send(new ListResourceTagsCommand({ KeyId: keyId })),
    kms.send(new ListAliasesCommand({ KeyId: keyId })),
  ]);
  const isTagged = Tags.some(({ TagKey, TagValue }) => TagKey === 'km:sandbox-id' && TagValue === id);
  if (isTagged && Aliases.every(({ AliasName }) => AliasName === name)) return;
  throw new KmError('ErrSandboxExists', `The key ${keyId} behind ${name} is not that sandbox's alone`, {
    remedy: `Find out who made the alias. Without it the key stays: aws kms delete-alias --alias-name ${name}`,
  });
}

/** Scheduler replaces a schedule as a whole: all that it was made with goes back, but for its state. */
async function enable(context: SandboxContext, Name: string): Promise<void> {
  const scheduler = context.client(SchedulerClient);
  const GroupName = context.names.scheduleGroup;
  const schedule = await scheduler.send(new GetScheduleCommand({ Name, GroupName }));
  const { $metadata: _, Arn, CreationDate, LastModificationDate, ...settings } = schedule;
  const { ScheduleExpression, Target, FlexibleTimeWindow } = settings;
  await scheduler.send(
    new UpdateScheduleCommand({
      ...settings,
      ScheduleExpression,
      Target,
      FlexibleTimeWindow,
      Name,
      State: 'ENABLED',
    }),
  );
}

import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import type { SandboxContext } from './context.ts';
import { findSandbox } from './find-sandbox.ts';
import { type ListedSandbox, withHealth } from './list-sandboxes.ts';
import { tokenMetadata } from './token-metadata.ts';

export interface DescribedSandbox extends ListedSandbox {
  /** `Enabled`, `PendingDeletion`, …; `missing` when there is none. */
  readonly keyState: string;
  readonly schedules: readonly {
    readonly name: string;
    readonly state: string;
    readonly expression: string;
  }[];
}

const missing = (error: unknown): undefined => {
  if (error instanceof Error && /ResourceNotFound|NotFound/.test(error.name)) return undefined;
  throw error;
};

/** One sandbox with its key and schedules as AWS tells them now. Throws `ErrSandboxNotFound`. */
export async function describeSandbox(context: SandboxContext, id: string): Promise<DescribedSandbox> {
  const { names } = context;
  const sandbox = await findSandbox(context, id);
  const schedules = [
    ...(sandbox.event ? [names.schedule(id)] : []),
    ...(sandbox.expiresAt === undefined ? [] : [names.ttlSchedule(id)]),
  ];
  const [tokens, now, key, ...found] = await Promise.all([
    tokenMetadata(context, id),
    context.now(),
    context
      .client(KMSClient)
      .send(new DescribeKeyCommand({ KeyId: sandbox.keyArn ?? names.keyAlias(id) }))
      .catch(missing),
    ...schedules.map((Name) =>
      context
        .client(SchedulerClient)
        .send(new GetScheduleCommand({ Name, GroupName: names.scheduleGroup }))
        .catch(missing),
    ),
  ]);
  return {
    ...withHealth(sandbox, tokens.get(id) ?? [], now),
    keyState: key?.KeyMetadata?.KeyState ?? 'missing',
    schedules: schedules.map((name, index) => ({
      name,
      state: found[index]?.State ?? 'missing',
      expression: found[index]?.ScheduleExpression ?? '',
    })),
  };
}

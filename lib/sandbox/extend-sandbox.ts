import type { SandboxContext } from './context.ts';
import type { ChangedSandbox } from './pause-sandbox.ts';
import { checkTimeToLive, endOf, nextRefresh } from './refresh-times.ts';
import { endText, refreshStartText } from './stack-parameters.ts';
import { type ChangeOptions, settledSandbox, updateSandboxStack } from './update-stack.ts';

export interface ExtendOptions extends ChangeOptions {
  /** From now, in seconds; 0: until destroyed. May also shorten its life. */
  readonly ttlSeconds: number;
}

export interface ExtendedSandbox extends ChangedSandbox {
  /** Milliseconds since the epoch; absent: until destroyed. */
  readonly expiresAt?: number;
}

/**
 * Moves the end of a sandbox. Its tokens stay, and its refreshes come when they would have come.
 *
 * Throws `ErrUsage` for a TTL that is too short, and what `settledSandbox` and `updateSandboxStack` throw.
 */
export async function extendSandbox(
  context: SandboxContext,
  options: ExtendOptions,
): Promise<ExtendedSandbox> {
  const { id, ttlSeconds } = options;
  checkTimeToLive(ttlSeconds);
  const settled = await settledSandbox(context, id);
  const { sandbox } = settled;
  const now = await context.now();
  const end = endOf(ttlSeconds, now);
  if (ttlSeconds === 0 && sandbox.expiresAt === undefined) return { id, changed: false, before: sandbox };
  const { refreshStart } = nextRefresh({
    id,
    now,
    ...(sandbox.refreshStart === undefined ? {} : { refreshStart: sandbox.refreshStart }),
    ...end,
  });
  await updateSandboxStack(context, {
    ...options,
    settled,
    parameters: { ExpiresAt: endText(end.expiresAt), RefreshStart: refreshStartText(refreshStart) },
    done: 'extended',
  });
  return { id, changed: true, before: sandbox, ...end };
}

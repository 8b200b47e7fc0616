import type { PublishedToken } from '../broker/refresh.ts';
import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import { invokeRefresher } from './invoke-refresher.ts';
import type { SandboxRecord } from './sandbox-record.ts';

/** Refreshes a sandbox's tokens now, by the event that its schedule sends. Throws `ErrSandboxPaused`, or the refresher's own error. */
export async function refreshSandbox(
  context: SandboxContext,
  sandbox: SandboxRecord,
): Promise<readonly PublishedToken[]> {
  if (!sandbox.event) {
    throw new KmError(
      'ErrTokenUnreadable',
      `Sandbox ${sandbox.id} has no GitHub access, and so no token to refresh.`,
    );
  }
  if (sandbox.paused) throw sandboxPaused(sandbox.id);
  const { tokens } = (await invokeRefresher(context, sandbox.event)) as { tokens: readonly PublishedToken[] };
  return tokens;
}

/** The error for a sandbox that is to have no token. */
export const sandboxPaused = (id: string): KmError =>
  new KmError('ErrSandboxPaused', `Sandbox ${id} is paused: it has no token until it is resumed.`, {
    remedy: `km resume ${id}`,
  });

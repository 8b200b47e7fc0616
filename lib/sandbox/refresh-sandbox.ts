import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import { invokeRefresher } from './invoke-refresher.ts';
import type { SandboxRecord } from './sandbox-record.ts';

/** One token as the refresher reports it; never the token itself. */
export interface RefreshedToken {
  readonly owner: string;
  readonly parameter: string;
  readonly repositories: readonly string[] | 'all';
  readonly permissions: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly minted_at: string;
  /** ISO 8601. */
  readonly expires_at: string;
}

/** Refreshes a sandbox's tokens now, by the event that its schedule sends. Throws the refresher's own error. */
export async function refreshSandbox(
  context: SandboxContext,
  sandbox: SandboxRecord,
): Promise<readonly RefreshedToken[]> {
  if (!sandbox.event) {
    throw new KmError(
      'ErrTokenUnreadable',
      `Sandbox ${sandbox.id} has no GitHub access, and so no token to refresh.`,
    );
  }
  const { tokens } = (await invokeRefresher(context, sandbox.event)) as { tokens: readonly RefreshedToken[] };
  return tokens;
}

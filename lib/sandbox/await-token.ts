import { tokenParameters } from '../broker/owner-scopes.ts';
import type { RefreshEvent } from '../broker/refresh-event.ts';
import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import { lookUpSandbox } from './find-sandbox.ts';
import { readToken } from './read-token.ts';
import { type TokenMetadata, tokenMetadata } from './token-metadata.ts';

/** IAM takes some seconds to spread a new role; express mode does not wait for it. Milliseconds. */
const PATIENCE_MS = 60_000;
const FIRST_WAIT_MS = 100;

export interface AwaitOptions {
  readonly id: string;
  readonly event: RefreshEvent;
  readonly substrate: 'docker' | 'ec2' | 'ecs' | 'eks';
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until a new sandbox's tokens are there and, where the caller may assume its role, can be read with it.
 * Returns none when the signal aborts first. Throws `ErrTokenUnreadable` or `ErrSandboxNotAssumable` when that has not come after a minute.
 */
export async function awaitToken(
  context: SandboxContext,
  options: AwaitOptions,
): Promise<readonly TokenMetadata[]> {
  const { id, event, substrate, signal } = options;
  const expected = tokenParameters(context.names, event).size;
  let waited = 0;
  for (let wait = FIRST_WAIT_MS; !signal?.aborted; wait *= 1.5) {
    try {
      const [tokens, sandbox] = await Promise.all([tokenMetadata(context, id), lookUpSandbox(context, id)]);
      const found = tokens.get(id) ?? [];
      if (found.length < expected || !sandbox)
        throw new KmError('ErrTokenUnreadable', `Sandbox ${id} has no token yet.`);
      if (substrate === 'docker') await readToken(context, sandbox);
      return found;
    } catch (error) {
      if (signal?.aborted)
        throw new KmError('ErrSandboxFailed', `Interrupted: sandbox ${id} was taken back.`);
      const passing =
        error instanceof KmError && /^Err(TokenUnreadable|SandboxNotAssumable)$/.test(error.code);
      if (!passing || waited >= PATIENCE_MS) throw error;
    }
    await context.sleep(wait, signal);
    waited += wait;
  }
  return [];
}

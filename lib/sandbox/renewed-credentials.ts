import { type AssumableSandbox, assumeSandbox, type RoleCredentials } from './assume-sandbox.ts';
import type { SandboxContext } from './context.ts';

/** Credentials are renewed this long before they expire. Milliseconds. */
const RENEW_BEFORE_MS = 10 * 60_000;

/**
 * Assumes a sandbox's role, and returns what gives its credentials, renewed when they are about to expire on the
 * cloud's clock; all who ask at once share one renewal. Throws what {@link assumeSandbox} throws.
 */
export async function renewedCredentials(
  context: SandboxContext,
  sandbox: AssumableSandbox,
): Promise<() => Promise<RoleCredentials>> {
  let current: Promise<RoleCredentials> = assumeSandbox(context, sandbox);
  await current;
  return async () => {
    const held = current;
    const { expiration } = await held;
    if (expiration.getTime() - (await context.now()) > RENEW_BEFORE_MS) return held;
    if (held === current) {
      current = assumeSandbox(context, sandbox);
      // A failed renewal is tried again by the next request, with the old credentials in hand until then.
      current.catch(() => {
        current = held;
      });
    }
    return current;
  };
}

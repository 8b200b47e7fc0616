import { ownerScopes } from '../broker/owner-scopes.ts';
import { allSandboxes } from '../sandbox/find-sandbox.ts';
import { INSTALL_FORMATS } from '../sandbox/install-script.ts';
import type { ValueKind } from './complete.ts';
import { SHELLS } from './completion.ts';
import { openSession } from './session.ts';

/** A shell waits for this long at most. Milliseconds. */
const PATIENCE_MS = 2_000;

/** Looks up what may stand at a place; nothing when it cannot be had in time, since a shell has no place for an error. */
export async function completionValues(
  kind: ValueKind,
  typed: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  if (kind === 'format') return INSTALL_FORMATS;
  if (kind === 'shell') return SHELLS;
  if (kind !== 'sandbox' && kind !== 'owner') return [];
  const patience = new Promise<readonly string[]>((resolve) => {
    setTimeout(resolve, PATIENCE_MS, []).unref();
  });
  return Promise.race([patience, fromCloud(kind, typed, env).catch(() => [])]);
}

async function fromCloud(
  kind: 'sandbox' | 'owner',
  typed: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const after = (flag: string): string | undefined => {
    const at = typed.indexOf(flag);
    return at < 0 ? undefined : typed[at + 1];
  };
  const options = { local: typed.includes('--local'), state: after('--state'), prefix: after('--prefix') };
  const { context } = await openSession({ options, env, administrator: false });
  const sandboxes = await allSandboxes(context);
  if (kind === 'sandbox')
    return sandboxes.map(({ id }) => id).filter((id) => !typed.slice(0, -1).includes(id));
  const named = sandboxes.filter(({ id }) => typed.includes(id));
  const owners = (named.length > 0 ? named : sandboxes).flatMap(({ event }) =>
    ownerScopes(event?.allowed_repos ?? []).map(({ owner }) => owner),
  );
  return [...new Set(owners)];
}

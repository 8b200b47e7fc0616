import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { KmError } from '../errors.ts';
import { environmentFile, isAlive, readLocalEnvironment } from './local-environment.ts';

const PATIENCE_MS = 30_000;
const STEP_MS = 25;

/** Stops the local cloud of that directory and waits until its process is gone. Returns whether one was running. */
export async function stopLocalCloud(stateDir: string): Promise<boolean> {
  const local = await readLocalEnvironment(stateDir);
  if (!local) return false;
  // By its own route, not by a signal: after a crash the id may be another process's.
  const asked = await fetch(new URL('/_km/stop', local.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${local.adminToken}` },
  }).catch(() => undefined);
  if (!asked?.ok) {
    await rm(environmentFile(stateDir), { force: true });
    return false;
  }
  for (let waited = 0; isAlive(local.pid); waited += STEP_MS) {
    if (waited >= PATIENCE_MS) {
      throw new KmError('ErrLocalCloud', `The local cloud (pid ${local.pid}) does not stop.`, {
        remedy: `kill -9 ${local.pid}`,
      });
    }
    await delay(STEP_MS);
  }
  return true;
}

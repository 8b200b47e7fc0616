import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KmError } from '../errors.ts';
import { environmentFile, LOG_FILE, OUTPUT_FILE, seedFile } from './local-environment.ts';

/** Keys, ports and admin token of the local cloud: what a reset keeps, so that `km local env` stays true. */
const SETTINGS = 'local-cloud.json';

/** Present once the platform and the App are complete: a state without it comes from a start that was cut off. */
export const COMPLETE = 'complete';

const OWN: readonly string[] = [
  SETTINGS,
  `${SETTINGS}.next`,
  'state',
  'github',
  'assets',
  'lambda',
  LOG_FILE,
  `${LOG_FILE}.1`,
  OUTPUT_FILE,
  COMPLETE,
  seedFile(''),
  environmentFile(''),
  `${environmentFile('')}.new`,
];

const entriesOf = (stateDir: string): Promise<string[]> =>
  readdir(stateDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });

/**
 * Throws `ErrLocalCloud` for a folder with other things in it: a start and a reset remove what they find under the
 * local cloud's names, which must not be anyone's own `state` or `github`.
 */
export async function checkStateFolder(stateDir: string): Promise<void> {
  const entries = await entriesOf(stateDir);
  if (entries.includes(SETTINGS)) return;
  const other = entries.find((name) => !OWN.includes(name));
  if (other === undefined) return;
  throw new KmError(
    'ErrLocalCloud',
    `${stateDir} holds other things, such as ${other}; it is left as it is.`,
    {
      remedy: 'Name a directory of its own with --state; it is made when it is not there.',
    },
  );
}

export interface RemoveStateOptions {
  /** Leaves keys, ports and admin token, for the next start. */
  readonly keepSettings: boolean;
}

/** Removes what a local cloud wrote there and nothing else; the folder as well when it is empty then. */
export async function removeState(stateDir: string, { keepSettings }: RemoveStateOptions): Promise<void> {
  const names = OWN.filter((name) => !(keepSettings && name === SETTINGS));
  await Promise.all(names.map((name) => rm(join(stateDir, name), { recursive: true, force: true })));
  await rmdir(stateDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
  });
}

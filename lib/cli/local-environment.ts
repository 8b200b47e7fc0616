import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { KmError } from '../errors.ts';

/** What a running local cloud writes down for the commands beside it; a file of mode 0600 in its state directory. */
export interface LocalEnvironment {
  readonly pid: number;
  readonly url: string;
  readonly adminToken: string;
  /** What `km local env` prints: the operator's. */
  readonly variables: Readonly<Record<string, string>>;
  /** What stands in its stead for commands that set the platform up. */
  readonly administrator: Readonly<Record<string, string>>;
}

/** Where km keeps its state: `$XDG_STATE_HOME/km`, by default `~/.local/state/km`. */
export function stateHome(env: NodeJS.ProcessEnv): string {
  // The specification has relative paths ignored: one would be looked for in whatever folder km is run in.
  const named = isAbsolute(env.XDG_STATE_HOME ?? '') ? env.XDG_STATE_HOME : undefined;
  // With an empty HOME homedir() is empty as well, and the state would lie in whatever folder km is run in.
  return join(named ?? join(env.HOME || homedir() || userInfo().homedir, '.local', 'state'), 'km');
}

/** The state directory of a local cloud: `--state`, else `$KM_LOCAL_STATE`, else one below {@link stateHome}. */
export function localStateDir(env: NodeJS.ProcessEnv, option?: string): string {
  return resolve(option || env.KM_LOCAL_STATE || join(stateHome(env), 'local'));
}

/** The local cloud's log, in its state directory, and what its process says beside that: why it could not start. */
export const LOG_FILE = 'cloud.log';
export const OUTPUT_FILE = 'process.log';

/** The seed that a local cloud was started with, as JSON. */
export const seedFile = (stateDir: string): string => join(stateDir, 'seed.json');

export const environmentFile = (stateDir: string): string => join(stateDir, 'environment.json');

/**
 * Reads what the local cloud of that directory wrote; `undefined` when none is running there.
 *
 * What stands in it becomes km's environment, is signalled and is sent a secret, so that it must be this user's own: a
 * `--state` may lie in a folder that came from someone else, such as a repo. Throws `ErrLocalCloud` when it is not.
 */
export async function readLocalEnvironment(stateDir: string): Promise<LocalEnvironment | undefined> {
  const path = environmentFile(stateDir);
  const notOurs = (why: string): KmError =>
    new KmError('ErrLocalCloud', `${path} was not written by a local cloud of yours: ${why}.`, {
      remedy: 'Remove it, or name another directory with --state.',
    });
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw notOurs(code === 'ELOOP' ? 'it is a link' : `${code}`);
  }
  try {
    const { mode, uid } = await file.stat();
    if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw notOurs('others can write or read it');
    const local = localEnvironment(await file.readFile('utf8'));
    if (local === undefined) throw notOurs('it does not hold what one writes');
    return isAlive(local.pid) ? local : undefined;
  } finally {
    await file.close();
  }
}

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d{1,5}$/;
const VARIABLE = /^(?:AWS|KM)_[A-Z0-9_]+$/;

const areVariables = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(([name, text]) => VARIABLE.test(name) && typeof text === 'string');

function localEnvironment(text: string): LocalEnvironment | undefined {
  let value: Partial<Record<keyof LocalEnvironment, unknown>> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { pid, url, adminToken, variables, administrator } = value ?? {};
  // 0 and below would be groups of processes, or all.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1 || pid >= 2 ** 31) return undefined;
  if (typeof url !== 'string' || !LOOPBACK.test(url) || typeof adminToken !== 'string') return undefined;
  if (!areVariables(variables) || !areVariables(administrator)) return undefined;
  return { pid, url, adminToken, variables, administrator };
}

/** Whether a process of that id is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The same, or `ErrLocalCloud` with the way to start it. */
export async function runningLocalEnvironment(
  env: NodeJS.ProcessEnv,
  option?: string,
): Promise<LocalEnvironment> {
  const stateDir = localStateDir(env, option);
  const local = await readLocalEnvironment(stateDir);
  if (local) return local;
  throw new KmError('ErrLocalCloud', `No local cloud is running with its state in ${stateDir}.`, {
    remedy: option ? `km local up --state ${option}` : 'km local up',
  });
}

export interface UseLocalCloudOptions {
  /** The state directory, as `--state` names it. */
  readonly state?: string | undefined;
  /** As the administrator instead of the operator. */
  readonly administrator: boolean;
}

/** Points this process at the local cloud, and takes out what would lead the SDK elsewhere. */
export async function useLocalCloud(env: NodeJS.ProcessEnv, options: UseLocalCloudOptions): Promise<void> {
  const { variables, administrator } = await runningLocalEnvironment(env, options.state);
  for (const name of Object.keys(env)) if (name.startsWith('AWS_')) delete env[name];
  Object.assign(env, variables, options.administrator ? administrator : {});
}

/** What this machine keeps for one sandbox: its HOME, the scripts and the policy; no secret. */
export const sandboxFolder = (env: NodeJS.ProcessEnv, id: string): string =>
  join(stateHome(env), 'sandboxes', id);

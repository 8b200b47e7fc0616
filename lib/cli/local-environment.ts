import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
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
  return join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'km');
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

/** Reads what the local cloud of that directory wrote; `undefined` when none is running there. */
export async function readLocalEnvironment(stateDir: string): Promise<LocalEnvironment | undefined> {
  const text = await readFile(environmentFile(stateDir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const local = JSON.parse(text) as LocalEnvironment;
  return isAlive(local.pid) ? local : undefined;
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

import { createReadStream } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KmError } from '../errors.ts';
import { confirm } from './confirm.ts';
import { formatDuration, parseDuration } from './format.ts';
import type { Invocation } from './invocation.ts';
import {
  LOG_FILE,
  type LocalEnvironment,
  localStateDir,
  readLocalEnvironment,
  runningLocalEnvironment,
  seedFile,
} from './local-environment.ts';
import { stopLocalCloud } from './local-process.ts';
import { removeState } from './local-state-folder.ts';

const stateOption = ({ options }: Invocation): string | undefined => options.state?.toString();

/** Asks one of the routes that only the local cloud has. */
async function admin(
  local: LocalEnvironment,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(new URL(`/_km/${path}`, local.url), {
    method,
    headers: { authorization: `Bearer ${local.adminToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok)
    throw new KmError('ErrLocalCloud', `The local cloud answered ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** `km local down`: stops it; doing it again does nothing. */
export async function down(invocation: Invocation): Promise<undefined> {
  const { env, options, terminal } = invocation;
  const stateDir = localStateDir(env, stateOption(invocation));
  const stopped = await stopLocalCloud(stateDir);
  if (options.json) terminal.json({ stopped, stateDir });
  else
    terminal.result(
      stopped ? `Stopped. Its state stays in ${stateDir}.` : `No local cloud was running in ${stateDir}.`,
    );
}

/** `km local status`: exit code 1 when none is running. */
export async function status(invocation: Invocation): Promise<number> {
  const { env, options, terminal } = invocation;
  const stateDir = localStateDir(env, stateOption(invocation));
  const local = await readLocalEnvironment(stateDir);
  const told = local && (await admin(local, 'GET', 'status'));
  if (options.json)
    terminal.json({ running: local !== undefined, stateDir, pid: local?.pid, ...(told ?? {}) });
  else if (!local)
    terminal.result(
      `Not running (state in ${stateDir}). Start it: km local up${options.state === undefined ? '' : ` --state ${options.state}`}`,
    );
  else {
    const { now, offset_ms } = (await admin(local, 'GET', 'clock')) as { now: string; offset_ms: number };
    terminal.result(`Running, pid ${local.pid}`);
    terminal.result(`  AWS     ${local.variables.AWS_ENDPOINT_URL}`);
    terminal.result(`  GitHub  ${local.variables.KM_GITHUB_URL}`);
    terminal.result(`  clock   ${now}${offset_ms > 0 ? ` (${formatDuration(offset_ms)} ahead)` : ''}`);
    terminal.result(`  state   ${stateDir}`);
  }
  return local ? 0 : 1;
}

/** `km local env`: export lines for a shell. */
export async function env(invocation: Invocation): Promise<undefined> {
  const { options, terminal } = invocation;
  const { variables } = await runningLocalEnvironment(invocation.env, stateOption(invocation));
  if (options.json) {
    terminal.json(variables);
    return;
  }
  for (const [name, value] of Object.entries(variables)) terminal.result(`export ${name}=${quoted(value)}`);
}

const quoted = (value: string): string =>
  /^[\w:/.+=-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;

/** `km local logs`: what it wrote to its log, from the beginning. */
export async function logs(invocation: Invocation): Promise<undefined> {
  const { env, options, terminal } = invocation;
  const file = join(localStateDir(env, stateOption(invocation)), LOG_FILE);
  let start = 0;
  for (;;) {
    const size = (await stat(file).catch(() => undefined))?.size ?? 0;
    if (size > start) {
      for await (const chunk of createReadStream(file, { start, end: size - 1 }))
        terminal.streams.stdout.write(chunk);
      start = size;
    }
    if (!options.follow || !terminal.streams.stdout.writable) return;
    await delay(200);
  }
}

/** `km local reset`: stops it and removes its state, then starts it again if it ran, with its keys and at its addresses. */
export async function reset(invocation: Invocation): Promise<number | undefined> {
  const { env, options, terminal } = invocation;
  const stateDir = localStateDir(env, stateOption(invocation));
  if (!options.yes) await confirm(terminal, `Remove everything in ${stateDir}?`, '--yes');
  const ran = await stopLocalCloud(stateDir);
  const known = await stat(join(stateDir, 'local-cloud.json')).catch(() => undefined);
  if (!known && (await stat(stateDir).catch(() => undefined))) {
    throw new KmError('ErrLocalCloud', `${stateDir} holds no local cloud; it is left as it is.`);
  }
  const seed = await readFile(seedFile(stateDir)).catch(() => undefined);
  await removeState(stateDir, { keepSettings: ran });
  if (!ran) {
    terminal.result(`Removed ${stateDir}.`);
    return undefined;
  }
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  if (seed) await writeFile(seedFile(stateDir), seed, { mode: 0o600 });
  const { run } = await import('./local-up.ts');
  return run(invocation);
}

/** `km local advance 46m`: schedules fire in their order, tokens expire. */
export async function advance(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const ms = parseDuration(args[0] ?? '');
  if (!ms) {
    throw new KmError('ErrUsage', `'${args[0]}' is not a duration to advance by.`, {
      remedy: 'km local advance 46m',
    });
  }
  const local = await runningLocalEnvironment(invocation.env, stateOption(invocation));
  terminal.progress(`advancing ${formatDuration(ms)}`);
  await admin(local, 'POST', 'clock/advance', { ms });
  const clock = (await admin(local, 'GET', 'clock')) as { now: string };
  if (options.json) terminal.json(clock);
  else terminal.result(`It is ${clock.now} in the local cloud.`);
}

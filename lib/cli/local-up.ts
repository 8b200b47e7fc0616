import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import { KmError } from '../errors.ts';
import type { Invocation } from './invocation.ts';
import {
  type LocalEnvironment,
  localStateDir,
  OUTPUT_FILE,
  readLocalEnvironment,
  seedFile,
} from './local-environment.ts';
import { checkStateFolder } from './local-state-folder.ts';
import { serveLocalCloud } from './serve-local-cloud.ts';

const PATIENCE_MS = 60_000;
const STEP_MS = 20;

/** `km local up`: starts the local cloud in the background, or says that it is running; `--foreground` stays with it. */
export async function run(invocation: Invocation): Promise<number | undefined> {
  const { env, options, terminal } = invocation;
  const stateDir = localStateDir(env, options.state?.toString());
  const seed = await readSeed(options.seed?.toString(), stateDir);
  const running = await readLocalEnvironment(stateDir);
  if (running) {
    show(invocation, running, stateDir, 'is running already');
    return undefined;
  }
  await checkStateFolder(stateDir);
  if (options.foreground) {
    return serveLocalCloud({
      stateDir,
      seed,
      onReady: (local) => show(invocation, local, stateDir, 'is up'),
    });
  }
  terminal.progress('starting the local cloud');
  show(invocation, await startInBackground(invocation, stateDir), stateDir, 'is up');
  return undefined;
}

function show(
  { options, terminal }: Invocation,
  local: LocalEnvironment,
  stateDir: string,
  what: string,
): void {
  const { AWS_ENDPOINT_URL, KM_GITHUB_URL } = local.variables;
  if (options.json) {
    terminal.json({ pid: local.pid, stateDir, aws: AWS_ENDPOINT_URL, github: KM_GITHUB_URL });
    return;
  }
  terminal.result(`The local cloud ${what}: AWS at ${AWS_ENDPOINT_URL}, GitHub at ${KM_GITHUB_URL}.`);
  const state = options.state === undefined ? '--local' : `--state ${options.state}`;
  terminal.progress(
    `Use it with ${state}, or: eval "$(km local env${options.state === undefined ? '' : ` ${state}`})"`,
  );
}

/** The seed that was asked for, or the one of an earlier start, which a reset begins again with. */
async function readSeed(file: string | undefined, stateDir: string): Promise<unknown> {
  const kept = seedFile(stateDir);
  const source = file ?? (existsSync(kept) ? kept : undefined);
  if (source === undefined) return undefined;
  const text = await readFile(source, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new KmError('ErrLocalCloud', `The seed ${source} cannot be read: ${cause.code ?? cause.message}`, {
      cause,
    });
  });
  let seed: unknown;
  try {
    seed = parse(text);
  } catch (cause) {
    throw new KmError('ErrLocalCloud', `The seed ${source} is not YAML: ${(cause as Error).message}`, {
      cause,
    });
  }
  const { parseSeed } = await import('../local/github/seed.ts');
  try {
    parseSeed(seed);
  } catch (cause) {
    const problems = (cause as Error).message.replace(/^The seed cannot be used:/, '');
    throw new KmError('ErrLocalCloud', `The seed ${source} cannot be used:${problems}`, {
      remedy: 'docs/local-cloud.md has what a seed holds.',
      cause,
    });
  }
  return seed;
}

/** A process of its own that outlives this one; its output goes to the log in the state directory. */
async function startInBackground({ env, options }: Invocation, stateDir: string): Promise<LocalEnvironment> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const file = join(stateDir, OUTPUT_FILE);
  const log = await open(file, 'a', 0o600);
  const from = (await log.stat()).size;
  const seed = options.seed === undefined ? [] : ['--seed', options.seed.toString()];
  const child = spawn(
    process.execPath,
    [process.argv[1] ?? '', 'local', 'up', '--foreground', '--state', stateDir, ...seed],
    { detached: true, stdio: ['ignore', log.fd, log.fd], env },
  );
  await log.close();
  child.unref();
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
    const local = await readLocalEnvironment(stateDir);
    if (local) return local;
    if (ended) break;
    await delay(STEP_MS);
  }
  const said = (await readFile(file, 'utf8')).slice(from).trim().split('\n').slice(-5).join('\n');
  throw new KmError('ErrLocalCloud', `The local cloud did not start:\n${said}`, {
    remedy: `Its log: ${file}`,
  });
}

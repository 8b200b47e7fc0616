import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Result, root } from '../e2e/harness.ts';
import { choke, type KillAt } from './choke.ts';
import type { FaultSet } from './draw-faults.ts';
import { SEED } from './seed-accounts.ts';

/** A command that takes longer than this, on the machine's clock, hangs: that is a finding. */
const LONGEST_COMMAND_MS = 240_000;

export interface Ended extends Result {
  /** It was killed, as the plan wanted. */
  readonly killed: boolean;
  /** It did not end by itself in time. */
  readonly hung: boolean;
  readonly calls: readonly string[];
}

interface Environment {
  readonly pid: number;
  readonly url: string;
  readonly adminToken: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** The local cloud as `km local up` starts it, in a process of its own, with km as processes beside it. */
export class ChaosCloud {
  readonly dir: string;
  readonly state: string;
  /** TMPDIR of every process. */
  readonly temporary: string;
  #environment: Environment | undefined;
  #faults: FaultSet | undefined;

  private constructor(dir: string) {
    this.dir = dir;
    this.state = join(dir, 'cloud');
    this.temporary = join(dir, 'tmp');
  }

  static async start(): Promise<ChaosCloud> {
    const cloud = new ChaosCloud(await mkdtemp(join(tmpdir(), 'km-chaos-')));
    await mkdir(cloud.temporary);
    await writeFile(join(cloud.dir, 'seed.yaml'), SEED);
    await cloud.up(['--seed', join(cloud.dir, 'seed.yaml')]);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cloud.#onSignal);
    return cloud;
  }

  get environment(): Environment {
    if (!this.#environment) throw new Error('The local cloud is not running');
    return this.#environment;
  }

  async up(more: readonly string[] = []): Promise<void> {
    const { code, stderr } = await this.#run(['local', 'up', '--state', this.state, ...more], {});
    if (code !== 0) throw new Error(`km local up: ${stderr}`);
    this.#environment = JSON.parse(await readFile(join(this.state, 'environment.json'), 'utf8'));
    if (this.#faults) await this.setFaults(this.#faults);
  }

  /** Stops it as a user does, or kills it; and starts it again. */
  async restart(how: 'stop' | 'SIGKILL'): Promise<void> {
    if (how === 'stop') await this.down();
    else {
      const { pid } = this.environment;
      process.kill(pid, 'SIGKILL');
      while (isAlive(pid)) await delay(5);
    }
    await this.up();
  }

  async down(): Promise<void> {
    const { code, stderr } = await this.#run(['local', 'down', '--state', this.state], {});
    if (code !== 0) throw new Error(`km local down: ${stderr}`);
  }

  /** Runs km as an operator does, every AWS call through a choke at which it may be killed. */
  async km(args: readonly string[], killAt?: KillAt): Promise<Ended> {
    const { variables } = this.environment;
    let kill = (): void => {};
    await using throat = await choke(variables.AWS_ENDPOINT_URL ?? '', killAt, () => kill());
    const env = { ...variables, AWS_ENDPOINT_URL: throat.url };
    let killed = false;
    const result = await this.#run(args, env, (end) => {
      kill = () => {
        killed = true;
        end();
      };
    });
    return { ...result, killed, calls: throat.calls };
  }

  #run(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    onStart: (kill: () => void) => void = () => {},
  ): Promise<Result & { hung: boolean }> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, 'dist', 'km.js'), ...args], {
        cwd: this.dir,
        env: {
          PATH: process.env.PATH ?? '',
          HOME: join(this.dir, 'home'),
          TMPDIR: this.temporary,
          NO_COLOR: '1',
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      onStart(() => child.kill('SIGKILL'));
      let hung = false;
      const patience = setTimeout(() => {
        hung = true;
        child.kill('SIGKILL');
      }, LONGEST_COMMAND_MS);
      const said = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (chunk: string) => {
          said[name] += chunk;
        });
      }
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(patience);
        resolve({ code: code ?? 137, hung, ...said });
      });
    });
  }

  async admin<T>(method: string, path: string, body?: object): Promise<T> {
    const { url, adminToken } = this.environment;
    const response = await fetch(`${url}/_km/${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Sets both sides anew; they are set again after a restart. */
  async setFaults(faults: FaultSet): Promise<void> {
    this.#faults = faults;
    await this.admin('POST', 'faults', {});
    await this.admin('POST', 'faults', faults);
  }

  async now(): Promise<number> {
    const { now } = await this.admin<{ now: string }>('GET', 'clock');
    return Date.parse(now);
  }

  /** Moves the clock on to `until`, a minute at a time. */
  async advanceTo(until: number): Promise<void> {
    for (let now = await this.now(); now < until; now = await this.now()) {
      await this.admin('POST', 'clock/advance', { ms: Math.min(60_000, until - now) });
    }
  }

  /** A table of the stopped cloud, as it lies on disk. */
  async table<T>(name: string): Promise<Record<string, T>> {
    const text = await readFile(join(this.state, 'state', `${name}.json`), 'utf8').catch(() => '{}');
    return JSON.parse(text) as Record<string, T>;
  }

  /** What processes left behind in the folder for temporary files. */
  temporaryFiles(): Promise<string[]> {
    return readdir(this.temporary);
  }

  /** Processes that still name this cloud's directory in their command line or run below it. */
  async processes(): Promise<string[]> {
    const found: string[] = [];
    for (const pid of await readdir('/proc').catch(() => [])) {
      if (!/^\d+$/.test(pid)) continue;
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (commandLine.includes(this.dir)) found.push(`${pid} ${commandLine.replaceAll('\0', ' ').trim()}`);
    }
    return found;
  }

  /** Ctrl-C leaves nothing behind either. */
  readonly #onSignal = (): void => {
    if (this.#environment) process.kill(this.#environment.pid, 'SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
    process.exit(130);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.#onSignal);
    await this.down().catch(() => undefined);
    await rm(this.dir, { recursive: true, force: true });
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

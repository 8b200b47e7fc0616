import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
const km = join(root, 'dist', 'km.js');

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** Called with everything the process has said so far, to act on it (send a signal) while it runs. */
  readonly onOutput?: (said: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** A local cloud of its own in a temporary directory, driven only by the real command line. */
export class World {
  readonly dir: string;
  readonly state: string;
  readonly home: string;

  private constructor(dir: string) {
    this.dir = dir;
    this.state = join(dir, 'cloud');
    this.home = join(dir, 'home');
  }

  /** Starts `km local up`, with a seed (YAML) if one is given, and waits for it. */
  static async start(options: { readonly seed?: string } = {}): Promise<World> {
    const world = new World(await mkdtemp(join(tmpdir(), 'km-e2e-')));
    const file = join(world.dir, 'seed.yaml');
    if (options.seed !== undefined) await writeFile(file, options.seed);
    const seed = options.seed === undefined ? [] : ['--seed', file];
    const up = await world.km(['local', 'up', '--state', world.state, ...seed]);
    if (up.code !== 0) throw new Error(`km local up: ${up.stderr}`);
    return world;
  }

  /** Runs `km` as a user does, with nothing in its environment but what it needs. */
  km(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return run(process.execPath, [km, ...args], {
      ...options,
      env: { PATH: process.env.PATH ?? '', HOME: this.home, ...options.env },
    });
  }

  /** Runs a km command against this cloud. */
  local(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const at = args.indexOf('--');
    const flags = ['--state', this.state];
    const all = at < 0 ? [...args, ...flags] : [...args.slice(0, at), ...flags, ...args.slice(at)];
    return this.km(all, options);
  }

  /** The same, and its JSON answer; throws when it fails. */
  async json<T>(args: readonly string[], options: RunOptions = {}): Promise<T> {
    const result = await this.local([...args, '--json'], options);
    if (result.code !== 0)
      throw new Error(`km ${args.join(' ')}: ${result.code}\n${result.stdout}\n${result.stderr}`);
    return JSON.parse(result.stdout) as T;
  }

  /** Runs a command as a sandbox. */
  exec(id: string, command: readonly string[], options: RunOptions = {}): Promise<Result> {
    return this.local(['exec', id, '--', ...command], options);
  }

  /** What `km local env` prints, as an environment. */
  environment(): Promise<Record<string, string>> {
    return this.json<Record<string, string>>(['local', 'env']);
  }

  /** Sets the faults of the local cloud by its admin route; `{}` clears them. */
  async faults(faults: object): Promise<void> {
    const file = await readFile(join(this.state, 'environment.json'), 'utf8');
    const { url, adminToken } = JSON.parse(file) as { url: string; adminToken: string };
    const response = await fetch(`${url}/_km/faults`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(faults),
    });
    if (!response.ok) throw new Error(`faults: ${response.status} ${await response.text()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.local(['local', 'down']);
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** Runs a process to its end, with exactly the environment given. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return new Promise((resolvePromise, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? tmpdir(),
      env: { ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        said[name] += chunk;
        options.onOutput?.(said.stdout + said.stderr, (signal) => child.kill(signal));
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => resolvePromise({ code: code ?? (signal ? 128 : 1), ...said }));
    // A process may be gone before it has read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/** PATH entry of the Node that runs the tests, for scripts that call `node`. */
export const nodeFolder = dirname(process.execPath);

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditEntry } from '../../lib/proxy/audit-entry.ts';
import { type Result, type RunOptions, World } from './harness.ts';

/** Reaches a repo of a user and one of an organization, and may push to some refs of them. */
export const PROFILE = `
metadata: { name: proxied }
spec:
  sourceAccess:
    github:
      allowedRepos: [my-user/my-repo, my-org/another-repo]
      allowedRefs: [main, release/*, refs/tags/v*]
      permissions: [clone, fetch, push]
`;

/** Any GitHub token, and the key of an App. */
export const SECRET = /gh[opsur]_[A-Za-z0-9._-]{20,}|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;

/** Debian's own Python, whose packages are those that apt installs. */
export const PYTHON = '/usr/bin/python3';

/** The Node that runs the tests: `fetch` of older ones knows no proxy. */
export const nodeOfTests = process.execPath;

/** Whether this machine has the program, and for Python the module. */
export const has = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Says what is left out on this machine; true for a test that is to be skipped. */
export const isMissing = (what: string, isThere: boolean): boolean => {
  if (!isThere) process.stderr.write(`${what} is not installed: its tests are skipped\n`);
  return !isThere;
};

export const hasPython = (module: string): boolean =>
  existsSync(PYTHON) && has(PYTHON, '-c', `import ${module}`);

/** A sandbox of a local cloud, whose commands run behind its egress proxy. */
export class ProxiedSandbox {
  readonly world: World;
  readonly id: string;

  private constructor(world: World, id: string) {
    this.world = world;
    this.id = id;
  }

  static async start(profile = PROFILE): Promise<ProxiedSandbox> {
    const world = await World.start();
    try {
      return new ProxiedSandbox(world, await create(world, profile));
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** One more sandbox, of another profile, in the same cloud. */
  async beside(profile: string): Promise<ProxiedSandbox> {
    return new ProxiedSandbox(this.world, await create(this.world, profile));
  }

  /** Runs a script of bash behind the proxy, in an empty folder of its own unless `cwd` names one. */
  async sh(script: string, options: RunOptions = {}): Promise<Result> {
    const cwd = options.cwd ?? (await this.folder());
    const command = ['exec', this.id, '--proxy', '--', 'bash', '-c', script];
    return this.world.local(command, { ...options, cwd });
  }

  folder(): Promise<string> {
    return mkdtemp(join(this.world.dir, 'work-'));
  }

  /** What the proxy decided, the oldest first. */
  async log(...args: readonly string[]): Promise<AuditEntry[]> {
    const { stdout } = await this.world.km(['proxy', 'log', this.id, '--json', ...args]);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AuditEntry);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

async function create(world: World, profile: string): Promise<string> {
  const file = join(await mkdtemp(join(world.dir, 'profile-')), 'profile.yaml');
  await writeFile(file, profile);
  return (await world.json<{ id: string }>(['create', file])).id;
}

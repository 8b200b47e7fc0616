import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { repositoryPath } from './bare-repository.ts';

/** Settings of every git process here. They stand in its environment, so that nothing in a repository can matter. */
const SETTINGS: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'receive.autogc': 'false',
  'receive.fsckObjects': 'true',
  'receive.hideRefs': 'refs/pull',
  'http.getanyfile': 'false',
  'safe.directory': '*',
  'receive.advertisePushOptions': 'true',
  'uploadpack.allowAnySHA1InWant': 'true',
  'uploadpack.allowFilter': 'true',
};

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs git on the repositories of one folder, with an environment of its own. */
export class Git {
  readonly execPath: string;
  readonly reposDir: string;

  /** The hooks of a push that may not touch workflows. */
  readonly workflowGuard: string;

  private constructor(execPath: string, reposDir: string, workflowGuard: string) {
    this.execPath = execPath;
    this.reposDir = reposDir;
    this.workflowGuard = workflowGuard;
  }

  /** Finds git on this process's PATH; later calls no longer depend on it. */
  static async find(reposDir: string, workflowGuard: string): Promise<Git> {
    const { stdout } = await promisify(execFile)('git', ['--exec-path'], {
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    }).catch((cause: unknown) => {
      throw new Error('The local GitHub needs git on the PATH, with its http-backend', { cause });
    });
    return new Git(stdout.trim(), reposDir, workflowGuard);
  }

  /** The whole environment of a git process; `settings` are added to those that always hold. */
  environment(settings: Readonly<Record<string, string>> = {}): Record<string, string> {
    const all = Object.entries({ ...SETTINGS, ...settings });
    return {
      PATH: `${this.execPath}:/usr/bin:/bin`,
      HOME: this.reposDir,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: String(all.length),
      ...Object.fromEntries(
        all.flatMap(([key, value], index) => [
          [`GIT_CONFIG_KEY_${index}`, key],
          [`GIT_CONFIG_VALUE_${index}`, value],
        ]),
      ),
    };
  }

  /** Starts one git command in a repository. */
  start(
    repositoryId: number,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): ChildProcessWithoutNullStreams {
    return spawn(`${this.execPath}/git`, args, {
      cwd: this.reposDir,
      env: {
        ...this.environment(),
        ...environment,
        GIT_DIR: repositoryPath(this.reposDir, repositoryId),
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  /** Runs one git command in a repository to its end. A failing exit code is an answer, not an error. */
  run(
    repositoryId: number,
    args: readonly string[],
    input?: Buffer,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<GitResult> {
    return new Promise((resolve, reject) => {
      const child = this.start(repositoryId, args, environment);
      const stdout: Buffer[] = [];
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString('utf8');
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, stdout: Buffer.concat(stdout), stderr }));
      child.stdin.on('error', () => {}); // git may end without reading all of its input
      child.stdin.end(input);
    });
  }
}

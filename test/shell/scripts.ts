import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SCRIPTS = join(import.meta.dirname, '../../scripts/sandbox');

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
}

/** Runs a program with the given environment and a PATH, nothing else of this process's. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? tmpdir(),
      env: { PATH: process.env.PATH ?? '', ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // A script may decide without reading its input.
    child.stdin.on('error', () => {});
    child.once('error', reject);
    child.once('close', (code) => resolve({ status: code ?? -1, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}

export interface PolicyOptions {
  readonly git?: string;
  readonly ssm?: string;
  readonly tokens?: readonly string[];
  readonly repos?: readonly string[];
  /** Absent: any ref. */
  readonly refs?: readonly string[];
  readonly force?: boolean;
  readonly delete?: boolean;
}

/** The policy file's text, as `km exec` writes it. */
export function policyText(options: PolicyOptions = {}): string {
  const repos = options.repos ?? ['my-user/my-repo', 'my-org/another-repo'];
  const tokens = options.tokens ?? [
    'my-user /sandbox/sb-1234abcd/github-token',
    'my-org /sandbox/sb-1234abcd/github-tokens/my-org',
  ];
  const lines = [
    'version 1',
    'sandbox sb-1234abcd',
    'region us-east-1',
    `git ${options.git ?? 'https://github.com'}`,
    `ssm ${options.ssm ?? 'https://ssm.us-east-1.amazonaws.com'}`,
    ...tokens.map((token) => `token ${token}`),
    ...repos.map((repo) => `repo ${repo}`),
    `refs ${options.refs ? 'listed' : 'any'}`,
    ...(options.refs ?? []).map((ref) => `ref ${ref}`),
    `force ${options.force ? 'yes' : 'no'}`,
    `delete ${options.delete ? 'yes' : 'no'}`,
  ];
  return `${lines.join('\n')}\n`;
}

export interface Place {
  /** The directory of the scripts, with the policy beside them. */
  readonly scripts: string;
  readonly home: string;
  readonly root: string;
  setPolicy(policy: PolicyOptions | string): void;
  remove(): void;
}

/** A copy of the scripts with a policy of its own and an empty home. */
export function makePlace(policy: PolicyOptions | string = {}): Place {
  const root = mkdtempSync(join(tmpdir(), 'km-shell-'));
  const scripts = join(root, 'scripts');
  const home = join(root, 'home');
  cpSync(SCRIPTS, scripts, { recursive: true, verbatimSymlinks: true });
  mkdirSync(home);
  const setPolicy = (next: PolicyOptions | string) =>
    writeFileSync(join(scripts, 'policy'), typeof next === 'string' ? next : policyText(next));
  setPolicy(policy);
  return { scripts, home, root, setPolicy, remove: () => rmSync(root, { recursive: true, force: true }) };
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { awsCommand, shellWords } from './aws-command.ts';
import { type RunOptions, World } from './harness.ts';

export interface DoctorFinding {
  readonly check: string;
  readonly status: 'ok' | 'warn' | 'fail' | 'skip';
  readonly finding: string;
  readonly remedy?: string;
  readonly subject?: string;
}

export interface Diagnosis {
  readonly code: number;
  readonly ok: boolean;
  readonly findings: readonly DoctorFinding[];
}

/** A local cloud in which things are broken and mended, by its administrator and on GitHub's pages. */
export class DoctorScene {
  readonly world: World;
  readonly config: object;
  readonly #url: string;
  readonly #adminToken: string;

  private constructor(world: World, config: object, url: string, adminToken: string) {
    this.world = world;
    this.config = config;
    this.#url = url;
    this.#adminToken = adminToken;
  }

  static async start(): Promise<DoctorScene> {
    const world = await World.start();
    const file = await readFile(join(world.state, 'environment.json'), 'utf8');
    const { url, adminToken, variables, administrator } = JSON.parse(file);
    const credentials = {
      accessKeyId: administrator.AWS_ACCESS_KEY_ID,
      secretAccessKey: administrator.AWS_SECRET_ACCESS_KEY,
    };
    return new DoctorScene(
      world,
      { endpoint: url, region: variables.AWS_REGION, credentials },
      url,
      adminToken,
    );
  }

  /** What `km doctor --json` finds. */
  async diagnose(args: readonly string[] = [], options: RunOptions = {}): Promise<Diagnosis> {
    const { code, stdout, stderr } = await this.world.local(['doctor', ...args, '--json'], options);
    if (stdout === '') throw new Error(`km doctor: ${code}\n${stderr}`);
    return { code, ...JSON.parse(stdout) };
  }

  /** What it finds amiss. */
  async troubles(args: readonly string[] = [], options: RunOptions = {}): Promise<DoctorFinding[]> {
    const { findings } = await this.diagnose(args, options);
    return findings.filter(({ status }) => status === 'warn' || status === 'fail');
  }

  /** Does what people do on GitHub's pages. */
  async onGitHub<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#url}/_km/github${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#adminToken}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Runs a remedy as an operator would paste it, `km` against this cloud and `aws` as its administrator. */
  async paste(remedy: string): Promise<void> {
    for (const command of (remedy.split('   #')[0] ?? '').split(' && ')) {
      const words = shellWords(command);
      if (words[0] === 'aws') {
        await awsCommand(words, this.config);
        continue;
      }
      if (words[0] !== 'km') throw new Error(`not a command: ${command}`);
      const { code, stdout, stderr } = await this.world.local(words.slice(1));
      if (code !== 0) throw new Error(`${command}: ${code}\n${stdout}\n${stderr}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

/** One thing that is broken, and what tells of it. */
export interface Break {
  readonly name: string;
  readonly break: () => Promise<unknown>;
  readonly check: string;
  readonly status?: 'warn' | 'fail';
  readonly finding: RegExp;
  readonly remedy: RegExp;
  /** What the remedy asks of a person: on a page of GitHub, or with a file of their own. Default: the command is pasted. */
  readonly mend?: (remedy: string) => Promise<unknown>;
}

/** Breaks one thing, expects exactly its check to tell, follows the remedy, and expects nothing to be amiss then. Answers the remedy. */
export async function breakAndMend(scene: DoctorScene, each: Break): Promise<string> {
  const status = each.status ?? 'fail';
  await each.break();
  const { code, findings } = await scene.diagnose();
  const told = findings.filter((finding) => finding.status === 'warn' || finding.status === 'fail');
  expect(told).toMatchObject([{ check: each.check, status }]);
  expect(told[0]?.finding).toMatch(each.finding);
  const remedy = told[0]?.remedy ?? '';
  expect(remedy).toMatch(each.remedy);
  expect(code).toBe(status === 'fail' ? 1 : 0);
  await (each.mend?.(remedy) ?? scene.paste(remedy));
  expect(await scene.troubles()).toEqual([]);
  return remedy;
}

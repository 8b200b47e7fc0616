import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Result, World } from './harness.ts';

/** What a profile of these tests says beside its repos. */
export interface ProfileText {
  readonly repos: readonly string[];
  readonly more?: string;
  readonly spec?: string;
}

/** Writes a profile and returns its path. */
export async function writeProfile(
  world: World,
  name: string,
  { repos, more = '', spec = '' }: ProfileText,
): Promise<string> {
  const file = join(world.dir, `${name}.yaml`);
  const text = `metadata: { name: tested }
spec:
  lifecycle: { ttl: 4h }
${spec}  sourceAccess:
    github:
      allowedRepos: [${repos.join(', ')}]
${more}`;
  await writeFile(file, text);
  return file;
}

export const tokenOf = async (world: World, id: string, owner = 'my-user'): Promise<string> =>
  (await world.json<{ token: string }>(['token', id, '--owner', owner])).token;

/** What GitHub answers a token: 200 and the repos that it reaches, or 401. */
export async function reach(world: World, token: string): Promise<{ status: number; repos: string[] }> {
  const { KM_GITHUB_API_URL } = await world.environment();
  const response = await fetch(`${KM_GITHUB_API_URL}/installation/repositories`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const body = (await response.json()) as { repositories?: { full_name: string }[] };
  return { status: response.status, repos: (body.repositories ?? []).map(({ full_name }) => full_name) };
}

export const alive = async (world: World, token: string): Promise<boolean> =>
  (await reach(world, token)).status === 200;

/** Whether git in the sandbox reaches the repo. */
export const gitReaches = async (world: World, id: string, repo = 'my-user/my-repo'): Promise<boolean> =>
  (await world.exec(id, ['git', 'ls-remote', `https://github.com/${repo}`])).code === 0;

/** Runs a command and kills it outright once it has said this. */
export async function killedAt(world: World, args: readonly string[], moment: string): Promise<Result> {
  let sent = false;
  const result = await world.local(args, {
    onOutput: (said, kill) => {
      if (sent || !said.includes(moment)) return;
      sent = true;
      kill('SIGKILL');
    },
  });
  expect({ sent, said: result.stderr, code: result.code }).toMatchObject({ sent: true, code: 128 });
  return result;
}

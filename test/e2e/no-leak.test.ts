import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Result, root, World } from './harness.ts';

/** What must be nowhere: any token or key of a whole run. */
const SECRET = /ghs_[A-Za-z0-9._-]{36,}|-----BEGIN (?:RSA )?PRIVATE KEY-----/g;

let world: World;
const outputs: Result[] = [];
const seen = new Map<string, string>();
let watched = 0;
let watching: NodeJS.Timeout;

/**
 * Command lines and environments of every process of this user, as an attacker on the machine reads them. Only those that
 * mention this world's folder count (all of its do, by their HOME or paths): other tests run beside this one.
 */
function watchProcesses(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const texts = ['cmdline', 'environ'].map((file) => {
      try {
        return readFileSync(`/proc/${pid}/${file}`, 'latin1');
      } catch {
        // A process that has ended meanwhile, or is another user's.
        return '';
      }
    });
    if (!texts.some((text) => text.includes(world.dir))) continue;
    watched += 1;
    for (const secret of texts.join('\0').match(SECRET) ?? []) seen.set(secret, pid);
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const say = async (args: readonly string[]) => {
  const result = await world.local(args);
  outputs.push(result);
  return result;
};

beforeAll(async () => {
  world = await World.start();
  watching = setInterval(watchProcesses, 5);
});

afterAll(async () => {
  clearInterval(watching);
  await world[Symbol.asyncDispose]();
});

test.skipIf(process.platform !== 'linux')(
  'no token or key of a whole run is in a process list, an environment, a file, a log or an output',
  async () => {
    const created = await say(['create', join(root, 'examples', 'profile.yaml')]);
    const id = /sb-[0-9a-f]{8}/.exec(created.stdout)?.[0] ?? '';
    const repo = join(world.dir, 'repo');
    await say(['exec', id, '--', 'git', 'clone', 'https://github.com/my-user/my-repo', repo]);
    await say([
      'exec',
      id,
      '--',
      'bash',
      '-c',
      `cd ${repo} && GIT_TRACE=1 GIT_CURL_VERBOSE=0 git push origin HEAD:main HEAD:dev; env; cat .git/config; git config --list`,
    ]);
    await say([
      'exec',
      id,
      '--',
      'git',
      'clone',
      'https://github.com/my-org/private-repo',
      join(world.dir, 'none'),
    ]);
    await say(['list']);
    await say(['list', '--json']);
    await say(['describe', id, '--json']);
    await say(['install-script', id]);
    await say(['local', 'advance', '46m']);
    await say(['refresh', id, '--json']);
    const token = (await world.local(['token', id])).stdout.trim();
    await say(['token', id, '--owner', 'nobody']);
    await say(['destroy', id]);
    await say(['local', 'logs']);
    await say(['local', 'status', '--json']);

    expect(token).toMatch(/^ghs_/);
    const said = outputs.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    expect(said).toContain('is ready');
    expect(said.match(SECRET)).toBeNull();
    expect(watched).toBeGreaterThan(100);
    expect([...seen]).toEqual([]);

    const holding: string[] = [];
    for (const file of await filesBelow(world.dir)) {
      if (SECRET.test(await readFile(file, 'latin1'))) holding.push(file);
      SECRET.lastIndex = 0;
    }
    expect(holding).toEqual([]);
  },
);

test('the watch would have seen a token in an environment and a command line', async () => {
  const fake = `ghs_${'x'.repeat(36)}`;
  await world.km(['validate', fake], { env: { LEAK: fake } });
  await expect.poll(() => seen.has(fake)).toBe(true);
});

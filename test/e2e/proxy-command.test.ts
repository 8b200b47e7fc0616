import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Result, root, run, World } from './harness.ts';

const PROFILE = `
metadata: { name: proxied }
spec:
  network: { egress: { allowedHosts: [registry.example.com] } }
  sourceAccess: { github: { allowedRepos: [my-user/my-repo], allowedRefs: [main, "release/*"], graphql: read } }
`;

interface Listening {
  readonly sandbox: string;
  readonly url: string;
  readonly ca: string;
  readonly bundle: string;
  readonly inject: boolean;
  readonly audit: string;
}

let world: World;
let id: string;
let profile: string;
const running: ChildProcess[] = [];

beforeAll(async () => {
  world = await World.start();
  profile = join(world.dir, 'profile.yaml');
  await writeFile(profile, PROFILE);
  id = (await world.json<{ id: string }>(['create', profile])).id;
});

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(() => world[Symbol.asyncDispose]());

/** Starts `km proxy`, and waits for the line that says where it is. */
async function proxy(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<{ at: Listening; child: ChildProcess; said: () => string }> {
  const cloud = args.includes('--policy') ? [] : ['--state', world.state];
  const all = ['proxy', ...args, ...cloud, '--json'];
  const child = spawn(process.execPath, [join(root, 'dist', 'km.js'), ...all], {
    env: { PATH: process.env.PATH ?? '', HOME: world.home, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`km proxy ended: ${stderr}`);
  });
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  return { at: JSON.parse(line) as Listening, child, said: () => stderr };
}

const curl = (at: Listening, url: string, ...args: string[]): Promise<Result> =>
  run('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', ...args, url], {
    env: { PATH: process.env.PATH ?? '', https_proxy: at.url, CURL_CA_BUNDLE: at.bundle },
  });

const statusOf = async (at: Listening, repo: string, ...args: string[]): Promise<string> =>
  (await curl(at, `https://api.github.com/repos/${repo}`, ...args)).stdout;

/** A policy is read anew in its own time. */
async function until(what: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200 && !(await what()); tries += 1) await delay(50);
  expect(await what()).toBe(true);
}

test('a command behind the proxy clones and pushes what the profile allows, and is told why not the rest', async () => {
  const script = `
git clone -q https://github.com/my-user/my-repo && cd my-repo
git commit -q --allow-empty -m x
git push -q origin HEAD:main && echo pushed
git push --no-verify origin HEAD:dev || echo refused
git clone -q git@github.com:my-org/private-repo || echo foreign
env`;
  const { stdout, stderr } = await world.local(['exec', id, '--proxy', '--', 'bash', '-c', script], {
    cwd: world.dir,
  });
  expect(stdout).toMatch(/^pushed\nrefused\nforeign\n/);
  expect(stderr).toContain(
    "! [remote rejected] HEAD -> dev ([km] Push to 'dev' denied -- not in allowedRefs: main release/*)",
  );
  expect(stderr).toContain('my-org/private-repo is not in allowedRepos');
  expect(stdout).not.toMatch(/^AWS_(?!EC2_METADATA_DISABLED)|ghs_/m);
});

test('what was decided stands in the log of the sandbox, of which --denied shows the refusals', async () => {
  await world.local([
    'exec',
    id,
    '--proxy',
    '--',
    'curl',
    '-sS',
    'https://api.github.com/repos/evil/repo?x=1',
  ]);
  const all = await world.km(['proxy', 'log', id, '--json']);
  const denied = await world.km(['proxy', 'log', id, '--json', '--denied']);
  const entries = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries(denied.stdout).at(-1)).toMatchObject({
    sandbox: id,
    method: 'GET',
    host: 'api.github.com',
    path: '/repos/evil/repo',
    verdict: 'denied',
    rule: 'repo',
  });
  expect(entries(denied.stdout).every(({ verdict }) => verdict === 'denied')).toBe(true);
  expect(entries(all.stdout).length).toBeGreaterThan(entries(denied.stdout).length);
  expect((await world.km(['proxy', 'log', id, '--denied'])).stdout).toMatch(
    /denied {3}GET api.github.com\/repos\/evil\/repo {2}\[repo\] {2}\[km\]/,
  );
  expect((await world.km(['proxy', 'log', id, '--since', '2099-01-01'])).stdout).toBe('');
});

test('km proxy serves a sandbox with its token until a signal ends it', async () => {
  const { at, child } = await proxy(['--sandbox', id]);
  expect(at).toMatchObject({ sandbox: id, inject: true });
  expect(await statusOf(at, 'my-user/my-repo', '-H', 'authorization: Bearer ghp_mine')).toBe('200');
  expect(await statusOf(at, 'my-org/private-repo')).toBe('403');
  expect(await readFile(at.ca, 'utf8')).not.toContain('PRIVATE');
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(0);
});

test('without injection the own token of the sandbox passes, and no other', async () => {
  const { at } = await proxy(['--sandbox', id, '--no-inject']);
  const { token } = await world.json<{ token: string }>(['token', id]);
  expect(at.inject).toBe(false);
  expect(await statusOf(at, 'my-user/my-repo', '-H', `authorization: Bearer ${token}`)).toBe('200');
  expect(await statusOf(at, 'my-user/my-repo', '-H', 'authorization: Bearer ghp_mine')).toBe('403');
});

test('a token that was refreshed is put on from then on, and an hour later the next', async () => {
  const { at } = await proxy(['--sandbox', id]);
  expect(await statusOf(at, 'my-user/my-repo')).toBe('200');
  expect((await world.local(['local', 'advance', '61m'])).code).toBe(0);
  expect(await statusOf(at, 'my-user/my-repo')).toBe('200');
});

test('a changed profile is followed, and a broken one leaves the last good policy in force', async () => {
  const { at, child, said } = await proxy(['--sandbox', id, '--profile', profile]);
  expect(await statusOf(at, 'my-user/my-repo')).toBe('200');
  await writeFile(profile, PROFILE.replace('my-user/my-repo', 'my-user/other'));
  child.kill('SIGHUP');
  await until(async () => (await statusOf(at, 'my-user/my-repo')) === '403');
  await writeFile(profile, 'spec: [');
  child.kill('SIGHUP');
  await until(async () => said().includes('the policy in force stays'));
  expect(await statusOf(at, 'my-user/my-repo')).toBe('403');
  await writeFile(profile, PROFILE);
  await until(async () => (await statusOf(at, 'my-user/my-repo')) === '200');
});

test('a profile alone gives no token: what is not public is not found', async () => {
  const { at } = await proxy(['--profile', profile]);
  expect(at).toMatchObject({ sandbox: 'proxied', inject: false });
  expect(await statusOf(at, 'my-user/my-repo')).toBe('404');
  expect(await statusOf(at, 'my-org/private-repo')).toBe('403');
});

/** The role's credentials, as a machine, task or pod of the sandbox has them. */
async function roleVariables(): Promise<Record<string, string>> {
  const env = await world.environment();
  const { roleArn } = await world.json<{ roleArn: string }>(['describe', id]);
  const sts = new STSClient({
    endpoint: env.AWS_ENDPOINT_URL ?? '',
    region: 'us-east-1',
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'machine' }),
  );
  return {
    AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
    AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
  };
}

test('beside the sandbox, the policy that install-script prints and the role of the machine are enough', async () => {
  const { script } = await world.json<{ script: string }>([
    'install-script',
    id,
    '--proxy',
    '--format',
    'sidecar',
  ]);
  const policy = join(world.dir, 'policy');
  await writeFile(policy, parse(script).configs['km-policy'].content);
  const { at } = await proxy(['--policy', policy], await roleVariables());
  expect(at).toMatchObject({ sandbox: id, inject: true });
  expect(await statusOf(at, 'my-user/my-repo')).toBe('200');
  expect(await statusOf(at, 'my-org/private-repo')).toBe('403');
});

test('a port that is taken is said so', async () => {
  const { at } = await proxy(['--sandbox', id]);
  const listen = at.url.replace('http://', '');
  expect(await world.local(['proxy', '--sandbox', id, '--listen', listen])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      `The proxy cannot listen on ${listen}: the port is taken (ErrProxyListen)`,
    ),
  });
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a proxy that is not ready yet', async (signal) => {
  const pipe = join(world.dir, `profile-${signal}`);
  await run('mkfifo', [pipe], { env: { PATH: process.env.PATH ?? '' } });
  const ended = proxy(['--profile', pipe]);
  ended.catch(() => undefined);
  // Opens once km is at reading its profile, which does not end while this is open.
  const writer = await open(pipe, 'w');
  try {
    const [child] = running;
    child?.kill(signal);
    await expect(ended).rejects.toThrow('km proxy ended');
    expect(child?.signalCode).toBe(signal);
  } finally {
    await writer.close();
  }
});

test.each([[[]], [['--proxy']]])('km shell %j says whose shell it is once there is one', async (more) => {
  const none = await world.local(['shell', 'sb-00000000', ...more]);
  expect(none.code).toBe(1);
  expect(none.stderr).not.toContain('as sandbox');
  const there = await world.local(['shell', id, ...more], { input: 'exit 3\n' });
  expect(there.code).toBe(3);
  expect(there.stderr).toContain(`as sandbox ${id}; exit ends it`);
});

import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root, run, World } from './harness.ts';

let world: World;
let id: string;

beforeAll(async () => {
  world = await World.start();
  id = (await world.json<{ id: string }>(['create', join(root, 'examples', 'profile.yaml')])).id;
});

afterAll(() => world[Symbol.asyncDispose]());

/** The environment of a machine with the sandbox's role, and the system configuration that was installed below `place`. */
async function machine(place: string): Promise<Record<string, string>> {
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
  const home = join(place, 'home');
  await mkdir(home, { recursive: true });
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    GIT_CONFIG_SYSTEM: join(place, 'etc', 'gitconfig'),
    GIT_TERMINAL_PROMPT: '0',
    AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey ?? '',
    AWS_SESSION_TOKEN: Credentials?.SessionToken ?? '',
    KM_GITHUB_URL: env.KM_GITHUB_URL ?? '',
  };
}

const install = async (script: string, place: string) =>
  run('bash', ['-s'], { input: script, env: { PATH: process.env.PATH ?? '', KM_ROOT: place, HOME: place } });

test('what it prints sets a machine up, where git then clones, pushes what it may and is denied the rest', async () => {
  const { stdout: script } = await world.local(['install-script', id]);
  const place = join(world.dir, 'machine');
  expect(await install(script, place)).toMatchObject({ code: 0 });
  const env = await machine(place);
  const git = (...args: string[]) => run('git', args, { env, cwd: env.HOME ?? '' });
  expect(await git('clone', '-q', `${env.KM_GITHUB_URL}/my-user/my-repo.git`, 'repo')).toMatchObject({
    code: 0,
  });
  const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  expect(await git('-C', 'repo', ...author, 'commit', '-q', '--allow-empty', '-m', 'x')).toMatchObject({
    code: 0,
  });
  expect(await git('-C', 'repo', 'push', '-q', 'origin', 'HEAD:main')).toMatchObject({ code: 0 });
  const denied = await git('-C', 'repo', 'push', '-q', 'origin', 'HEAD:dev');
  expect(denied.stderr).toContain("[km] Push to 'dev' denied -- not in allowedRefs: main release/*");
  expect((await git('clone', `${env.KM_GITHUB_URL}/my-org/private-repo`)).stderr).toContain(
    '[km] No credential',
  );
});

test('installing again changes nothing, and --uninstall takes everything away', async () => {
  const { stdout: script } = await world.local(['install-script', id]);
  const place = join(world.dir, 'again');
  await install(script, place);
  const before = await readFile(join(place, 'etc', 'gitconfig'), 'utf8');
  expect(await install(script, place)).toMatchObject({ code: 0 });
  expect(await readFile(join(place, 'etc', 'gitconfig'), 'utf8')).toBe(before);
  const kit = join(place, 'usr/local/lib/km');
  expect(
    await run(join(kit, 'install'), ['--uninstall'], {
      env: { PATH: process.env.PATH ?? '', KM_ROOT: place },
    }),
  ).toMatchObject({ code: 0 });
  await expect(stat(kit)).rejects.toThrow('ENOENT');
});

test('as cloud-init it is user data that writes and runs the same script', async () => {
  const { stdout: script } = await world.local(['install-script', id]);
  const { stdout } = await world.local(['install-script', id, '--format', 'cloud-init']);
  expect(stdout.split('\n')[0]).toBe('#cloud-config');
  const [file] = parse(stdout).write_files;
  expect(Buffer.from(file.content, 'base64').toString()).toBe(script);
  expect(parse(stdout).runcmd).toEqual([[file.path]]);
});

test('as Dockerfile lines it runs the same script', async () => {
  const { stdout: script } = await world.local(['install-script', id]);
  const { stdout } = await world.local(['install-script', id, '--format', 'dockerfile']);
  const [, encoded = ''] = /<<'KM_INSTALL'[^\n]*\n([\s\S]*?)\nKM_INSTALL\n/.exec(stdout) ?? [];
  expect(Buffer.from(encoded, 'base64').toString()).toBe(script);
  expect(stdout).toMatch(
    /^ENV GIT_CONFIG_COUNT=\d+ GIT_ASKPASS=\/usr\/local\/lib\/km\/km-git-askpass KM_GIT_CONFIG=1$/m,
  );
  expect(stdout).toMatch(
    /^ENV GIT_CONFIG_KEY_\d+="core\.hooksPath" GIT_CONFIG_VALUE_\d+="\/usr\/local\/lib\/km\/hooks"$/m,
  );
});

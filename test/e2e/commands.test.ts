import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, run, World } from './harness.ts';

const profile = join(root, 'examples', 'profile.yaml');
let world: World;

beforeAll(async () => {
  world = await World.start();
});

afterAll(() => world[Symbol.asyncDispose]());

/** A client with the rights of the administrator who deployed the platform. */
async function administrator(): Promise<SSMClient> {
  const { admin } = JSON.parse(await readFile(join(world.state, 'local-cloud.json'), 'utf8'));
  const { AWS_ENDPOINT_URL: endpoint = '' } = await world.environment();
  return new SSMClient({ endpoint, region: 'us-east-1', credentials: admin });
}

const write = async (name: string, text: string) => {
  await writeFile(join(world.dir, name), text);
  return join(world.dir, name);
};

describe('km validate', () => {
  test('says FILE: valid for each valid profile', async () => {
    const files = ['profile', 'read-only', 'whole-org', 'everything', 'every-key'].map((name) =>
      join(root, 'examples', `${name}.yaml`),
    );
    const { code, stdout } = await world.km(['validate', ...files]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: files.map((file) => `${file}: valid\n`).join('') });
  });

  test('tells every error with its place, and ends with 1', async () => {
    const file = await write(
      'bad.yaml',
      'spec:\n  lifecycle: { ttl: soon }\n  sourceAccess:\n    github: { allowedRepos: [] }\n',
    );
    const { code, stderr } = await world.km(['validate', file]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}:2:21: spec.lifecycle.ttl`);
    expect(stderr).toContain(`${file}:4:29: spec.sourceAccess.github.allowedRepos`);
  });

  test('--json tells the same as data', async () => {
    const file = await write(
      'worse.yaml',
      'spec: { sourceAccess: { github: { allowedRepos: ["a/b;rm"] } } }\n',
    );
    const { code, stdout } = await world.km(['validate', profile, file, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).files).toMatchObject([
      { valid: true, problems: [] },
      { valid: false, problems: [{ file, line: 1, column: 50, value: '"a/b;rm"' }] },
    ]);
  });
});

test.each([
  [['creat'], "unknown command 'creat'"],
  [['list', '--jsn'], "unknown option '--jsn'"],
  [['create'], "missing required argument 'profile'"],
  [['describe', '../../etc'], "'../../etc' is not a sandbox id"],
  [['destroy'], 'Name the sandboxes to destroy, or --all.'],
  [['create', profile, '--ttl', 'soon'], "--ttl 'soon'"],
  [['install-script', 'sb-00000000', '--format', 'ps1'], "--format 'ps1'"],
  [['list', '--prefix', 'Not/One'], "'Not/One' is not a platform prefix"],
])('km %j is bad usage: exit code 2 and a word on what is wrong', async (args, message) => {
  const { code, stdout, stderr } = await world.local(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('bad usage with --json is one JSON object on stderr as well', async () => {
  for (const [args, error] of [
    [['list', '--jsn', '--json'], { message: "unknown option '--jsn'", remedy: 'Did you mean --json?' }],
    [['create', '--json'], { message: "missing required argument 'profile'" }],
    [['--json'], { message: "unknown option '--json'" }],
  ] as const) {
    const { code, stdout, stderr } = await world.km(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ error: 'ErrUsage', ...error });
  }
});

test('km help tells of commands below others, and which it does not know', async () => {
  expect(await world.km(['help', 'local', 'up'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Usage: km local up'),
  });
  expect((await world.km(['help'])).stdout).toBe((await world.km(['--help'])).stdout);
  for (const [args, message] of [
    [['lst'], "unknown command 'lst'\n(Did you mean list?)"],
    [['local', 'upp'], "unknown command 'upp'\n(Did you mean up?)"],
    [['github', 'statu'], "unknown command 'statu'"],
  ] as const) {
    expect(await world.km(['help', ...args])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  }
});

test('what create tells to type next reaches the same local cloud', async () => {
  const { code, stdout } = await world.km(['create', profile, '--state', world.state]);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`use it +km exec \\S+ --state ${world.state} -- git clone`));
  const end = /end it +km (destroy .*)/.exec(stdout)?.[1] ?? '';
  expect(await world.km(end.split(' '))).toMatchObject({ code: 0 });
});

test('every command has help with two examples at least', async () => {
  const { stdout } = await world.km(['--help']);
  const names = [...stdout.matchAll(/^ {2}([a-z-]+) {1,}\S/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'km');
  expect(names).toEqual(
    expect.arrayContaining(['create', 'list', 'exec', 'shell', 'token', 'local', 'configure']),
  );
  for (const name of names.filter((each) => each !== 'help')) {
    const help = await world.km([name, '--help']);
    expect(help.code).toBe(0);
    expect(help.stdout.split('Examples:')[1]?.trim().split('\n').length).toBeGreaterThanOrEqual(2);
  }
});

test('a reader that has seen enough ends nothing with an error', async () => {
  const script = '"$0" "$1" --help | head -1';
  const result = await run(
    'bash',
    ['-o', 'pipefail', '-c', script, process.execPath, join(root, 'dist', 'km.js')],
    {
      env: { PATH: process.env.PATH ?? '', HOME: world.home },
    },
  );
  expect(result).toEqual({ code: 0, stdout: 'Usage: km [options] [command]\n', stderr: '' });
});

test('without a local cloud, --local says how to start one', async () => {
  const { code, stderr } = await world.km(['list', '--local']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/No local cloud is running .*\(ErrLocalCloud\)\n→ km local up/s);
});

test('without AWS there is one clear line and the remedy, not a stack trace', async () => {
  const { code, stderr } = await world.km(['list'], {
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: AWS cannot be reached: .*\(ErrAws\)\n→ .*\n$/);
});

test('with the environment that km local env prints, commands need no flag', async () => {
  const printed = await world.local(['local', 'env']);
  expect(printed.stdout.trim().split('\n')).toHaveLength(7);
  const script = `${printed.stdout}\nexec "$0" "$1" list --json`;
  const { code, stdout } = await run('bash', ['-c', script, process.execPath, join(root, 'dist', 'km.js')], {
    env: { PATH: process.env.PATH ?? '', HOME: world.home },
  });
  expect({ code, list: JSON.parse(stdout) }).toEqual({ code: 0, list: { sandboxes: [] } });
});

test('a profile for a repo outside the installation is refused by name before anything is made', async () => {
  const file = await write(
    'outside.yaml',
    'spec: { sourceAccess: { github: { allowedRepos: [my-user/my-repo, my-user/nowhere, other-org/other-repo] } } }\n',
  );
  const { code, stderr } = await world.local(['create', file]);
  expect(code).toBe(1);
  expect(stderr).toContain("'my-user/nowhere'");
  expect(stderr).toContain("not installed on 'other-org'");
  expect(await world.json(['list'])).toEqual({ sandboxes: [] });
});

test("'*' with two installations lists the candidates", async () => {
  const { code, stderr } = await world.local(['create', join(root, 'examples', 'everything.yaml')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/there are 2: .*my-org.*\(ErrGitHubInstallationAmbiguous\)/);
});

test('a sandbox without GitHub has a role and a key, and no token', async () => {
  const file = await write('none.yaml', 'spec: { sourceAccess: { mode: none } }\n');
  const { id } = await world.json<{ id: string }>(['create', file]);
  expect(await world.json(['describe', id])).toMatchObject({
    health: 'no-github',
    tokens: [],
    schedules: [],
  });
  expect(await world.local(['token', id])).toMatchObject({ code: 1 });
  expect(await world.exec(id, ['true'])).toMatchObject({ code: 0 });
  await world.json(['destroy', id]);
});

test('an id that is taken is not created again', async () => {
  const first = await world.local(['create', profile, '--id', 'sb-00000001']);
  expect(first.code).toBe(0);
  for (const more of [[], ['--dry-run']]) {
    expect(await world.local(['create', profile, '--id', 'sb-00000001', ...more])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Sandbox sb-00000001 exists already. (ErrSandboxExists)'),
    });
  }
  expect((await world.json<{ sandboxes: object[] }>(['list'])).sandboxes).toHaveLength(1);
});

test('km exec ends with the exit code of its command and passes its input and output through', async () => {
  const { code, stdout } = await world.exec('sb-00000001', ['bash', '-c', 'cat; exit 7'], {
    input: 'through',
  });
  expect({ code, stdout }).toEqual({ code: 7, stdout: 'through' });
});

test('km shell runs the shell of the caller as the sandbox', async () => {
  const { code, stdout } = await world.local(['shell', 'sb-00000001'], {
    env: { SHELL: '/bin/bash' },
    input: 'echo "$KM_SANDBOX_ID in $HOME"\n',
  });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `sb-00000001 in ${world.home}/.local/state/km/sandboxes/sb-00000001/home\n`,
  });
});

test('for a substrate that has its own machine, exec and token say where to go', async () => {
  const file = await write(
    'ec2.yaml',
    'spec: { runtime: { substrate: ec2 }, sourceAccess: { github: { allowedRepos: [my-user/my-repo] } } }\n',
  );
  const { id } = await world.json<{ id: string }>(['create', file]);
  expect(await world.json(['describe', id])).toMatchObject({
    instanceProfileName: `km-sandbox-${id}`,
    health: 'healthy',
  });
  for (const result of [await world.exec(id, ['true']), await world.local(['token', id])]) {
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining('ErrSandboxNotAssumable') });
    expect(result.stderr).toContain(`km install-script ${id}`);
  }
});

test('km destroy --all removes every sandbox, and asks for --yes without a terminal', async () => {
  expect(await world.local(['destroy', '--all'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--yes'),
  });
  const { destroyed } = await world.json<{ destroyed: object[] }>(['destroy', '--all', '--yes']);
  expect(destroyed).toHaveLength(2);
  expect(await world.json(['list'])).toEqual({ sandboxes: [] });
});

describe('the GitHub App', () => {
  const names = ['/km/config/github/app-client-id', '/km/config/github/private-key'];

  test('a key that is not the App’s is named as such, and nothing is made', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await (await administrator()).send(
      new PutParameterCommand({
        Name: names[1],
        Value: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
        Type: 'SecureString',
        KeyId: 'alias/km-config',
        Overwrite: true,
      }),
    );
    await world.local(['local', 'advance', '6m']);
    const { code, stderr } = await world.local(['create', profile]);
    expect(code).toBe(1);
    expect(stderr).toContain('ErrGitHubKeyOfAnotherApp');
    expect(await world.json(['list'])).toEqual({ sandboxes: [] });
  });

  test('not configured: the documented error and its remedy', async () => {
    await (await administrator()).send(new DeleteParametersCommand({ Names: names }));
    await world.local(['local', 'advance', '6m']);
    const { code, stderr } = await world.local(['create', profile]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: GitHub App not configured \(ErrGitHubNotConfigured\)\n→ /);
  });
});

import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, World } from './harness.ts';

const profile = join(root, 'examples', 'profile.yaml');

/** Several repos of one seed, and an account beside the App's. */
const SEED = `
accounts:
  - { login: my-user, type: User, repos: [my-repo, notes] }
  - { login: my-org, type: Organization, repos: [another-repo, secret-repo] }
  - { login: stranger, type: User, repos: [diary] }
app:
  slug: km-test
  permissions: { contents: write, metadata: read }
  installations:
    - { account: my-user, repositories: all }
    - { account: my-org, repositories: [another-repo] }
`;

let world: World;
let id: string;

beforeAll(async () => {
  world = await World.start({ seed: SEED });
  id = (await world.json<{ id: string }>(['create', profile])).id;
});

afterAll(() => world[Symbol.asyncDispose]());

const clone = (repo: string, to: string) =>
  world.exec(id, ['git', 'clone', '-q', `https://github.com/${repo}`, join(world.dir, to)]);

test('the accounts and repos of the seed are there, each private to its owner', async () => {
  expect(await clone('my-user/my-repo', 'seeded')).toMatchObject({ code: 0 });
  const { KM_GITHUB_URL } = await world.environment();
  const { token } = await world.json<{ token: string }>(['token', id]);
  for (const repo of [
    'my-user/notes',
    'my-org/another-repo',
    'my-org/secret-repo',
    'stranger/diary',
    'no/repo',
  ]) {
    const response = await fetch(`${KM_GITHUB_URL}/${repo}.git/info/refs?service=git-upload-pack`, {
      headers: { authorization: `Basic ${btoa(`x-access-token:${token}`)}` },
    });
    expect({ repo, status: response.status }).toEqual({ repo, status: 404 });
  }
});

test('without a credential nothing is told of a repo', async () => {
  const { KM_GITHUB_URL } = await world.environment();
  for (const repo of ['my-user/my-repo', 'no/repo']) {
    const response = await fetch(`${KM_GITHUB_URL}/${repo}.git/info/refs?service=git-upload-pack`);
    expect(response.status).toBe(401);
  }
});

test('it survives a restart: addresses, sandboxes, tokens, repos and the clock', async () => {
  await world.local(['local', 'advance', '10m']);
  const before = { env: await world.environment(), token: await world.json(['token', id]) };
  expect(await world.local(['local', 'down'])).toMatchObject({ code: 0 });
  expect(await world.local(['list'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('km local up'),
  });
  expect(await world.local(['local', 'up'])).toMatchObject({ code: 0 });
  expect({ env: await world.environment(), token: await world.json(['token', id]) }).toEqual(before);
  expect(await clone('my-org/another-repo', 'after-restart')).toMatchObject({ code: 0 });
  expect(await world.json<{ offset_ms: number }>(['local', 'status'])).toMatchObject({
    running: true,
    offset_ms: 600_000,
  });
  await world.local(['local', 'advance', '46m']);
  expect(await world.json(['list'])).toMatchObject({ sandboxes: [{ id, health: 'healthy' }] });
});

test('a second one runs beside it and knows nothing of it', async () => {
  await using other = await World.start();
  expect(await other.json(['list'])).toEqual({ sandboxes: [] });
  expect(await other.local(['describe', id])).toMatchObject({ code: 1 });
  const here = await world.environment();
  const there = await other.environment();
  expect(there.AWS_ENDPOINT_URL).not.toBe(here.AWS_ENDPOINT_URL);
  const crossed = await world.km(['list'], {
    env: { ...here, AWS_ENDPOINT_URL: there.AWS_ENDPOINT_URL ?? '' },
  });
  expect(crossed).toMatchObject({ code: 1, stderr: expect.stringContaining('ErrAws') });
});

test('up again says that it is running; its files are for its owner only', async () => {
  const again = await world.local(['local', 'up']);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('is running already') });
  expect((await stat(world.state)).mode & 0o077).toBe(0);
  expect((await stat(join(world.state, 'environment.json'))).mode & 0o077).toBe(0);
});

test('its admin routes refuse whoever does not hold its secret', async () => {
  const { AWS_ENDPOINT_URL } = await world.environment();
  for (const [method, path] of [
    ['POST', 'clock/advance'],
    ['POST', 'faults'],
    ['POST', 'stop'],
    ['GET', 'status'],
  ] as const) {
    const headers = { authorization: 'Bearer guessed' };
    const response = await fetch(`${AWS_ENDPOINT_URL}/_km/${path}`, { method, headers });
    expect({ path, status: response.status }).toEqual({ path, status: 403 });
  }
});

test('an operation that it does not know answers 501 and says so', async () => {
  const { CloudFormationClient, ListStackSetsCommand } = await import('@aws-sdk/client-cloudformation');
  const env = await world.environment();
  const { admin } = JSON.parse(await readFile(join(world.state, 'local-cloud.json'), 'utf8'));
  const client = new CloudFormationClient({
    endpoint: env.AWS_ENDPOINT_URL ?? '',
    region: 'us-east-1',
    credentials: admin,
    maxAttempts: 1,
  });
  const refusal = await client.send(new ListStackSetsCommand({})).catch((error: unknown) => error);
  expect(refusal).toMatchObject({
    $metadata: { httpStatusCode: 501 },
    message: expect.stringContaining('ListStackSets'),
  });
});

test.each([
  ['no-such-file.yaml', undefined, 'cannot be read'],
  ['seed.yaml', 'accounts: [', 'is not YAML'],
  [
    'seed.yaml',
    'accounts: [{ login: "a b", type: User, repos: [] }]\napp: { slug: x, permissions: {}, installations: [] }',
    'login',
  ],
])(
  'the seed %s with %j is refused with a word on why, and nothing is started',
  async (name, text, message) => {
    const file = join(world.dir, name);
    if (text !== undefined) await writeFile(file, text);
    const state = join(world.dir, 'refused');
    const { code, stderr } = await world.km(['local', 'up', '--state', state, '--seed', file]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain(`The seed ${file} `);
    expect(stderr).not.toContain('fault of its own');
    expect(await world.km(['local', 'status', '--state', state])).toMatchObject({ code: 1 });
  },
);

test('it settles in no folder that holds other things, and a reset leaves what is not its own', async () => {
  const state = join(world.dir, 'project');
  await mkdir(join(state, 'state'), { recursive: true });
  await writeFile(join(state, 'state', 'mine'), 'kept');
  await writeFile(join(state, 'README'), 'kept');
  for (const more of [[], ['--foreground']]) {
    const refused = await world.km(['local', 'up', '--state', state, ...more]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('README') });
  }
  expect((await readdir(state)).sort()).toEqual(['README', 'state']);
  expect(await readFile(join(state, 'state', 'mine'), 'utf8')).toBe('kept');

  const own = join(world.dir, 'own');
  expect(await world.km(['local', 'up', '--state', own])).toMatchObject({ code: 0 });
  await writeFile(join(own, 'notes'), 'kept');
  expect(await world.km(['local', 'down', '--state', own])).toMatchObject({ code: 0 });
  expect(await world.km(['local', 'reset', '--yes', '--state', own])).toMatchObject({ code: 0 });
  expect(await readdir(own)).toEqual(['notes']);
});

test('logs tell what was asked of it, and reset empties it', async () => {
  const before = await world.environment();
  expect((await world.local(['local', 'logs'])).stdout).toContain('"operation":"CreateStack"');
  expect(await world.local(['local', 'reset'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--yes'),
  });
  expect(await world.local(['local', 'reset', '--yes'])).toMatchObject({ code: 0 });
  expect(await world.json(['list'])).toEqual({ sandboxes: [] });
  expect(await world.environment()).toEqual(before);
  // The seed stays: stranger/diary is there, and not installed.
  const file = join(world.dir, 'stranger.yaml');
  await writeFile(
    file,
    'spec: { sourceAccess: { github: { allowedRepos: [stranger/diary, my-user/notes] } } }\n',
  );
  const refused = await world.local(['create', file]);
  expect(refused.stderr).toContain("not installed on 'stranger'");
  expect(refused.stderr).not.toContain("on 'my-user'");
});

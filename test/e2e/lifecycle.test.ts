import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, World } from './harness.ts';

const profile = join(root, 'examples', 'profile.yaml');

let world: World;
let id: string;
let firstTokens: Record<string, string>;

const git = (...args: string[]) => world.exec(id, ['git', ...args]);
const inRepo = (repo: string, script: string) =>
  world.exec(id, ['bash', '-c', `cd ${join(world.dir, repo)} && ${script}`]);
const tokenOf = async (owner: string) =>
  (await world.json<{ token: string }>(['token', id, '--owner', owner])).token;

/** What GitHub answers a token that asks which repos it reaches. */
async function reach(token: string): Promise<{ status: number; repos: string[] }> {
  const { KM_GITHUB_API_URL } = await world.environment();
  const response = await fetch(`${KM_GITHUB_API_URL}/installation/repositories`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const body = (await response.json()) as { repositories?: { full_name: string }[] };
  return { status: response.status, repos: (body.repositories ?? []).map(({ full_name }) => full_name) };
}

beforeAll(async () => {
  world = await World.start();
});

afterAll(() => world[Symbol.asyncDispose]());

describe('a sandbox from examples/profile.yaml, from its creation to its end', () => {
  test('--dry-run shows the plan and creates nothing', async () => {
    const plan = await world.json<{ owners: { owner: string }[] }>(['create', profile, '--dry-run']);
    expect(plan.owners.map(({ owner }) => owner)).toEqual(['my-user', 'my-org']);
    expect(await world.json(['list'])).toEqual({ sandboxes: [] });
  });

  test('km create says what it made, what it reaches and how to use it', async () => {
    const { code, stdout, stderr } = await world.local(['create', profile]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    id = /^(sb-[0-9a-f]{8}) is ready\./.exec(stdout)?.[1] ?? '';
    expect(id).not.toBe('');
    expect(stdout).toContain('my-user/my-repo, my-org/another-repo');
    expect(stdout).toContain('push to: main release/*');
    expect(stdout).toContain(
      `km exec ${id} --state ${world.state} -- git clone https://github.com/my-user/my-repo`,
    );
    expect(stdout).toContain(`km destroy ${id} --state ${world.state}`);
    expect(stderr).toMatch(/✓ Key \(AWS::KMS::Key\)/);
    expect(stderr).toMatch(/✓ GitHubToken \(Custom::KmGitHubToken\)/);
  });

  test('each owner has a token of its own, which reaches only the repos that the profile names', async () => {
    firstTokens = { 'my-user': await tokenOf('my-user'), 'my-org': await tokenOf('my-org') };
    expect(await reach(firstTokens['my-user'] ?? '')).toEqual({ status: 200, repos: ['my-user/my-repo'] });
    expect(await reach(firstTokens['my-org'] ?? '')).toEqual({ status: 200, repos: ['my-org/another-repo'] });
  });

  test.each(['my-user/my-repo', 'my-org/another-repo'])(
    'git clones %s by its github.com address',
    async (repo) => {
      const folder = join(world.dir, repo.split('/')[1] ?? '');
      expect(await git('clone', '--quiet', `https://github.com/${repo}`, folder)).toMatchObject({ code: 0 });
      expect(await world.exec(id, ['cat', join(folder, 'README.md')])).toMatchObject({ code: 0 });
    },
  );

  test('git clones by the address of the local GitHub and by SSH addresses', async () => {
    const { KM_GITHUB_URL } = await world.environment();
    for (const [index, url] of [
      `${KM_GITHUB_URL}/my-user/my-repo.git`,
      'git@github.com:my-user/my-repo.git',
      'ssh://git@github.com/my-user/my-repo.git',
    ].entries()) {
      expect(await git('clone', '--quiet', url, join(world.dir, `other-${index}`))).toMatchObject({
        code: 0,
      });
    }
  });

  test('git fetches, commits and pushes to an allowed ref', async () => {
    const pushed = await inRepo(
      'my-repo',
      'git fetch -q && echo change >change && git add change && git commit -qm change && git push -q origin HEAD:main && git push -q origin HEAD:release/1.0',
    );
    expect(pushed).toMatchObject({ code: 0 });
    expect((await inRepo('my-repo', 'git ls-remote origin')).stdout).toMatch(/refs\/heads\/release\/1\.0/);
  });

  test('a push to a ref that is not allowed is denied by name, and GitHub does not have it', async () => {
    const pushed = await inRepo('my-repo', 'git push origin HEAD:dev HEAD:feature/x');
    expect(pushed.code).not.toBe(0);
    expect(pushed.stderr).toContain("[km] Push to 'dev' denied -- not in allowedRefs: main release/*");
    expect(pushed.stderr).toContain("[km] Push to 'feature/x' denied -- not in allowedRefs: main release/*");
    expect((await inRepo('my-repo', 'git ls-remote origin')).stdout).not.toMatch(/dev|feature/);
  });

  test.each(['my-org/private-repo', 'other-org/other-repo'])(
    '%s, which the profile does not name, cannot be cloned',
    async (repo) => {
      const cloned = await git('clone', `https://github.com/${repo}`, join(world.dir, 'no'));
      expect(cloned.code).not.toBe(0);
      expect(cloned.stderr).toContain('[km]');
    },
  );

  test("one owner's token does not open the other owner's repo", async () => {
    const { KM_GITHUB_URL } = await world.environment();
    const url = `${KM_GITHUB_URL}/my-org/another-repo.git/info/refs?service=git-upload-pack`;
    const status = async (token: string) =>
      (await fetch(url, { headers: { authorization: `Basic ${btoa(`x-access-token:${token}`)}` } })).status;
    expect(await status(firstTokens['my-org'] ?? '')).toBe(200);
    expect(await status(firstTokens['my-user'] ?? '')).toBe(404);
  });

  test('list and describe tell its age, health, tokens and schedules', async () => {
    const { sandboxes } = await world.json<{ sandboxes: Record<string, unknown>[] }>(['list']);
    expect(sandboxes).toMatchObject([
      { id, health: 'healthy', owners: ['my-user', 'my-org'], stackStatus: 'CREATE_COMPLETE' },
    ]);
    expect(await world.json(['describe', id])).toMatchObject({
      id,
      keyState: 'Enabled',
      guard: { allowedRefs: ['main', 'release/*'] },
      schedules: [
        { name: `km-github-token-${id}`, expression: 'rate(40 minutes)', state: 'ENABLED' },
        { name: `km-ttl-${id}` },
      ],
    });
    expect((await world.local(['list'])).stdout).toMatch(new RegExp(`^${id} .* healthy$`, 'm'));
  });

  test('46 minutes later the schedule has refreshed both tokens, and git works on either side of it', async () => {
    expect(await world.local(['local', 'advance', '46m'])).toMatchObject({ code: 0 });
    const refreshed = { 'my-user': await tokenOf('my-user'), 'my-org': await tokenOf('my-org') };
    expect(refreshed['my-user']).not.toBe(firstTokens['my-user']);
    expect(refreshed['my-org']).not.toBe(firstTokens['my-org']);
    expect(await reach(firstTokens['my-user'] ?? '')).toMatchObject({ status: 200 });
    expect(await inRepo('my-repo', 'git fetch -q')).toMatchObject({ code: 0 });
  });

  test('an old token is dead when its hour is over', async () => {
    expect(await world.local(['local', 'advance', '20m'])).toMatchObject({ code: 0 });
    expect(await reach(firstTokens['my-user'] ?? '')).toMatchObject({ status: 401 });
    expect(await inRepo('my-repo', 'git fetch -q')).toMatchObject({ code: 0 });
  });

  test('km refresh mints new tokens now', async () => {
    const before = await tokenOf('my-user');
    const { tokens } = await world.json<{ tokens: object[] }>(['refresh', id]);
    expect(tokens).toMatchObject([{ owner: 'my-user' }, { owner: 'my-org' }]);
    expect(JSON.stringify(tokens)).not.toContain(await tokenOf('my-user'));
    expect(await tokenOf('my-user')).not.toBe(before);
  });

  test('km destroy revokes every token, also the one before the last refresh, and leaves nothing but a key on its way out', async () => {
    const live = [await tokenOf('my-user'), await tokenOf('my-org')];
    await world.json(['refresh', id]);
    live.push(await tokenOf('my-user'), await tokenOf('my-org'));
    const { destroyed } = await world.json<{ destroyed: { removed: { type: string; name: string }[] }[] }>([
      'destroy',
      id,
    ]);
    const types = destroyed[0]?.removed.map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining([
        'AWS::KMS::Key',
        'AWS::IAM::Role',
        'AWS::Scheduler::Schedule',
        'Custom::KmGitHubToken',
      ]),
    );
    expect(await Promise.all(live.map(async (token) => (await reach(token)).status))).toEqual([
      401, 401, 401, 401,
    ]);
    expect(await world.json(['list'])).toEqual({ sandboxes: [] });
    expect(await world.local(['token', id])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`No sandbox ${id}`),
    });
  });

  test('destroying it again does nothing and says so', async () => {
    expect(await world.json(['destroy', id])).toEqual({ destroyed: [{ id, existed: false, removed: [] }] });
  });
});

test('a sandbox ends by itself at its TTL', async () => {
  const { id: shortLived } = await world.json<{ id: string }>(['create', profile, '--ttl', '30m']);
  expect(await world.local(['local', 'advance', '31m'])).toMatchObject({ code: 0 });
  expect(await world.local(['describe', shortLived])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No sandbox'),
  });
});

test('with a read-only profile git clones, and GitHub itself refuses the push', async () => {
  const { id: reader } = await world.json<{ id: string }>([
    'create',
    join(root, 'examples', 'read-only.yaml'),
  ]);
  const folder = join(world.dir, 'read-only');
  await mkdir(folder);
  expect(
    await world.exec(reader, ['git', 'clone', '-q', 'https://github.com/my-user/my-repo', folder]),
  ).toMatchObject({ code: 0 });
  const pushed = await world.exec(reader, [
    'bash',
    '-c',
    `cd ${folder} && git commit -q --allow-empty -m x && git push --no-verify origin HEAD:main`,
  ]);
  expect(pushed.code).not.toBe(0);
  expect(pushed.stderr).toMatch(/403|denied/);
  await world.json(['destroy', reader]);
});

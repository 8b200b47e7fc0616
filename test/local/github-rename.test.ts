import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from './github-harness.ts';

let world: World;
let token: string;
let other: string;
beforeAll(async () => {
  world = await startWorld();
  token = await world.mint('my-org');
  other = await world.mint('my-user');
  world.github.owner.rename('MY-ORG', 'renamed-org');
});
afterAll(() => world.close());

test('an account keeps its id, its repositories, its installation and the tokens under its new login', async () => {
  const installation = world.github.installations.find((entry) => entry.account === 'renamed-org');
  const { body } = await world.rest('GET', '/orgs/renamed-org/installation', world.jwt());
  expect(body).toMatchObject({ id: installation?.id, account: { login: 'renamed-org', id: 10_000_002 } });
  const repository = await world.rest('GET', '/repos/renamed-org/another-repo', token);
  expect(repository.body.full_name).toBe('renamed-org/another-repo');
});

test.each(['/orgs/my-org/installation', '/users/my-org/installation'])('%s is 404', async (path) => {
  expect((await world.rest('GET', path, world.jwt())).status).toBe(404);
});

test('a repository is redirected from its old name to its id, for those who may see it', async () => {
  const path = '/repos/my-org/another-repo/git/ref/heads/main';
  const get = (auth?: string) =>
    fetch(`${world.github.apiUrl}${path}`, {
      redirect: 'manual',
      headers: auth === undefined ? {} : { authorization: `Bearer ${auth}` },
    });
  const moved = await get(token);
  const location = `${world.github.apiUrl}/repositories/100000002/git/ref/heads/main`;
  expect([moved.status, moved.headers.get('location')]).toEqual([301, location]);
  expect([(await get(other)).status, (await get()).status]).toEqual([404, 404]);
  const followed = await world.rest('GET', path, token);
  expect([followed.status, followed.body.ref]).toEqual([200, 'refs/heads/main']);
  const installation = await world.rest('GET', '/repos/my-org/another-repo/installation', world.jwt());
  expect(installation.body.account.login).toBe('renamed-org');
});

test('git follows a remote of the old name', async () => {
  const cloned = await world.git(['clone', '-q', world.remote('my-org/another-repo.git', token), 'clone']);
  expect(cloned.code).toBe(0);
  const refused = await world.git(['ls-remote', world.remote('my-org/another-repo.git', other)]);
  expect(refused.stderr).toContain('Repository not found.');
});

test('the old login is free for another account, and its repositories come first', () => {
  expect(world.github.owner.rename('my-user', 'my-org')?.login).toBe('my-org');
  expect(world.github.owner.rename('my-org', 'renamed-org')).toBeUndefined();
  expect(world.github.owner.rename('nobody', 'somebody')).toBeUndefined();
});

test('it survives a restart', async () => {
  await world.restart();
  expect((await world.rest('GET', '/repos/my-org/another-repo', token)).body.full_name).toBe(
    'renamed-org/another-repo',
  );
});

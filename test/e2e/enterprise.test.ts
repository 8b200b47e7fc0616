import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root, World } from './harness.ts';

const seed = (host: string) => `
host: ${host}
accounts:
  - { login: my-user, type: User, repos: [my-repo] }
  - { login: my-org, type: Organization, repos: [another-repo, private-repo] }
app:
  slug: km-test
  permissions: { contents: write, metadata: read }
  installations:
    - { account: my-user, repositories: all }
    - { account: my-org, repositories: all }
`;

test.each([
  ['github.com', 'an origin of its own'],
  ['ghe.com', 'an origin of its own'],
  ['ghes', '/api/v3 on the git origin'],
])(
  'beside a GitHub laid out like %s, with REST at %s, a sandbox is made, clones, pushes, and ends',
  async (host, rest) => {
    await using world = await World.start({ seed: seed(host) });
    const { KM_GITHUB_URL = '', KM_GITHUB_API_URL = '' } = await world.environment();
    const sameOrigin = new URL(KM_GITHUB_API_URL).origin === new URL(KM_GITHUB_URL).origin;
    expect(sameOrigin).toBe(rest.startsWith('/api/v3'));

    const { id } = await world.json<{ id: string }>(['create', join(root, 'examples', 'profile.yaml')]);
    const clone = await world.exec(id, [
      'git',
      'clone',
      '-q',
      `${KM_GITHUB_URL}/my-user/my-repo.git`,
      join(world.dir, 'repo'),
    ]);
    expect(clone).toMatchObject({ code: 0 });
    const pushed = await world.exec(id, [
      'bash',
      '-c',
      `cd ${join(world.dir, 'repo')} && git commit -q --allow-empty -m x && git push -q origin HEAD:main`,
    ]);
    expect(pushed).toMatchObject({ code: 0 });
    expect(await world.json(['github', 'status'])).toMatchObject({
      installations: [{ account: 'my-user' }, { account: 'my-org' }],
    });
    expect(await world.json(['destroy', id])).toMatchObject({ destroyed: [{ existed: true }] });
  },
);

test('a host that is stored is the one that git in the sandbox is given the token for, and no other', async () => {
  await using world = await World.start();
  const env = await world.environment();
  const { id } = await world.json<{ id: string }>(['create', join(root, 'examples', 'profile.yaml')]);
  const other = await world.exec(id, ['git', 'credential', 'fill'], {
    input: 'protocol=https\nhost=github.example.com\npath=my-user/my-repo.git\n\n',
  });
  expect(other.code).not.toBe(0);
  expect(other.stdout).not.toContain('ghs_');
  const ours = await world.exec(id, ['git', 'credential', 'fill'], {
    input: `protocol=http\nhost=${new URL(env.KM_GITHUB_URL ?? '').host}\npath=my-user/my-repo.git\n\n`,
  });
  expect(ours.stdout).toContain('password=ghs_');
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_SEED } from '../../lib/local/github/seed.ts';
import { open } from './github-browser.ts';
import { startWorld, type World } from './github-harness.ts';

describe.each([
  [undefined, { ownApi: false, apps: '/apps', version: undefined }],
  ['github.com', { ownApi: true, apps: '/apps', version: undefined }],
  ['ghe.com', { ownApi: true, apps: '/apps', version: undefined }],
  ['ghes', { ownApi: false, apps: '/github-apps', version: '3.19.0' }],
] as const)('standing in for %s', (host, expected) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ seed: { ...DEFAULT_SEED, ...(host ? { host } : {}) } });
  });
  afterAll(() => world.close());

  const status = async (url: string) => (await fetch(url)).status;

  test('REST has its own origin, or is under /api/v3', async () => {
    const { url, apiUrl } = world.github;
    expect(apiUrl === `${url}/api/v3`).toBe(!expected.ownApi);
    expect((await world.rest('GET', '/app', world.jwt())).status).toBe(200);
    expect(await status(`${url}/api/v3/meta`)).toBe(expected.ownApi ? 404 : 200);
    expect(await status(`${apiUrl}/my-org/another-repo.git/info/refs?service=git-upload-pack`)).not.toBe(401);
    expect(await status(`${url}/my-org/another-repo.git/info/refs?service=git-upload-pack`)).toBe(401);
  });

  test('every address in an answer is of the right origin', async () => {
    const { body, headers } = await world.rest('GET', '/app/installations?per_page=1', world.jwt());
    expect(body[0].access_tokens_url).toBe(
      `${world.github.apiUrl}/app/installations/${body[0].id}/access_tokens`,
    );
    expect(body[0].html_url).toContain(`${world.github.url}/settings/installations/`);
    expect(headers.get('link')).toContain(`<${world.github.apiUrl}/app/installations?`);
  });

  test('the pages of Apps are where the App says', async () => {
    const { body } = await world.rest('GET', '/app', world.jwt());
    expect(body.html_url).toBe(`${world.github.url}${expected.apps}/km-local`);
    expect((await open(`${body.html_url}/installations/new`)).title).toBe('Install km-local');
  });

  test('only an Enterprise Server tells its version', async () => {
    const { body, headers } = await world.rest('GET', '/meta');
    expect([body.installed_version, headers.get('x-github-enterprise-version') ?? undefined]).toEqual([
      expected.version,
      expected.version,
    ]);
  });

  test('clones, mints and limits work, and a restart keeps the addresses that it can', async () => {
    const token = await world.mint('my-org');
    const listed = await world.git(['ls-remote', world.remote('my-org/another-repo.git', token)]);
    expect(listed.code).toBe(0);
    const { apiUrl } = world.github;
    await world.restart();
    if (expected.ownApi) expect(world.github.apiUrl).toBe(apiUrl);
    expect((await world.rest('GET', '/app', world.jwt())).status).toBe(200);
  });
});

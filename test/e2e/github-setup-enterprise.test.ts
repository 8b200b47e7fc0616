import { expect, test } from 'vitest';
import { AppScene } from './app-scene.ts';
import { formOf, installOn, NO_APP_SEED, PlainBrowser, startSetup } from './github-setup-scene.ts';

test.each([
  ['ghes', 'ghes.example.com', '/github-apps/km-there/installations/new'],
  ['ghe.com', 'octocorp.ghe.com', '/apps/km-there/installations/new'],
] as const)('on %s, --hostname leads the set-up, and is stored', async (kind, host, installPath) => {
  await using scene = await AppScene.start({ seed: `${NO_APP_SEED}host: ${kind}\n` });
  const setup = await startSetup(scene, [
    '--hostname',
    host.toUpperCase(),
    '--org',
    'my-org',
    '--name',
    'km there',
    '--json',
  ]);
  const browser = new PlainBrowser();
  const page = await browser.open(setup.url);
  expect(page.body).toContain(`on ${host}`);
  expect(new URL(formOf(page).action).pathname).toBe('/organizations/my-org/settings/apps/new');
  const answer = await browser.get(await browser.createOnGitHub(page));
  expect(answer).toMatchObject({ status: 303, location: expect.stringContaining(installPath) });
  await setup.said('waiting for its first installation');
  await installOn(scene, 'my-org', 'km-there');
  const { code, stdout } = await setup.ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ host, app: { owner: 'my-org' } });
  expect(await scene.stored()).toMatchObject({ host });
  expect(await scene.world.json(['github', 'status'])).toMatchObject({ host, app: { owner: 'my-org' } });
});

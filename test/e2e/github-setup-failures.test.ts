import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { AppScene } from './app-scene.ts';
import {
  appsOnGitHub,
  installOn,
  NO_APP_SEED,
  PlainBrowser,
  recoveryFiles,
  startOver,
  startSetup,
} from './github-setup-scene.ts';

let scene: AppScene;

beforeAll(async () => {
  scene = await AppScene.start({ seed: NO_APP_SEED });
});
afterAll(() => scene[Symbol.asyncDispose]());
afterEach(() => startOver(scene));

const DENIED = { code: 'AccessDeniedException', message: 'not now' };
const put = (skip: number) => ({
  aws: [{ service: 'ssm', operation: 'PutParameter', count: 1, skip, error: DENIED }],
});
/** More often than a request is tried. */
const conversions = { rules: [{ match: 'POST /app-manifests/*', count: 4, status: 502 }] };

test.each([
  ['the conversion of the code', { github: conversions }, 'code', []],
  ['writing the key', put(0), 'app', []],
  ['writing the client id', put(1), 'app', ['private-key']],
  ['writing the slug', put(2), 'app', ['app-client-id', 'private-key']],
] as const)(
  '%s fails once: km github goes on from there, with one App and both halves of its pair',
  async (what, faults, stage, kept) => {
    const name = `km ${what.slice(-20).trim()}`;
    const setup = await startSetup(scene, ['--name', name]);
    const browser = new PlainBrowser();
    const callback = await browser.createOnGitHub(await browser.open(setup.url));
    await scene.world.faults(faults);
    const answer = await browser.get(callback);
    expect(answer.status).toBe(500);
    const failed = await setup.ended;
    expect(failed.code).toBe(1);
    expect(`${failed.stdout}${failed.stderr}${answer.body}`).not.toContain('PRIVATE KEY');
    expect(Object.keys(await scene.stored()).sort()).toEqual(kept);
    const [file = ''] = await recoveryFiles(scene);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ stage });

    const slug = name.replaceAll(' ', '-').toLowerCase();
    const again = scene.world.local(['github', '--no-open', '--json']);
    await installOn(scene, 'my-user', slug);
    const { code, stdout, stderr } = await again;
    expect(code).toBe(0);
    expect(stderr).toContain(`An earlier run made an App that is not stored yet; going on from ${file}.`);
    expect(JSON.parse(stdout)).toMatchObject({
      app: { slug },
      resumed: true,
      installations: [{ account: 'my-user' }],
    });
    expect(await recoveryFiles(scene)).toEqual([]);
    expect(await appsOnGitHub(scene)).toEqual([slug]);
    expect(await scene.world.json(['github', 'status'])).toMatchObject({ jwt: { ok: true }, app: { slug } });
  },
);

test('storing the first installation fails once: km github goes on from there', async () => {
  const setup = await startSetup(scene, ['--name', 'km discovered']);
  const browser = new PlainBrowser();
  await browser.get(await browser.createOnGitHub(await browser.open(setup.url)));
  await setup.said('waiting for its first installation');
  await scene.world.faults(put(0));
  const installation = await installOn(scene, 'my-user', 'km-discovered');
  expect((await setup.ended).code).toBe(1);
  expect(await scene.world.json(['github', '--no-open'])).toMatchObject({
    app: { slug: 'km-discovered' },
    resumed: true,
  });
  expect(await scene.stored()).toMatchObject({ 'installations/my-user': installation });
});

test('GitHub’s answer to the code is lost: the remedy names the App’s settings, and nothing stands in the way', async () => {
  const setup = await startSetup(scene, ['--name', 'km lost', '--org', 'my-org']);
  const browser = new PlainBrowser();
  const callback = await browser.createOnGitHub(await browser.open(setup.url));
  await scene.world.faults({ github: { rules: [{ match: 'POST /app-manifests/*', count: 1, lost: true }] } });
  const answer = await browser.get(callback);
  expect(answer.body).toContain('/organizations/my-org/settings/apps');
  const { code, stderr } = await setup.ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /\(ErrGitHubManifestCode\)\n→ .*\/organizations\/my-org\/settings\/apps.*--private-key-file PATH/,
  );
  expect(await recoveryFiles(scene)).toEqual([]);
  expect(await scene.stored()).toEqual({});
});

test('killed while it stores: the next run has the App', async () => {
  const setup = await startSetup(scene, ['--name', 'km killed']);
  const browser = new PlainBrowser();
  const callback = await browser.createOnGitHub(await browser.open(setup.url));
  await scene.world.faults({
    aws: [{ service: 'ssm', operation: 'PutParameter', count: 1, latencyMs: 5_000 }],
  });
  const answer = browser.get(callback).catch(() => undefined);
  await setup.said('storing /km/config/github/private-key');
  setup.kill('SIGKILL');
  await answer;
  await setup.ended.catch(() => undefined);
  await scene.world.faults({});
  const [file = ''] = await recoveryFiles(scene);
  const record = JSON.parse(await readFile(file, 'utf8'));
  expect(record).toMatchObject({ stage: 'app', app: { slug: 'km-killed' } });

  let isTold = false;
  const again = scene.world.local(['github', '--no-open'], {
    onOutput: (said, kill) => {
      if (isTold || !said.includes('waiting for its first installation')) return;
      isTold = true;
      kill('SIGTERM');
    },
  });
  expect(await again).toMatchObject({ code: 1, stdout: expect.stringContaining('km killed is set up') });
  expect(await scene.stored()).toMatchObject({
    'app-client-id': record.app.clientId,
    'app-slug': 'km-killed',
  });
  expect(await recoveryFiles(scene)).toEqual([]);
});

test('a recovery file that others could write is not believed, and says what to do', async () => {
  const setup = await startSetup(scene);
  const [file = ''] = await recoveryFiles(scene);
  setup.kill('SIGKILL');
  await setup.ended.catch(() => undefined);
  await writeFile(file, '{"version":1}', { mode: 0o600 });
  const { code, stderr } = await scene.world.local(['github', '--no-open']);
  expect(code).toBe(1);
  expect(stderr).toContain(`${file} is not a record of km's set-up. (ErrSetupRecovery)`);
  expect(stderr).toContain(`rm ${file}`);
});

import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AppScene } from './app-scene.ts';
import {
  installOn,
  NO_APP_SEED,
  PlainBrowser,
  recoveryFiles,
  startOver,
  startSetup,
} from './github-setup-scene.ts';
import { root } from './harness.ts';

const profile = join(root, 'examples', 'profile.yaml');
let scene: AppScene;

beforeAll(async () => {
  scene = await AppScene.start({ seed: NO_APP_SEED });
});
afterAll(() => scene[Symbol.asyncDispose]());
afterEach(() => startOver(scene));

/** From the printed address to GitHub's code, over plain HTTP. */
const answerOf = async (url: string, name?: string) => {
  const browser = new PlainBrowser();
  return { browser, callback: await browser.createOnGitHub(await browser.open(url), name) };
};

test('from nothing to a sandbox: page, App, key, installation, discovery', async () => {
  expect(await scene.world.local(['create', profile])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ErrGitHubNotConfigured'),
  });
  const setup = await startSetup(scene, ['--name', 'km e2e', '--json']);
  const { browser, callback } = await answerOf(setup.url);
  const taken = await browser.get(callback);
  expect(taken).toMatchObject({
    status: 303,
    location: expect.stringMatching(/\/apps\/km-e2e\/installations\/new$/),
  });
  await setup.said('waiting for its first installation');
  expect(await recoveryFiles(scene)).toEqual([]);
  const mine = await installOn(scene, 'my-user', 'km-e2e');
  const ours = await installOn(scene, 'my-org', 'km-e2e');
  const { code, stdout, stderr } = await setup.ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    host: 'github.com',
    clientId: expect.stringMatching(/^Iv/),
    app: { name: 'km e2e', slug: 'km-e2e', owner: 'my-user' },
    resumed: false,
    installations: expect.arrayContaining([expect.objectContaining({ account: 'my-user', state: 'new' })]),
    gone: [],
  });
  expect(`${stdout}${stderr}`).not.toMatch(/PRIVATE KEY|code=/);
  await scene.configure(['--discover']);
  expect(await scene.stored()).toMatchObject({
    'app-slug': 'km-e2e',
    'installations/my-user': mine,
    'installations/my-org': ours,
  });
  const { id } = await scene.world.json<{ id: string }>(['create', profile]);
  expect(await scene.world.json(['describe', id])).toMatchObject({ health: 'healthy' });
  await scene.world.json(['destroy', id]);
});

/** Runs the set-up to its end on `my-user`. */
const setUp = async (name: string, args: readonly string[] = []) => {
  const setup = await startSetup(scene, ['--name', name, ...args]);
  const { browser, callback } = await answerOf(setup.url);
  await browser.get(callback);
  await setup.said('waiting for its first installation');
  const installation = await installOn(scene, 'my-user', name.replaceAll(' ', '-'));
  return { ...(await setup.ended), installation };
};

describe('an App that is configured already', () => {
  test('is shown and left; --force puts another in its place, and status tells of it', async () => {
    expect((await setUp('km first')).code).toBe(0);
    const first = await scene.stored();
    const refused = await scene.world.local(['github', '--no-open']);
    expect(refused).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /km first of my-user, client id Iv\S+\); it is left as it is\. \(ErrAppConfigExists\)/,
      ),
    });
    expect(await scene.stored()).toEqual(first);
    expect(await recoveryFiles(scene)).toEqual([]);

    const { code, stdout, installation } = await setUp('km second', ['--force']);
    expect(code).toBe(0);
    expect(stdout).toContain('km second is set up');
    const second = await scene.stored();
    expect(second['app-client-id']).not.toBe(first['app-client-id']);
    expect(second['private-key']).not.toBe(first['private-key']);
    expect(second['installations/my-user']).toBe(installation);

    const status = await scene.world.json(['github', 'status']);
    expect(status).toMatchObject({
      app: { name: 'km second', owner: 'my-user', permissions: { contents: 'write', metadata: 'read' } },
      signer: 'parameter',
      key: { ok: true, fingerprint: expect.stringMatching(/^SHA256:/) },
      installations: [{ account: 'my-user' }],
      problems: [],
    });
    const told = await scene.world.local(['github', 'status']);
    expect(told.code).toBe(0);
    expect(told.stdout).toMatch(/^App {11}km second \(http.*\/apps\/km-second\)$/m);
    expect(told.stdout).toMatch(/^Owner {9}my-user \(user\)$/m);
    expect(told.stdout).toMatch(/^Permissions {3}contents:write metadata:read$/m);
    expect(told.stdout).toMatch(/^Key {11}RSA 2048, SHA256:\S+, stored \d{4}-.* ago\)$/m);
    expect(told.stdout).toMatch(/^ {2}my-user +\d+ +all repos +ok$/m);
  });

  test('but not yet installed is gone on with, where nothing else was asked for', async () => {
    const setup = await startSetup(scene, ['--name', 'km waiting']);
    const { browser, callback } = await answerOf(setup.url);
    await browser.get(callback);
    await setup.said('waiting for its first installation');
    setup.kill('SIGINT');
    const { code, stderr, stdout } = await setup.ended;
    expect({ code, stdout }).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('km waiting is set up'),
    });
    // Whose it is: on a page that another user was let in to, somebody else could have made it.
    expect(stderr).toContain('Install km waiting of my-user on an account');
    expect(stderr).toContain('Interrupted: run km github again, and it goes on from here.');
    expect(stdout).toContain('Once it is installed: km configure github --discover');

    expect(await scene.world.local(['github', '--no-open', '--name', 'other'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ErrAppConfigExists'),
    });
    await installOn(scene, 'my-org', 'km-waiting');
    const again = await scene.world.json(['github', '--no-open']);
    expect(again).toMatchObject({
      app: { name: 'km waiting' },
      resumed: true,
      installations: [{ account: 'my-org' }],
    });
  });
});

test('an App that signs in KMS is replaced by one whose key is stored', async () => {
  await setUp('km in kms');
  const { path } = await scene.newKey('new.pem');
  expect(await scene.configure(['--signer', 'kms', '--private-key-file', path])).toMatchObject({ code: 0 });
  expect(await scene.world.local(['github', '--no-open'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('km in kms of my-user'),
  });
  expect((await setUp('km out of kms', ['--force'])).code).toBe(0);
  expect(await scene.world.json(['github', 'status'])).toMatchObject({
    app: { name: 'km out of kms' },
    signer: 'parameter',
    key: { ok: true },
    jwt: { ok: true },
  });
});

test('km configure github --setup is the same as km github', async () => {
  const setup = await startSetup(scene, ['--setup', '--name', 'km alias'], ['configure', 'github']);
  const { browser, callback } = await answerOf(setup.url);
  await browser.get(callback);
  await setup.said('waiting for its first installation');
  await installOn(scene, 'my-user', 'km-alias');
  expect(await setup.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('km alias is set up') });
});

test('Ctrl-C before GitHub answers leaves nothing, and the next run begins anew', async () => {
  const setup = await startSetup(scene);
  expect(await recoveryFiles(scene)).toHaveLength(1);
  setup.kill('SIGINT');
  expect((await setup.ended).code).toBe(1);
  expect(await recoveryFiles(scene)).toEqual([]);
  expect(await scene.stored()).toEqual({});
});

test('two runs at once would be two Apps: the second is refused and disturbs nothing', async () => {
  const setup = await startSetup(scene, ['--name', 'km one at a time']);
  expect(await scene.world.local(['github', '--no-open'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /Another km github runs for this platform: process \d+\. \(ErrSetupRecovery\)/,
    ),
  });
  const { browser, callback } = await answerOf(setup.url);
  expect((await browser.get(callback)).status).toBe(303);
  setup.kill('SIGINT');
  await setup.ended;
});

describe('attacks on the callback', () => {
  test('neither a wrong state, another browser, another Host nor another Origin stores anything', async () => {
    const setup = await startSetup(scene, ['--name', 'km attacked']);
    const { browser, callback } = await answerOf(setup.url);
    const other = new URL(callback);
    other.searchParams.set('state', 'A'.repeat(43));
    expect((await browser.get(other.href)).status).toBe(403);
    expect((await new PlainBrowser().get(callback)).status).toBe(403);
    expect((await new PlainBrowser().open(setup.url)).status).toBe(403);
    expect((await browser.get(callback, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await browser.get(callback.replace('127.0.0.1', 'localhost'))).status).toBe(403);
    expect(await scene.stored()).toEqual({});

    expect((await browser.get(callback)).status).toBe(303);
    expect(await browser.get(callback)).toMatchObject({
      status: 409,
      body: expect.stringContaining('km attacked'),
    });
    setup.kill('SIGINT');
    await setup.ended;
  });

  test('a second App from a second tab is not stored, and its maker is told so', async () => {
    const setup = await startSetup(scene, ['--name', 'km tab one']);
    const browser = new PlainBrowser();
    const [one, two] = [await browser.open(setup.url), await browser.open(setup.url)];
    const first = await browser.createOnGitHub(one);
    const second = await browser.createOnGitHub(two, 'km tab two');
    await browser.get(first);
    const stored = await scene.stored();
    expect(await browser.get(second)).toMatchObject({
      status: 409,
      body: expect.stringContaining('delete it in GitHub’s settings'),
    });
    expect(await scene.stored()).toEqual(stored);
    expect(stored['app-slug']).toBe('km-tab-one');
    setup.kill('SIGINT');
    await setup.ended;
  });

  test('a name that GitHub gives back is shown as text', async () => {
    const setup = await startSetup(scene);
    const { browser, callback } = await answerOf(setup.url, '<img src=x onerror=alert(1)>');
    await browser.get(callback);
    const page = await browser.get(`${new URL(setup.url).origin}/`);
    expect(page.body).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page.body).not.toContain('<img');
    setup.kill('SIGINT');
    await setup.ended;
  });
});

test.each([
  [['--name', '"><script>'], "--name '\"><script>' is not a name for an App"],
  [['--name', 'k'.repeat(35)], 'has 35 characters; GitHub takes 34'],
  [['--org', '../settings'], "--org '../settings' is not the login of an organization"],
  [
    ['--permissions', 'coment'],
    "'coment' is neither a verb of a profile nor a permission.\n→ Did you mean comment?",
  ],
  [['--permissions', 'administration'], "'administration' is neither"],
  [['--permissions', 'workflows:read'], "'workflows:read' asks for a level that km does not use"],
  [['--port', '70000'], "--port '70000' is not a port"],
  [['--webhook-url', 'http://example.com'], "--webhook-url 'http://example.com' is not an https address"],
])('km github %j is bad usage', async (args, message) => {
  const { code, stdout, stderr } = await scene.world.local(['github', '--no-open', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

test('km github permissions needs no cloud, and tells every permission', async () => {
  const { code, stdout } = await scene.world.km(['github', 'permissions']);
  expect(code).toBe(0);
  for (const name of ['contents: write', 'metadata: read', 'workflows: write'])
    expect(stdout).toContain(name);
  const { permissions } = JSON.parse((await scene.world.km(['github', 'permissions', '--json'])).stdout);
  expect(permissions).toContainEqual(
    expect.objectContaining({ permission: 'issues', level: 'write', always: false, verbs: ['comment'] }),
  );
});

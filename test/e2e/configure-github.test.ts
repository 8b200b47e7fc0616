import { generateKeyPairSync } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AppScene, type LocalApp } from './app-scene.ts';

let scene: AppScene;
let app: LocalApp;
let key: Awaited<ReturnType<AppScene['newKey']>>;

beforeAll(async () => {
  scene = await AppScene.start();
  app = await scene.app();
  key = await scene.newKey('app.pem');
});

afterAll(() => scene[Symbol.asyncDispose]());

/** No line of the key's text, wherever km printed. */
const leaked = (output: string, pem: string): string[] =>
  pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----') && output.includes(line));

describe('with nothing stored', () => {
  beforeEach(() => scene.forget());

  const flags = () => ['--app-client-id', app.client_id, '--private-key-file', key.path];

  test('--non-interactive names every missing flag at once', async () => {
    const { code, stderr } = await scene.configure(['--non-interactive']);
    expect(code).toBe(2);
    for (const flag of ['--app-client-id', '--private-key-file', '--installation-id', '--account'])
      expect(stderr).toContain(flag);
    expect((await scene.configure(['--private-key-file', key.path])).stderr).not.toContain(
      '--private-key-file',
    );
  });

  test('--dry-run checks all of it with GitHub and writes nothing', async () => {
    const { code, stdout } = await scene.configure([...flags(), '--account', 'my-org', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain(`client id ${app.client_id}`);
    expect(stdout).toContain(key.fingerprint);
    expect(stdout).toContain('Nothing was written: --dry-run.');
    expect(await scene.stored()).toEqual({});
  });

  test('stores key, client id and installation; an account counts without case; what is stored works', async () => {
    const { code, stdout, stderr } = await scene.configure([...flags(), '--account', 'MY-org']);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const order = [...stderr.matchAll(/… (\S+)/g)].map(([, name]) =>
      name?.slice('/km/config/github/'.length),
    );
    expect(order).toEqual(['private-key', 'app-client-id', 'app-slug', 'installations/my-org']);
    expect(leaked(stdout + stderr, key.pem)).toEqual([]);
    const stored = await scene.stored();
    expect(stored).toEqual({
      'private-key': 'version 1',
      'app-client-id': app.client_id,
      'app-slug': app.slug,
      'installations/my-org': await scene.installationId('my-org'),
    });
    const again = await scene.configure([...flags(), '--account', 'my-org']);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to write') });
    expect(await scene.stored()).toEqual(stored);
  });

  test('an id alone finds its account; the key may come on standard input, with Windows line ends', async () => {
    const id = await scene.installationId('my-user');
    const { code, stdout } = await scene.configure(
      ['--app-client-id', String(app.id), '--private-key-file', '-', '--installation-id', id, '--json'],
      { input: `\uFEFF${key.pem.replaceAll('\n', '\r\n')}\r\n` },
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      host: 'github.com',
      clientId: String(app.id),
      app: { id: app.id, slug: app.slug },
      conflicts: [],
      removed: [],
      dryRun: false,
      values: [
        { parameter: '/km/config/github/private-key', state: 'new', given: key.fingerprint },
        { parameter: '/km/config/github/app-client-id', state: 'new', given: String(app.id) },
        { parameter: '/km/config/github/installations/my-user', state: 'new', given: id },
      ],
    });
  });

  test('a key file that others can read is taken with a warning', async () => {
    const open = await scene.file('open.pem', key.pem, 0o644);
    const { code, stderr } = await scene.configure([
      ...['--app-client-id', app.client_id, '--private-key-file', open, '--account', 'my-org', '--dry-run'],
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain(`warning: ${open} can be read by others (mode 644): chmod 600 ${open}`);
  });

  const pair = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength });
  const pemOf = (bits: number) => pair(bits).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const encrypted = () =>
    pair(2048)
      .privateKey.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();
  const curve = () =>
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'sec1', format: 'pem' })
      .toString();

  test.each([
    ['an EC key', curve, 'ErrGitHubBadKey', 'is of type ec, not RSA'],
    ['a key of 1024 bits', () => pemOf(1024), 'ErrGitHubBadKey', 'has 1024 bits, fewer than 2048'],
    ['an encrypted PEM', encrypted, 'ErrGitHubBadKey', 'is encrypted with a passphrase'],
    ['an empty file', () => '', 'ErrGitHubBadKey', 'is empty'],
    ['another file', () => 'hello\n', 'ErrGitHubBadKey', 'is not a PEM file'],
    ['a key cut off', () => key.pem.slice(0, 500), 'ErrGitHubBadKey', 'cannot be read (it is cut off'],
    [
      'a key of another App',
      () => pemOf(2048),
      'ErrGitHubKeyOfAnotherApp',
      'does not accept the private key',
    ],
  ])('%s is refused by name, and nothing is written', async (_name, text, code, message) => {
    const pem = text();
    const path = await scene.file('bad.pem', pem);
    const { stdout, stderr, ...result } = await scene.configure([
      ...['--app-client-id', app.client_id, '--private-key-file', path, '--account', 'my-org'],
    ]);
    expect(result.code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain(`(${code})`);
    expect(leaked(stdout + stderr, pem)).toEqual([]);
    expect(await scene.stored()).toEqual({});
  });

  test.each([
    ['missing.pem', 'there is no such file'],
    ['folder', 'is not in a file'],
  ])('a path that is no file is named: %s', async (name, message) => {
    await mkdir(join(scene.world.dir, 'folder'), { recursive: true });
    const path = join(scene.world.dir, name);
    const { code, stderr } = await scene.configure([
      ...['--app-client-id', app.client_id, '--private-key-file', path, '--account', 'my-org'],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(path);
    expect(stderr).toContain(message);
  });

  test.each([
    [['--app-client-id', 'Iv23liNoSuchApp00000'], 'ErrGitHubKeyOfAnotherApp', 'Iv23liNoSuchApp00000'],
    [['--account', 'other-org'], 'ErrGitHubInstallationMissing', "not installed on 'other-org'"],
    [['--account', 'no-such-account'], 'ErrGitHubInstallationMissing', "not installed on 'no-such-account'"],
    [['--installation-id', '999'], 'ErrGitHubInstallationMissing', 'has no installation 999; it has 5'],
  ])('%j is refused, and nothing is written', async (args, code, message) => {
    const rest = args[0] === '--app-client-id' ? ['--account', 'my-org'] : ['--app-client-id', app.client_id];
    const result = await scene.configure([...rest, ...args, '--private-key-file', key.path]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`(${code})`);
    expect(result.stderr).toContain(message);
    expect(await scene.stored()).toEqual({});
  });

  test('an installation that is not of that account is refused by both names', async () => {
    const id = await scene.installationId('my-user');
    const { code, stderr } = await scene.configure([
      ...flags(),
      ...['--account', 'my-org', '--installation-id', id],
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain(`Installation ${id} belongs to 'my-user', not to 'my-org'`);
    expect(await scene.stored()).toEqual({});
  });

  test('a suspended installation is refused until it is not any more', async () => {
    await scene.onGitHub('PATCH', '/installations/my-org', { suspended: true });
    const refused = await scene.configure([...flags(), '--account', 'my-org']);
    await scene.onGitHub('PATCH', '/installations/my-org', { suspended: false });
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(ErrGitHubInstallationSuspended)'),
    });
    expect(await scene.stored()).toEqual({});
    expect(await scene.configure([...flags(), '--account', 'my-org'])).toMatchObject({ code: 0 });
  });

  test('a host is stored once, before the client id; github.com is what no host means', async () => {
    const host = 'github.example.com';
    const first = await scene.configure([
      ...flags(),
      '--account',
      'my-org',
      '--hostname',
      'GitHub.Example.com',
    ]);
    const order = [...first.stderr.matchAll(/… \/km\/config\/github\/(\S+)/g)].map(([, name]) => name);
    expect(order.slice(0, 3)).toEqual(['private-key', 'host', 'app-client-id']);
    expect(await scene.stored()).toMatchObject({ host });
    expect(await scene.configure([...flags(), '--hostname', host])).toMatchObject({ code: 0 });
    const other = await scene.configure([...flags(), '--hostname', 'example.ghe.com']);
    expect(other).toMatchObject({
      code: 1,
      stdout: expect.stringContaining(`${host} is stored and was left`),
    });
    expect(await scene.configure([...flags(), '--hostname', 'github.com', '--force'])).toMatchObject({
      code: 0,
    });
    expect(await scene.stored()).not.toHaveProperty('host');
  });

  test('another platform’s App is stored under its own prefix', async () => {
    const { code, stdout } = await scene.configure([
      ...flags(),
      ...['--account', 'my-org', '--prefix', 'team', '--dry-run', '--json'],
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).values[0].parameter).toBe('/team/config/github/private-key');
  });
});

describe('with an App stored', () => {
  let stored: Record<string, string>;

  beforeAll(async () => {
    await scene.forget();
    await scene.configure([
      ...['--app-client-id', app.client_id, '--private-key-file', key.path, '--discover'],
    ]);
    stored = await scene.stored();
  });

  test('without anything to do it is checked', async () => {
    const { code, stdout } = await scene.configure([]);
    expect(code).toBe(0);
    expect(stdout).toContain(`id ${app.id}`);
    expect(await scene.stored()).toEqual(stored);
  });

  test('an operator without an administrator’s rights is told whose work it is', async () => {
    const env = await scene.world.environment();
    const { code, stderr } = await scene.world.km(['configure', 'github', '--discover'], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /AccessDeniedException: .*\(ErrAws\)\n→ Run it as an administrator of the account/,
    );
  });

  test('its App id may be given for its client id, and is shown as another value without --force', async () => {
    const { code, stdout, stderr } = await scene.configure(['--app-client-id', String(app.id)]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${app.client_id} is stored and was left; given: ${app.id}`);
    expect(stderr).toContain('--force');
    expect(await scene.stored()).toEqual(stored);
  });

  test('another key of it is shown by its fingerprint and left; --force puts it in its place', async () => {
    const next = await scene.newKey('next.pem');
    const left = await scene.configure(['--private-key-file', next.path]);
    expect(left.code).toBe(1);
    expect(left.stdout).toContain(`${key.fingerprint} is stored and was left; given: ${next.fingerprint}`);
    expect(leaked(left.stdout + left.stderr, next.pem)).toEqual([]);
    expect(await scene.stored()).toEqual(stored);
    expect(await scene.configure(['--private-key-file', next.path, '--force'])).toMatchObject({ code: 0 });
    expect((await scene.configure(['--private-key-file', next.path])).code).toBe(0);
    await scene.configure(['--private-key-file', key.path, '--force']);
  });

  test('another entry of the account is left without --force, and that of another account always', async () => {
    await scene.put('installations/my-org', '777');
    const id = await scene.installationId('my-org');
    const left = await scene.configure(['--account', 'my-org']);
    expect(left.code).toBe(1);
    expect(left.stdout).toContain(`777 is stored and was left; given: ${id}`);
    const wrong = await scene.configure(['--account', 'my-user', '--installation-id', id, '--force']);
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('ErrGitHubInstallationMismatch'),
    });
    expect((await scene.stored())['installations/my-org']).toBe('777');
    expect(await scene.configure(['--account', 'my-org', '--force'])).toMatchObject({ code: 0 });
    expect((await scene.stored())['installations/my-org']).toBe(id);
    expect((await scene.stored())['installations/my-user']).toBe(stored['installations/my-user']);
  });
});

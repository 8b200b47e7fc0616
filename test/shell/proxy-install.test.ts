import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installScript } from '../../lib/sandbox/install-script.ts';
import { proxyKit } from '../../lib/sandbox/proxy-kit.ts';
import { readKit } from '../../lib/sandbox/sandbox-kit.ts';
import { policyText, run } from './scripts.ts';

const SCRIPTS = resolve(import.meta.dirname, '../../scripts');
const GITHUB = { git: 'https://github.com', api: 'https://api.github.com' };
const POLICY = `${policyText({ refs: ['main'] })}api https://api.github.com\npermission contents write\n`;

let dir: string;
let root: string;
let env: Record<string, string>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'km-proxy-install-'));
  root = join(dir, 'root');
  const bin = join(dir, 'bin');
  await mkdir(bin);
  await mkdir(join(root, 'etc'), { recursive: true });
  await writeFile(join(bin, 'km'), '#!/bin/sh\n');
  await chmod(join(bin, 'km'), 0o755);
  env = { KM_ROOT: root, PATH: `${bin}:${process.env.PATH ?? ''}`, HOME: dir };
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const script = async (policy = POLICY): Promise<string> => {
  const kit = proxyKit({
    proxy: await readKit(join(SCRIPTS, 'proxy')),
    sandbox: await readKit(join(SCRIPTS, 'sandbox')),
    github: GITHUB,
  });
  return installScript({ kit, policy, git: GITHUB.git, format: 'sh' });
};

const install = async (policy?: string) => run('bash', ['-s'], { input: await script(policy), env });
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const filesBelow = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .sort();

test('the proxy runs as a user of its own, from the installed policy, after the firewall rules', async () => {
  expect(await install()).toMatchObject({ status: 0, stderr: '' });
  const unit = await read('etc/systemd/system/km-proxy.service');
  const target = `${root}/usr/local/lib/km-proxy`;
  expect(unit).toContain(
    `\nExecStart=${dir}/bin/km proxy --policy ${target}/policy --listen 127.0.0.1:3128 --any-user `,
  );
  expect(unit).toMatch(/^User=km-proxy$/m);
  expect(unit).toMatch(/^Requires=km-proxy-rules.service$/m);
  expect(unit).not.toContain('@KM@');
  expect(await read('etc/systemd/system/km-proxy-rules.service')).toContain(`nft -f ${target}/rules.nft`);
  expect(await read('usr/local/lib/km-proxy/policy')).toBe(POLICY);
});

test('shells and what PAM starts find the proxy and its CA, and git by its own configuration too', async () => {
  await install();
  const asked = 'source "$1"; printf "%s %s %s" "$https_proxy" "$GIT_SSL_CAINFO" "$GH_TOKEN"';
  const shell = await run('bash', ['-c', asked, '-', join(root, 'etc/profile.d/km-proxy.sh')], { env: {} });
  expect(shell.stdout).toBe(
    'http://127.0.0.1:3128 /var/lib/km-proxy/trust/bundle.pem km-proxy-puts-the-token-on',
  );
  expect(await read('etc/environment')).toContain('\nHTTPS_PROXY=http://127.0.0.1:3128\n');
  const git = await run('git', ['config', '--get-urlmatch', 'http.proxy', 'https://github.com'], {
    env: { ...env, GIT_CONFIG_SYSTEM: join(root, 'etc/gitconfig') },
  });
  expect(git.stdout).toBe('http://127.0.0.1:3128\n');
});

test('installing again changes nothing, and --uninstall leaves what was there before', async () => {
  await writeFile(join(root, 'etc/environment'), 'LANG=C.UTF-8\n');
  await writeFile(join(root, 'etc/gitconfig'), '[user]\n\tname = a\n');
  await install();
  const before = await Promise.all((await filesBelow(root)).map(async (name) => [name, await read(name)]));
  expect(await install()).toMatchObject({ status: 0, stderr: '' });
  expect(await Promise.all((await filesBelow(root)).map(async (name) => [name, await read(name)]))).toEqual(
    before,
  );
  expect(await run(join(root, 'usr/local/lib/km-proxy/install'), ['--uninstall'], { env })).toMatchObject({
    status: 0,
    stderr: '',
  });
  expect(await filesBelow(root)).toEqual(['/etc/environment', '/etc/gitconfig']);
  expect(await read('etc/environment')).toBe('LANG=C.UTF-8\n');
  expect(await read('etc/gitconfig')).toBe('[user]\n\tname = a\n');
});

test('a policy that is none installs nothing', async () => {
  const { status, stderr } = await install(`${POLICY}allow all\n`);
  expect(status).toBe(1);
  expect(stderr).toContain('[km] Nothing was installed.');
  expect(await filesBelow(root)).toEqual([]);
});

test('without km on the machine it says so and installs nothing', async () => {
  const bin = join(dir, 'tools');
  await mkdir(bin);
  for (const tool of ['bash', 'mktemp', 'mkdir', 'dirname', 'base64', 'chmod', 'rm', 'cat', 'git']) {
    const { stdout } = await run('bash', ['-c', `type -P ${tool}`], { env });
    await symlink(stdout.trim(), join(bin, tool));
  }
  env = { ...env, PATH: bin };
  expect(await install()).toMatchObject({
    status: 1,
    stderr: '[km] km is not installed: put it on the PATH of root, readable by every user.\n',
  });
  expect(await filesBelow(root)).toEqual([]);
});

const has = async (tool: string): Promise<boolean> =>
  (await run('sh', ['-c', `command -v ${tool}`])).status === 0;

test.runIf(await has('shellcheck'))('shellcheck finds nothing in the installer', async () => {
  expect(await run('shellcheck', ['-x', join(SCRIPTS, 'proxy', 'install')], { cwd: '/' })).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
});

test.runIf(await has('systemd-analyze'))('systemd takes both units as they stand', async () => {
  const units = ['km-proxy.service', 'km-proxy-rules.service'].map((name) => join(dir, name));
  for (const unit of units) {
    const text = await readFile(join(SCRIPTS, 'proxy', unit.slice(dir.length + 1)), 'utf8');
    // The tools are not on every machine that runs the tests.
    await writeFile(unit, text.replaceAll('@KM@', '/bin/true').replace(/\/usr\/sbin\/nft/g, '/bin/true'));
  }
  const { stdout, stderr } = await run('systemd-analyze', ['verify', ...units], {
    env: { PATH: env.PATH ?? '' },
  });
  expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('km-proxy'))).toEqual([]);
});

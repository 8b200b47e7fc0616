import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type EnvironmentOptions, sandboxEnvironment } from '../../lib/sandbox/sandbox-environment.ts';

const options = (caller: Record<string, string>): EnvironmentOptions => ({
  id: 'sb-0123abcd',
  region: 'eu-west-1',
  caller,
  home: '/sandbox/home',
  kit: '/sandbox/kit',
  gitConfig: [['credential.useHttpPath', 'true']],
  credentials: { url: 'http://127.0.0.1:4000/credentials', authorization: 'opens-only-this' },
  github: { git: 'https://github.com', api: 'https://api.github.com' },
});

test.each([
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_ENDPOINT_URL_SSM',
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'GH_ENTERPRISE_TOKEN',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_PARAMETERS',
  'GIT_SSH_COMMAND',
  'SSH_AUTH_SOCK',
  'NPM_TOKEN',
  'BASH_ENV',
  'LD_PRELOAD',
  'NODE_OPTIONS',
])("the caller's %s does not reach the sandbox", (name) => {
  const env = sandboxEnvironment(options({ [name]: 'of-the-caller' }));
  expect(Object.values(env)).not.toContain('of-the-caller');
});

test.each(['PATH', 'TERM', 'LANG', 'LC_ALL', 'TZ', 'NO_COLOR', 'SSL_CERT_FILE'])(
  "the caller's %s is passed on",
  (name) => {
    expect(sandboxEnvironment(options({ [name]: 'value' }))).toHaveProperty(name, 'value');
  },
);

test('a proxy is passed on, unless its address holds a credential', () => {
  const env = sandboxEnvironment(
    options({ HTTPS_PROXY: 'http://proxy:3128', http_proxy: 'http://user:word@proxy:3128' }),
  );
  expect(env).toHaveProperty('HTTPS_PROXY', 'http://proxy:3128');
  expect(env).not.toHaveProperty('http_proxy');
});

test('it has its own home, git settings that outrank a repo, and no way to the machine credentials', () => {
  expect(sandboxEnvironment(options({ HOME: '/home/operator' }))).toMatchObject({
    HOME: '/sandbox/home',
    GIT_ASKPASS: '/sandbox/kit/km-git-askpass',
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_1: 'credential.useHttpPath',
    GIT_CONFIG_VALUE_1: 'true',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:4000/credentials',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
});

test("a helper of the machine's git configuration, such as a keychain, is not asked for any host", () => {
  const folder = mkdtempSync(join(tmpdir(), 'km-environment-'));
  try {
    const system = join(folder, 'gitconfig');
    writeFileSync(
      system,
      '[credential]\n\thelper = "!echo username=operator; echo password=of-the-operator;:"\n',
    );
    const fill = (env: Record<string, string>) =>
      spawnSync('git', ['credential', 'fill'], {
        cwd: folder,
        input: 'protocol=https\nhost=git.example.com\n\n',
        env: { ...env, GIT_CONFIG_SYSTEM: system, HOME: folder, GIT_TERMINAL_PROMPT: '0' },
        encoding: 'utf8',
      });
    expect(fill({ PATH: process.env.PATH ?? '' }).stdout).toContain('of-the-operator');
    expect(fill(sandboxEnvironment(options({ PATH: process.env.PATH ?? '' }))).stdout).toBe('');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const hasSsh = spawnSync('ssh', ['-V']).error === undefined;

test.runIf(hasSsh)(
  "git over SSH uses neither the caller's keys and agent nor their configuration, which ssh finds without HOME",
  () => {
    const { GIT_SSH_COMMAND = '' } = sandboxEnvironment(options({}));
    const { stdout } = spawnSync('sh', ['-c', `${GIT_SSH_COMMAND} -G git@ssh.github.com`], {
      encoding: 'utf8',
    });
    expect(stdout.split('\n').filter((line) => /^identity(?:file|agent) /.test(line))).toEqual([
      'identityagent none',
      'identityfile none',
    ]);
  },
);

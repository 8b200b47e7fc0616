import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Result, run } from './harness.ts';
import { ProxyProcess } from './proxy-process.ts';
import { PROFILE, ProxiedSandbox, SECRET } from './proxy-scene.ts';

const REPO = 'https://github.com/my-user/my-repo';
const API = 'https://api.github.com/repos/my-user/my-repo';
const AWS_CREDENTIAL = /AWS_(?:ACCESS|SECRET|SESSION|CONTAINER)\w*=./;
const NOT_ISSUED = '[km] This credential was not issued by km to this sandbox.';

let sandbox: ProxiedSandbox;

beforeAll(async () => {
  sandbox = await ProxiedSandbox.start();
});

afterAll(() => sandbox[Symbol.asyncDispose]());

/** Command lines and environments of the processes that mention this world, as one in the sandbox could read them. */
function processesOf(dir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'latin1') + readFileSync(`/proc/${pid}/environ`, 'latin1')
        );
      } catch {
        // One that has ended meanwhile, or is another user's.
        return '';
      }
    })
    .filter((text) => text.includes(dir));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

test.skipIf(process.platform !== 'linux')(
  'while it clones, pushes and asks, no credential is in an environment, a command line, a file or an output',
  async () => {
    const seen = new Set<string>();
    let itsOwn = 0;
    const watching = setInterval(() => {
      for (const text of processesOf(sandbox.world.dir)) {
        const isItsOwn = text.includes(`KM_SANDBOX_ID=${sandbox.id}`);
        itsOwn += isItsOwn ? 1 : 0;
        const [secret] = SECRET.exec(text) ?? (isItsOwn ? AWS_CREDENTIAL.exec(text) : null) ?? [];
        if (secret) seen.add(secret);
      }
    }, 5);
    const { code, stdout, stderr } = await sandbox
      .sh(`
git clone -q ${REPO} repo && cd repo && git commit -q --allow-empty -m x
GIT_TRACE=1 GIT_TRACE_CURL=1 GIT_TRACE_REDACT=0 git push origin HEAD:main
curl -sSv ${API} -o /dev/null
env; set; cat .git/config ~/.gitconfig; git config --list; ls -a ~
cat "$GIT_SSL_CAINFO" "$NODE_EXTRA_CA_CERTS"`)
      .finally(() => clearInterval(watching));
    expect(code).toBe(0);
    expect(stderr).toContain('HEAD -> main');
    expect(stdout + stderr).not.toMatch(SECRET);
    expect(stdout + stderr).not.toMatch(/authorization: /i);
    expect(stdout.match(/^AWS_\w+/gm)?.filter((name) => name !== 'AWS_EC2_METADATA_DISABLED')).toEqual([]);
    expect(itsOwn).toBeGreaterThan(10);
    expect([...seen]).toEqual([]);
    const holding: string[] = [];
    for (const file of await filesBelow(sandbox.world.dir)) {
      if (SECRET.test(await readFile(file, 'latin1'))) holding.push(file);
    }
    expect(holding).toEqual([]);
  },
);

test('nothing leads it to a token: no role, no helper, no parameter', async () => {
  const { AWS_ENDPOINT_URL = '' } = await sandbox.world.environment();
  const script = `
printf 'protocol=https\\nhost=github.com\\npath=my-user/my-repo\\n\\n' | git credential fill || echo no credential
compgen -v | grep -E '^AWS_(ACCESS|SECRET|SESSION|CONTAINER|WEB|ROLE|PROFILE)' || echo no role
curl -sS -o /dev/null -w '%{http_code}\\n' --noproxy '*' -X POST ${AWS_ENDPOINT_URL} -H 'x-amz-target: AmazonSSM.GetParameter' -H 'content-type: application/x-amz-json-1.1' -d '{"Name":"/sandbox/${sandbox.id}/github-token","WithDecryption":true}'
curl -sS -o /dev/null -w '%{http_code}\\n' -X POST ${AWS_ENDPOINT_URL} -d '{}'`;
  const { stdout } = await sandbox.sh(script);
  expect(stdout).toMatch(/^no credential\nno role\n4\d\d\n403\n$/);
  // With its role, which it has without the proxy, the same sandbox has a way to it.
  const bare = await sandbox.world.exec(sandbox.id, ['bash', '-c', script]);
  expect(bare.stdout).toMatch(/AWS_CONTAINER/);
});

test('the log names what was decided, and neither a credential nor a query', async () => {
  await sandbox.sh(`
git clone -q https://x-access-token:ghp_${'a'.repeat(36)}@github.com/my-org/private-repo
curl -sS -H 'authorization: Bearer ghp_${'b'.repeat(36)}' '${API}/commits?per_page=1&secret=hidden'
curl -sS '${API}?access_token=ghp_${'c'.repeat(36)}'
curl -sS -H 'x-api-key: hidden' https://api.github.com/search/code?q=hidden`);
  const entries = await sandbox.log();
  const denied = await sandbox.log('--denied');
  expect(denied).toEqual(entries.filter(({ verdict }) => verdict === 'denied'));
  expect(denied.slice(-3).map(({ rule, path }) => `${rule} ${path}`)).toEqual([
    'repo /my-org/private-repo/info/refs',
    'credential /repos/my-user/my-repo',
    'route /search/code',
  ]);
  expect(entries.slice(-3)[0]).toMatchObject({
    verdict: 'allowed',
    path: '/repos/my-user/my-repo/commits',
    repo: 'my-user/my-repo',
    status: 200,
  });
  for (const args of [[], ['--json'], ['--denied']]) {
    const { stdout } = await sandbox.world.km(['proxy', 'log', sandbox.id, ...args]);
    expect(stdout).toContain('/search/code');
    expect(stdout).not.toMatch(/gh[sp]_|hidden|per_page|\?/);
  }
});

test('without injection git works with the token of the sandbox, and with no other', async () => {
  const other = await sandbox.beside(PROFILE);
  const tokenOf = async ({ id }: ProxiedSandbox) =>
    (await sandbox.world.json<{ token: string }>(['token', id])).token;
  const [token, others] = [await tokenOf(sandbox), await tokenOf(other)];
  await using proxy = await ProxyProcess.start(sandbox.world, ['--sandbox', sandbox.id, '--no-inject']);
  const git = async (password: string | undefined, script: string): Promise<Result> =>
    run('bash', ['-c', script], {
      cwd: await sandbox.folder(),
      env: {
        ...proxy.environment(),
        ...(password === undefined
          ? {}
          : {
              PASSWORD: password,
              GIT_CONFIG_COUNT: '1',
              GIT_CONFIG_KEY_0: 'credential.helper',
              GIT_CONFIG_VALUE_0: '!f() { echo username=x-access-token; echo "password=$PASSWORD"; }; f',
            }),
      },
    });
  const pushed = await git(
    token,
    `git clone -q ${REPO} repo && cd repo && git commit -q --allow-empty -m own && git push -q origin HEAD:main && git push origin HEAD:refs/heads/dev`,
  );
  expect(pushed.code).toBe(1);
  expect(pushed.stderr).toContain("[km] Push to 'dev' denied");
  for (const password of [others, `ghp_${'x'.repeat(36)}`]) {
    const { code, stderr } = await git(password, `git clone -q ${REPO} repo`);
    expect(code).toBe(128);
    expect(stderr).toMatch(
      password === '' ? /fatal/ : /This credential was not issued by km to this sandbox/,
    );
  }
  const none = await git(undefined, `git clone -q ${REPO} repo`);
  expect(none.stderr).toMatch(/could not read Username|terminal prompts disabled/);

  const status = async (authorization: string): Promise<string> =>
    (await run('curl', ['-sS', '-H', `authorization: ${authorization}`, API], { env: proxy.environment() }))
      .stdout;
  expect(await status(`token ${token}`)).toContain('"full_name"');
  expect(await status(`Bearer ${others}`)).toContain(NOT_ISSUED);
  expect(JSON.stringify(await sandbox.log())).not.toMatch(SECRET);
});

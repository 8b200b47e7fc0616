import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProxiedSandbox } from './proxy-scene.ts';

const REPO = 'https://github.com/my-user/my-repo';
const DENIED = "[km] Push to 'dev' denied -- not in allowedRefs: main release/* refs/tags/v*";

let sandbox: ProxiedSandbox;

beforeAll(async () => {
  sandbox = await ProxiedSandbox.start();
});

afterAll(() => sandbox[Symbol.asyncDispose]());

/** Pushes to a ref that is allowed and to one that is not, with whatever settings a script makes in the clone before. */
const pushBoth = (settings: string, push = 'git push -q') =>
  sandbox.sh(`
git clone -q ${REPO} repo && cd repo && git commit -q --allow-empty -m x || exit 99
${settings}
${push} origin HEAD:refs/heads/release/settings-$RANDOM$RANDOM; echo "allowed $?"
${push} --no-verify origin HEAD:refs/heads/dev; echo "denied $?"`);

test.each([
  ['--no-verify', '', 'git push -q --no-verify'],
  [
    'core.hooksPath unset',
    'git config --unset-all core.hooksPath',
    'env -u GIT_CONFIG_COUNT git -c core.hooksPath=/dev/null -c credential.helper= push -q',
  ],
  ['no settings of the environment', '', 'env -u GIT_CONFIG_COUNT git push -q'],
  ["another proxy in the repo's own config", 'git config http.proxy http://127.0.0.1:9'],
  ['certificates not looked at', 'git config http.sslVerify false'],
  ['HTTP/2 wanted', 'git config http.version HTTP/2'],
  ['a small buffer', 'git config http.postBuffer 1'],
  ['a header with a credential', 'git config http.extraHeader "Authorization: Bearer ghp_mine"'],
  ['a cookie', 'git config http.extraHeader "Cookie: user_session=mine"'],
  ['a credential in the URL', 'git remote set-url origin https://x:ghp_mine@github.com/my-user/my-repo.git'],
  ['another spelling of the remote', 'git remote set-url origin ssh://git@github.com/My-User/My-Repo.git'],
])('with %s an allowed ref is pushed, and another one refused', async (_, settings, push?: string) => {
  const { stdout, stderr } = await pushBoth(settings, push);
  expect(stdout).toBe('allowed 0\ndenied 1\n');
  expect(stderr).toContain(`! [remote rejected] HEAD -> dev (${DENIED})`);
});

test("the repo's own credential helper and askpass are never asked, and keep nothing", async () => {
  const { stdout, stderr } = await pushBoth(`
helper() { printf '#!/bin/sh\\necho "$0 $*" >>%s/asked\\ncat >>%s/asked\\necho password=mine\\n' "$PWD/.." "$PWD/.." >"../$1"; chmod +x "../$1"; }
helper helper && helper askpass
git config credential.helper "$PWD/../helper"
git config credential.https://github.com.helper "$PWD/../helper"
git config core.askPass "$PWD/../askpass"
export GIT_ASKPASS="$PWD/../askpass"`);
  expect(stdout).toBe('allowed 0\ndenied 1\n');
  expect(stderr).toContain(DENIED);
  const asked = await sandbox.sh('find .. -name asked');
  expect(asked.stdout).toBe('');
});

test.each([
  [
    'another repo',
    'https://github.com/my-org/private-repo',
    /^remote: \[km\] my-org\/private-repo is not in allowedRepos/m,
  ],
  ['another host', 'https://git.example.com/my-user/my-repo', /CONNECT tunnel failed, response 403/],
  ['an address', 'https://169.254.169.254/my-user/my-repo', /CONNECT tunnel failed, response 403/],
  ['plain HTTP', 'http://github.com/my-user/my-repo', /^remote: \[km\] .*TLS/m],
])('an insteadOf that leads to %s leads to a refusal', async (_, url, why) => {
  const { stdout, stderr } = await pushBoth(`git config url.${url}.insteadOf ${REPO}`);
  expect(stdout).toBe('allowed 128\ndenied 128\n');
  expect(stderr).toMatch(why);
});

test('a client that does not trust the CA of the proxy is not let past it', async () => {
  const { code, stderr } = await sandbox.sh(
    `env -i PATH="$PATH" HOME="$HOME" https_proxy="$https_proxy" GIT_TERMINAL_PROMPT=0 git clone -q ${REPO} repo`,
  );
  expect(code).toBe(128);
  expect(stderr).toMatch(/certificate/);
});

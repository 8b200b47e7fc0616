import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProxiedSandbox } from './proxy-scene.ts';

const REPO = 'https://github.com/my-user/my-repo';

let sandbox: ProxiedSandbox;

beforeAll(async () => {
  sandbox = await ProxiedSandbox.start();
  const { code, stderr } = await sandbox.sh(`
set -e
git clone -q ${REPO} repo && cd repo
for n in 1 2 3; do echo "content $n" >file$n; git add . && git commit -qm "commit $n"; done
git tag light && git tag -a -m annotated v1
git push -q origin HEAD:main HEAD~1:refs/heads/release/1 v1`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

afterAll(() => sandbox[Symbol.asyncDispose]());

test.each([0, 1, 2])('git clones, fetches and pushes over protocol v%i', async (version) => {
  const { code, stdout, stderr } = await sandbox.sh(`
set -e
export GIT_TRACE_PACKET="$PWD/trace"
git="git -c protocol.version=${version}"
$git clone -q ${REPO} repo && cd repo
git log --format=%s origin/main~2..origin/main
git commit -q --allow-empty -m "by v${version}"
$git push -q origin HEAD:refs/heads/release/v${version}
$git fetch -q && git rev-parse --verify -q origin/release/v${version} >/dev/null
git fsck --strict 2>/dev/null
grep -q '< version ${version}' ../trace && echo spoken || echo not spoken`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  // v0 is what is spoken when nobody says a version.
  expect(stdout).toBe(`commit 3\ncommit 2\n${version === 0 ? 'not spoken' : 'spoken'}\n`);
});

test('a shallow clone is deepened, pushes, and is made whole', async () => {
  const { code, stdout, stderr } = await sandbox.sh(`
set -e
git clone -q --depth 1 ${REPO} repo && cd repo
git rev-list --count HEAD
echo shallow >shallow && git add . && git commit -qm shallow
git push -q origin HEAD:release/shallow
git push -q origin HEAD:main
git fetch -q --deepen 1 && git rev-list --count HEAD
git fetch -q --unshallow && git rev-list --count HEAD
git rev-parse HEAD origin/main | uniq | wc -l
git push -q origin HEAD~1:refs/heads/release/behind && git push -q origin HEAD:release/behind
git fsck --strict 2>/dev/null`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.replaceAll(' ', '')).toBe('1\n3\n5\n1\n');
});

test('a partial clone fetches what it lacks when it is needed', async () => {
  const { code, stdout, stderr } = await sandbox.sh(`
set -e
git clone -q --no-checkout --filter=blob:none ${REPO} repo && cd repo
git rev-list --objects --missing=print v1 | grep -c '^?'
git show v1:file1
git rev-list --objects --missing=print v1 | grep -c '^?'
git clone -q --filter=tree:0 ${REPO} ../treeless && cat ../treeless/file2`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe('4\ncontent 1\n3\ncontent 2\n');
});

test('a clone of one branch holds that branch alone, one of a tag stands at it', async () => {
  const { code, stdout } = await sandbox.sh(`
git clone -q --single-branch --branch release/1 ${REPO} one
git -C one for-each-ref --format='%(refname)' refs/remotes
git -C one log -1 --format=%s
git clone -q --depth 1 --branch v1 ${REPO} tagged 2>/dev/null && git -C tagged describe
git clone -q --mirror ${REPO} mirror && git -C mirror fsck --strict 2>/dev/null`);
  expect(code).toBe(0);
  expect(stdout).toBe('refs/remotes/origin/release/1\ncommit 2\nv1\n');
});

test('a submodule of an allowed repo comes along, one of another repo is refused', async () => {
  const { code, stdout, stderr } = await sandbox.sh(`
git clone -q ${REPO} repo && cd repo && git switch -qc release/modules
git submodule --quiet add https://github.com/my-org/another-repo allowed
git config -f .gitmodules submodule.private.path private
git config -f .gitmodules submodule.private.url https://github.com/my-org/private-repo
git update-index --add --cacheinfo "160000,$(git rev-parse HEAD),private"
git add .gitmodules && git commit -qm modules && git push -q origin release/modules || exit 9
cd .. && git clone -q --branch release/modules ${REPO} whole && cd whole
git submodule --quiet update --init allowed && ls allowed
git submodule --quiet update --init private; echo "status $?"; ls private`);
  expect(code).toBe(0);
  expect(stdout).toBe('README.md\nstatus 1\n');
  expect(stderr).toContain('remote: [km] my-org/private-repo is not in allowedRepos');
  expect(stderr).toContain('The requested URL returned error: 403');
});

test.each([
  ['under its name', 'https://github.com/my-org/private-repo'],
  ['by ssh, which is https here', 'git@github.com:my-org/private-repo.git'],
  ['with a credential in the URL', 'https://x-access-token:ghp_mine@github.com/my-org/private-repo.git'],
  ['of which nobody knows whether it exists', 'https://github.com/nobody/nothing'],
  ['that is the wiki of an allowed one', `${REPO}.wiki.git`],
])('a repo %s is not cloned', async (_, url) => {
  const { code, stderr } = await sandbox.sh(`git clone -q ${url} repo`);
  expect(code).toBe(128);
  expect(stderr).toMatch(/^remote: \[km\] \S+ is (?:not in allowedRepos|a wiki, .*)\n/);
  const [entry] = (await sandbox.log('--denied')).slice(-1);
  expect(entry).toMatchObject({ verdict: 'denied', rule: 'repo', host: 'github.com', method: 'GET' });
});

test('a host that is not GitHub is not reached', async () => {
  const { code, stderr } = await sandbox.sh('git clone -q https://gitlab.com/my-user/my-repo repo');
  expect(code).toBe(128);
  expect(stderr).toContain('CONNECT tunnel failed, response 403');
});

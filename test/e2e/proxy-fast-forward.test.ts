import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROFILE, ProxiedSandbox } from './proxy-scene.ts';

const REPO = 'https://github.com/my-user/my-repo';
const FORCED = (name: string): string =>
  `[km] Forced push to '${name}' denied -- allowForcePushes is not set`;

let sandbox: ProxiedSandbox;
let forcing: ProxiedSandbox;

/** Two clones, `a` and `b`, of a branch of the test's own with one commit on it. */
const inClones = (branch: string, script: string, of = sandbox) =>
  of.sh(`
git clone -q ${REPO} a && git -C a switch -qc ${branch} || exit 99
commit() { echo "$RANDOM" >"$2" && git add . && git commit -qm "$1"; }
at() { git ls-remote origin "$1" | cut -f1; }
cd a && commit base base && git push -q -u origin ${branch} || exit 99
git clone -q --branch ${branch} ${REPO} ../b
${script}`);

beforeAll(async () => {
  sandbox = await ProxiedSandbox.start();
  forcing = await sandbox.beside(PROFILE.replace('permissions', 'allowForcePushes: true\n      permissions'));
});

afterAll(() => sandbox[Symbol.asyncDispose]());

test('origin merged into what is local is pushed as the fast-forward that it is', async () => {
  const { code, stdout, stderr } = await inClones(
    'release/merge',
    `set -e
(cd ../b && commit theirs theirs && git push -q origin HEAD)
commit ours ours && commit more more
git push -q origin HEAD 2>/dev/null && echo pushed || echo behind
git pull -q --no-rebase --no-edit && git push -q origin HEAD
test "$(at release/merge)" = "$(git rev-parse HEAD)" && git log -1 --format=%s`,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^behind\nMerge branch 'release\/merge'/);
});

test('what was rebased onto origin is pushed, several commits on, and an octopus of branches', async () => {
  const { code, stderr } = await inClones(
    'release/rebase',
    `set -e
(cd ../b && commit theirs theirs && git push -q origin HEAD)
commit ours ours && git pull -q --rebase && git push -q origin HEAD
for n in 1 2 3; do git switch -qc "side$n" release/rebase && commit "$n" "side$n"; done
git switch -q release/rebase && commit own own
git merge -q --no-edit side1 side2 side3 >/dev/null && git push -q origin HEAD
test "$(at release/rebase)" = "$(git rev-parse HEAD)"`,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('a branch is moved on to a commit that the remote has on another branch already', async () => {
  const { code, stderr } = await inClones(
    'release/one',
    `set -e
commit two two && commit three three
git push -q origin HEAD:refs/heads/release/two
git push -q origin HEAD:release/one
test "$(at release/one)" = "$(git rev-parse HEAD)"
git push -q origin HEAD:refs/heads/release/three HEAD~1:refs/heads/release/four
git push -q origin HEAD:release/four
# By a client that fetched nothing but the tip.
git clone -q --depth 1 --branch release/two ${REPO} ../c && cd ../c
commit four four && git push -q origin HEAD:release/one`,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test.each([
  ['back', 'git reset -q --hard HEAD~1 && git push -q --force origin HEAD'],
  ['to an amended commit', 'git commit -q --amend -m again && git push -q --force origin HEAD'],
  ['to another history', 'git switch -q --orphan x && commit x x && git push -q origin +HEAD:release/forced'],
  ['with a lease', 'git commit -q --amend -m again && git push -q --force-with-lease origin HEAD'],
  ['back past one that only the remote has', 'git push -q --force origin HEAD~1:release/forced'],
  [
    'as a mirror',
    'git fetch -q --tags && git reset -q --hard HEAD~1 && git push -q --force origin "refs/heads/release/*"',
  ],
])('a branch is not moved %s', async (_, script) => {
  const { stdout, stderr } = await inClones(
    'release/forced',
    `commit next next && git push -q origin HEAD || exit 99
before="$(at release/forced)"
${script}
echo "status $?"
test "$(at release/forced)" = "$before" && echo unchanged`,
  );
  expect(stdout).toBe('status 1\nunchanged\n');
  expect(stderr).toContain(FORCED('release/forced'));
  // The next one begins anew with a branch of the name.
  await forcing.sh(`git clone -q ${REPO} a && cd a && git push -q -f origin HEAD:release/forced`);
  const [entry] = (await sandbox.log('--denied')).slice(-1);
  expect(entry).toMatchObject({ rule: 'force', repo: 'my-user/my-repo' });
});

test('a forced push goes through where the profile allows it, to its refs', async () => {
  const { stdout, stderr } = await inClones(
    'release/may',
    `commit next next && git push -q origin HEAD
git commit -q --amend -m again && git push -q --force origin HEAD && echo forced
test "$(at release/may)" = "$(git rev-parse HEAD)" && echo moved
git tag v9 && git push -q origin v9 && git tag -f v9 HEAD~1 >/dev/null && git push -q -f origin v9 && echo tagged
git push --force origin HEAD:refs/heads/dev`,
    forcing,
  );
  expect(stdout).toBe('forced\nmoved\ntagged\n');
  expect(stderr).toContain("[km] Push to 'dev' denied -- not in allowedRefs");
});

test('a push larger than http.postBuffer comes in chunks, and arrives whole', async () => {
  const { code, stdout, stderr } = await inClones(
    'release/large',
    `set -e
head -c 5000000 /dev/urandom >large && git add . && git commit -qm large
GIT_CURL_VERBOSE=1 git -c http.postBuffer=65536 push -q origin HEAD 2>&1 | grep -io 'transfer-encoding: chunked' | tr A-Z a-z | sort -u
git clone -q --branch release/large ${REPO} ../c && cmp large ../c/large
git -C ../c fsck --strict 2>/dev/null
git commit -q --amend -m again
git -c http.postBuffer=65536 push --force origin HEAD || echo refused`,
  );
  expect(code).toBe(0);
  expect(stdout).toBe('transfer-encoding: chunked\nrefused\n');
  expect(stderr).toContain(FORCED('release/large'));
  const sent = (await sandbox.log()).filter(({ rule }) => rule === 'git-push').map(({ bytes }) => bytes.sent);
  expect(Math.max(...sent)).toBeGreaterThan(5_000_000);
});

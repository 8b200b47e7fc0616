import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROFILE, ProxiedSandbox } from './proxy-scene.ts';

const REPO = 'https://github.com/my-user/my-repo';
const NOT_PUSHED = '[km] not pushed: another ref of this push was denied';
const notAllowed = (name: string): string =>
  `[km] Push to '${name}' denied -- not in allowedRefs: main release/* refs/tags/v*`;

let sandbox: ProxiedSandbox;

/** In a clone with two commits that the remote does not have; prints what the remote has before and after. */
const inClone = (script: string, of = sandbox) =>
  of.sh(`
git clone -q ${REPO} repo && cd repo || exit 99
for n in 1 2; do echo "$RANDOM $n" >file && git add . && git commit -qm "$n"; done
git ls-remote >../before
${script}
echo "status $?"
git ls-remote | diff ../before - >../changed && echo unchanged || sed -n 's/^> [0-9a-f]*\\t/changed /p' ../changed`);

/** The lines that tell what became of each ref. */
const refusals = (stderr: string): string[] => stderr.split('\n').filter((line) => line.startsWith(' ! '));

beforeAll(async () => {
  sandbox = await ProxiedSandbox.start();
});

afterAll(() => sandbox[Symbol.asyncDispose]());

test('refs that the profile names are pushed, several at once, and with push options', async () => {
  const { stdout, stderr } = await inClone(
    'git tag v1 && git push -o ci.skip -o topic=x origin HEAD:main HEAD:refs/heads/release/a/b v1',
  );
  expect(stdout).toBe(
    'status 0\nchanged HEAD\nchanged refs/heads/main\nchanged refs/heads/release/a/b\nchanged refs/tags/v1\n',
  );
  expect(refusals(stderr)).toEqual([]);
  const pushed = (await sandbox.log()).findLast(({ rule }) => rule === 'git-push');
  expect(pushed).toMatchObject({ verdict: 'allowed', repo: 'my-user/my-repo', status: 200 });
});

test('a push with one ref that is denied is refused whole, each ref with its reason', async () => {
  const { stdout, stderr } = await inClone(
    'git tag nightly && git push origin HEAD:main HEAD:refs/heads/release/1 HEAD:refs/heads/dev nightly',
  );
  expect(stdout).toBe('status 1\nunchanged\n');
  expect(refusals(stderr).toSorted()).toEqual([
    ` ! [remote rejected] HEAD -> dev (${notAllowed('dev')})`,
    ` ! [remote rejected] HEAD -> main (${NOT_PUSHED})`,
    ` ! [remote rejected] HEAD -> release/1 (${NOT_PUSHED})`,
    ` ! [remote rejected] nightly -> nightly (${notAllowed('nightly')})`,
  ]);
  const [entry] = (await sandbox.log('--denied')).slice(-1);
  expect(entry).toMatchObject({
    rule: 'ref',
    repo: 'my-user/my-repo',
    reason: expect.stringContaining("Push to 'dev' denied"),
  });
  expect(entry?.refs?.map(({ ref }) => ref).toSorted()).toEqual([
    'refs/heads/dev',
    'refs/heads/main',
    'refs/heads/release/1',
    'refs/tags/nightly',
  ]);
});

test.each([0, 1, 2])('so is an atomic one, over protocol v%i', async (version) => {
  const { stdout, stderr } = await inClone(
    `git -c protocol.version=${version} push --atomic origin HEAD:main HEAD:refs/heads/dev`,
  );
  expect(stdout).toBe('status 1\nunchanged\n');
  expect(refusals(stderr)).toEqual([
    ` ! [remote rejected] HEAD -> main (${NOT_PUSHED})`,
    ` ! [remote rejected] HEAD -> dev (${notAllowed('dev')})`,
  ]);
});

test('an atomic push of refs that are allowed goes through', async () => {
  const { stdout } = await inClone(
    'git push -q --atomic origin HEAD:refs/heads/release/x HEAD:refs/heads/release/y',
  );
  expect(stdout).toBe('status 0\nchanged refs/heads/release/x\nchanged refs/heads/release/y\n');
});

test.each([
  ['refs/heads/Main', 'Main'],
  ['refs/heads/main/x', 'main/x'],
  ['refs/heads/v1', 'v1'],
  ['refs/tags/main-1', 'main-1'],
  ['refs/notes/commits', 'refs/notes/commits'],
  ['refs/pull/1/head', 'refs/pull/1/head'],
  ['refs/for/main', 'refs/for/main'],
])('%s is no ref that the profile names', async (ref, shown) => {
  const { stdout, stderr } = await inClone(`git push origin HEAD:${ref}`);
  expect(stdout).toBe('status 1\nunchanged\n');
  expect(refusals(stderr)).toEqual([
    ` ! [remote rejected] HEAD -> ${ref.replace(/^refs\/(?:heads|tags)\//, '')} (${notAllowed(shown)})`,
  ]);
});

test('tags are pushed, lightweight and annotated; one that is there is neither moved nor deleted', async () => {
  const pushed = await inClone('git tag v2-light && git tag -a -m two v2 && git push -q origin --tags');
  expect(pushed.stdout).toBe(
    'status 0\nchanged refs/tags/v2\nchanged refs/tags/v2^{}\nchanged refs/tags/v2-light\n',
  );
  for (const tag of ['v2', 'v2-light']) {
    const moved = await inClone(`git tag -f ${tag} HEAD~1 >/dev/null && git push -f origin ${tag}`);
    expect(moved.stdout).toBe('status 1\nunchanged\n');
    expect(moved.stderr).toContain(`[km] Forced push to '${tag}' denied -- allowForcePushes is not set`);
  }
  const deleted = await inClone('git push origin :v2');
  expect(deleted.stdout).toBe('status 1\nunchanged\n');
  expect(refusals(deleted.stderr)).toEqual([
    " ! [remote rejected] v2 ([km] Deletion of 'v2' denied -- allowDeletions is not set)",
  ]);
});

test('a branch is deleted only where the profile allows deletions', async () => {
  await inClone('git push -q origin HEAD:refs/heads/release/old');
  const { stdout, stderr } = await inClone('git push origin HEAD:main :release/old');
  expect(stdout).toBe('status 1\nunchanged\n');
  expect(refusals(stderr).toSorted()).toEqual([
    ` ! [remote rejected] HEAD -> main (${NOT_PUSHED})`,
    " ! [remote rejected] release/old ([km] Deletion of 'release/old' denied -- allowDeletions is not set)",
  ]);
  const may = await sandbox.beside(PROFILE.replace('permissions', 'allowDeletions: true\n      permissions'));
  const allowed = await inClone('git push -q origin :release/old && git ls-remote origin release/old', may);
  expect(allowed.stdout).toContain('status 0\n');
  expect(refusals(allowed.stderr)).toEqual([]);
  const others = await inClone('git push -q origin :refs/heads/dev', may);
  expect(refusals(others.stderr)).toEqual([` ! [remote rejected] dev (${notAllowed('dev')})`]);
});

test('with contents: read nothing is pushed, whatever the refs', async () => {
  const reader = await sandbox.beside(`
metadata: { name: reader }
spec: { sourceAccess: { github: { allowedRepos: [my-user/my-repo] } } }`);
  const { stdout, stderr } = await inClone('git push origin HEAD:main', reader);
  expect(stdout).toBe('status 128\nunchanged\n');
  expect(stderr).toMatch(/^remote: \[km\] .*my-user\/my-repo.*contents/m);
});

test('without allowedRefs any ref is pushed, without sourceAccess.github nothing is reached', async () => {
  const open = await sandbox.beside(`
metadata: { name: open }
spec: { sourceAccess: { github: { allowedRepos: [my-user/my-repo], permissions: [clone, push] } } }`);
  expect((await inClone('git push -q origin HEAD:refs/heads/dev', open)).stdout).toBe(
    'status 0\nchanged refs/heads/dev\n',
  );
  const none = await sandbox.beside('metadata: { name: none }\nspec: { sourceAccess: { mode: none } }');
  const { stderr } = await none.sh(`git ls-remote ${REPO}`);
  expect(stderr).toContain('[km] This sandbox has no access to GitHub');
});

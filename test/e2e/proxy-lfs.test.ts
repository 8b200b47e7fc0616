import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has, isMissing, PROFILE, ProxiedSandbox, SECRET } from './proxy-scene.ts';

const REPO = 'https://github.com/my-user/my-repo';
const OTHER = 'https://github.com/my-org/private-repo';
const SIZE = 3_000_000;

describe.skipIf(isMissing('git-lfs', has('git', 'lfs', 'version')))('Git LFS behind the proxy', () => {
  let sandbox: ProxiedSandbox;
  let sum: string;

  beforeAll(async () => {
    sandbox = await ProxiedSandbox.start(PROFILE);
    const { code, stdout, stderr } = await sandbox.sh(`
set -e
git lfs install --skip-repo >/dev/null
git clone -q ${REPO} repo && cd repo && git lfs track '*.bin' >/dev/null
head -c ${SIZE} /dev/urandom >large.bin && echo small >small.bin
git add . && git commit -qm objects && git push -q origin HEAD:main >/dev/null
sha256sum large.bin`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('[km]') });
    sum = stdout;
  });

  afterAll(() => sandbox[Symbol.asyncDispose]());

  test('objects are pushed through it to storage, and the token nowhere on the way', async () => {
    const uploads = (await sandbox.log()).filter(
      ({ method, rule }) => method === 'PUT' && rule === 'signed-url',
    );
    expect(uploads.map(({ bytes }) => bytes.sent).toSorted((a, b) => a - b)).toEqual([6, SIZE]);
    expect(uploads.every(({ repo, verdict }) => repo === 'my-user/my-repo' && verdict === 'allowed')).toBe(
      true,
    );
    expect(uploads.every(({ host }) => host === 'github-cloud.githubusercontent.com')).toBe(true);
    expect(JSON.stringify(await sandbox.log())).not.toMatch(SECRET);
  });

  test('a clone has them, and a pull those that come later', async () => {
    const { code, stdout, stderr } = await sandbox.sh(`
set -e
git clone -q ${REPO} repo && cd repo && sha256sum large.bin
cat .git/lfs/objects/*/*/* | wc -c | tr -d ' '
GIT_LFS_SKIP_SMUDGE=1 git clone -q ${REPO} ../pointers && cd ../pointers && head -1 large.bin
git lfs pull && sha256sum large.bin && git lfs fsck
cd ../repo && echo later >later.bin && git add . && git commit -qm later && git push -q origin HEAD:main >/dev/null
cd ../pointers && git pull -q && cat later.bin`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('[km]') });
    expect(stdout).toBe(
      `${sum}${SIZE + 6}\nversion https://git-lfs.github.com/spec/v1\n${sum}Git LFS fsck OK\nlater\n`,
    );
  });

  test('what an object stands for is downloaded from media, its pointer from raw', async () => {
    const { stdout } = await sandbox.sh(`
curl -sS https://media.githubusercontent.com/media/my-user/my-repo/main/large.bin | sha256sum | sed 's/-/large.bin/'
curl -sS https://raw.githubusercontent.com/my-user/my-repo/main/large.bin | head -1`);
    expect(stdout).toBe(`${sum}version https://git-lfs.github.com/spec/v1\n`);
  });

  test('files are locked, listed and unlocked', async () => {
    const { code, stdout } = await sandbox.sh(`
git clone -q ${REPO} repo && cd repo
git lfs lock small.bin && git lfs locks && git lfs unlock small.bin && git lfs locks`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Locked small\.bin\nsmall\.bin\t\S+\tID:\S+\nUnlocked small\.bin\n$/);
  });

  test('objects of a repo that is not allowed are neither fetched nor pushed', async () => {
    const { stdout, stderr } = await sandbox.sh(`
GIT_LFS_SKIP_SMUDGE=1 git clone -q ${REPO} repo && cd repo
git config lfs.url ${OTHER}.git/info/lfs
git lfs pull; echo "pull $?"
echo mine >mine.bin && git add . && git commit -qm mine
git lfs push origin HEAD; echo "push $?"
git lfs lock small.bin; echo "lock $?"`);
    expect(stdout.match(/^(?:pull|push|lock) \d+$/gm)).toEqual(['pull 2', 'push 2', 'lock 2']);
    expect(stdout + stderr).toContain('[km] my-org/private-repo is not in allowedRepos');
    const denied = await sandbox.log('--denied');
    expect(denied.map(({ repo, rule }) => `${repo} ${rule}`)).toContain('my-org/private-repo repo');
  });

  test('the storage takes nothing but the very URLs that the proxy handed out', async () => {
    const { stdout } = await sandbox.sh(`
for method in '-G' '-T -'; do
  echo x | curl -sS $method "https://github-cloud.githubusercontent.com/alambic/media/1/ab/cd/${'0'.repeat(64)}?token=1"
done`);
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { rule: string });
    expect(answers.map(({ rule }) => rule)).toEqual(['signed-url', 'signed-url']);
  });

  test('with contents: read objects are fetched, and not pushed', async () => {
    const reader = await sandbox.beside(`
metadata: { name: reader }
spec: { sourceAccess: { github: { allowedRepos: [my-user/my-repo] } } }`);
    const { stdout, stderr } = await reader.sh(`
git lfs install --skip-repo >/dev/null
git clone -q ${REPO} repo && cd repo && sha256sum large.bin
echo mine >mine.bin && git add . && git commit -qm mine
git config lfs.locksverify false
git lfs push origin HEAD; echo "push $?"`);
    expect(stdout).toMatch(/push [12]\n$/);
    expect(stdout.startsWith(sum)).toBe(true);
    expect(stdout + stderr).toMatch(/\[km\] Uploading LFS objects to my-user\/my-repo takes contents: write/);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPython, isMissing, nodeOfTests, ProxiedSandbox, PYTHON, SECRET } from './proxy-scene.ts';

const REPO = 'https://github.com/my-user/my-repo';
const OTHER = 'https://github.com/my-org/private-repo';
const API = 'https://api.github.com/repos/my-user/my-repo';
const OTHER_API = 'https://api.github.com/repos/my-org/private-repo';
const DENIED = "[km] Push to 'dev' denied -- not in allowedRefs: main release/* refs/tags/v*";
const NOT_ALLOWED = '[km] my-org/private-repo is not in allowedRepos';

let sandbox: ProxiedSandbox;

beforeAll(async () => {
  sandbox = await ProxiedSandbox.start();
});

afterAll(() => sandbox[Symbol.asyncDispose]());

test('curl reads an allowed repo, its files and archives, with whatever credential it brings', async () => {
  const { code, stdout, stderr } = await sandbox.sh(`
set -e
curl -fsS ${API} | grep -o '"full_name":"[^"]*"'
curl -fsS -H 'authorization: Bearer ghp_mine' -H 'cookie: user_session=mine' ${API} | grep -c my-repo
curl -fsS -u me:ghp_mine https://raw.githubusercontent.com/my-user/my-repo/main/README.md | head -1
curl -fsSL ${REPO}/archive/refs/heads/main.tar.gz | tar tz | tail -1
curl -fsSL ${API}/tarball/main | tar tz | sed -n 's/.*README/README/p'
curl -fsS --http2 ${API} -o /dev/null -w '%{http_version}\\n'
curl -fsS https://api.github.com/user/repos -o /dev/null || echo refused`);
  expect(code).toBe(0);
  expect(stderr).toContain('403');
  expect(stdout).toBe(
    '"full_name":"my-user/my-repo"\n1\n# my-repo\nmy-repo-main/README.md\nREADME.md\n1.1\nrefused\n',
  );
});

test('curl is told in JSON what is refused, why, and what to change', async () => {
  const { stdout } = await sandbox.sh(`
curl -sS ${OTHER_API}
curl -sS -X POST ${API}/git/refs -d '{"ref":"refs/heads/dev","sha":"${'a'.repeat(40)}"}'
curl -sS -X POST ${API}/forks`);
  const answers = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(answers).toEqual([
    expect.objectContaining({
      error: NOT_ALLOWED,
      rule: 'repo',
      repo: 'my-org/private-repo',
      change: expect.stringContaining('allowedRepos'),
    }),
    expect.objectContaining({ error: DENIED, rule: 'ref', refs: ['refs/heads/dev'] }),
    expect.objectContaining({
      rule: 'route',
      error: expect.stringContaining('/forks is not among the requests'),
    }),
  ]);
});

test('curl writes a file and a ref over REST where the profile allows it', async () => {
  const { code, stdout } = await sandbox.sh(`
set -e
sha="$(curl -fsS ${API}/git/ref/heads/main | grep -o '"sha":"[0-9a-f]*"' | cut -d'"' -f4)"
curl -fsS ${API}/git/refs -d '{"ref":"refs/heads/release/rest","sha":"'"$sha"'"}' | grep -o '"ref":"[^"]*"'
curl -fsS -X PUT ${API}/contents/rest.txt -d '{"message":"m","content":"eA==","branch":"release/rest"}' | grep -c '"commit"'
curl -sS -X PUT ${API}/contents/rest.txt -d '{"message":"m","content":"eA==","branch":"dev"}' | grep -c 'Push to .dev. denied'
git clone -q --branch release/rest ${REPO} repo && cat repo/rest.txt`);
  expect(code).toBe(0);
  expect(stdout).toBe('"ref":"refs/heads/release/rest"\n1\n1\nx');
});

test.each([
  ['the root of GitHub', 'https://github.com/'],
  ['a page', REPO],
  ['gists', 'https://gist.github.com/'],
  ['a host that is none of GitHub', 'https://example.com/'],
  ['an address', 'https://140.82.112.3/'],
  ['the metadata service', 'http://169.254.169.254/latest/meta-data/'],
  ['the local cloud', '$KM_LOCAL/'],
])('curl does not reach %s', async (_, url) => {
  const { AWS_ENDPOINT_URL = '' } = await sandbox.world.environment();
  const { code } = await sandbox.sh(`curl -fsS "${url}"`.replace('$KM_LOCAL', AWS_ENDPOINT_URL));
  expect(code).toBeGreaterThan(0);
  const [entry] = (await sandbox.log('--denied')).slice(-1);
  expect(entry).toMatchObject({ verdict: 'denied', path: expect.any(String) });
});

test('fetch of Node goes through it', async () => {
  const script = `
for (const url of ['${API}', '${OTHER_API}']) {
  const answer = await fetch(url, { headers: { authorization: 'Bearer ghp_mine' } });
  const { full_name, error } = await answer.json();
  console.log(answer.status, full_name ?? error);
}`;
  const { code, stdout } = await sandbox.sh(
    `"${nodeOfTests}" --input-type=module -e "$SCRIPT"`.replace(
      '"$SCRIPT"',
      `'${script.replaceAll("'", '"')}'`,
    ),
  );
  expect(code).toBe(0);
  expect(stdout).toBe(`200 my-user/my-repo\n403 ${NOT_ALLOWED}\n`);
});

/** Runs a script of Python behind the proxy, in a folder of its own. */
const python = (script: string) => sandbox.sh(`cat >script.py <<'EOF'\n${script}\nEOF\n${PYTHON} script.py`);

describe.skipIf(isMissing('python3', hasPython('ssl')))('Python behind the proxy', () => {
  test('urllib goes through it', async () => {
    const { code, stdout } = await python(`
import json, urllib.error, urllib.request
print(json.load(urllib.request.urlopen("${API}"))["full_name"])
try:
    urllib.request.urlopen("${OTHER_API}")
except urllib.error.HTTPError as refused:
    print(refused.code, json.load(refused)["error"])`);
    expect(code).toBe(0);
    expect(stdout).toBe(`my-user/my-repo\n403 ${NOT_ALLOWED}\n`);
  });
});

describe.skipIf(isMissing('python3-dulwich', hasPython('dulwich')))('dulwich behind the proxy', () => {
  test('it clones and pushes what is allowed, and is told why not the rest', async () => {
    const { code, stdout, stderr } = await python(`
import io, os
from dulwich import porcelain
repo = porcelain.clone("${REPO}", "repo", errstream=io.BytesIO())
open("repo/dulwich.txt", "w").write("content")
porcelain.add(repo, ["repo/dulwich.txt"])
who = b"Dulwich <dulwich@example.com>"
porcelain.commit(repo, b"by dulwich", author=who, committer=who)
for branch in ("release/dulwich", "dev"):
    said = io.BytesIO()
    porcelain.push(repo, "${REPO}", "refs/heads/main:refs/heads/" + branch, errstream=said, outstream=io.BytesIO())
    print(said.getvalue().decode().strip().splitlines()[-1])
try:
    porcelain.clone("${OTHER}", "other", errstream=io.BytesIO())
except Exception as refused:
    print(refused)`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'Ref refs/heads/release/dulwich updated',
      `Push of ref refs/heads/dev failed: ${DENIED}`,
      expect.stringContaining('unexpected http resp 403'),
      '',
    ]);
  });
});

describe.skipIf(isMissing('python3-pygit2', hasPython('pygit2')))('libgit2 behind the proxy', () => {
  test('it fetches and pushes what is allowed, and is told why not the rest', async () => {
    const { code, stdout, stderr } = await python(`
import pygit2
repo = pygit2.init_repository("repo")
origin = repo.remotes.create("origin", "${REPO}")
origin.fetch(proxy=True)
base = repo.references["refs/remotes/origin/main"].target
who = pygit2.Signature("libgit2", "libgit2@example.com")
repo.create_commit("refs/heads/release/libgit2", who, who, "by libgit2", repo[base].tree_id, [base])

class Said(pygit2.RemoteCallbacks):
    def push_update_reference(self, ref, message):
        print(ref, message)

for branch in ("release/libgit2", "dev"):
    origin.push(["refs/heads/release/libgit2:refs/heads/" + branch], callbacks=Said(), proxy=True)
try:
    repo.remotes.create("other", "${OTHER}").fetch(proxy=True)
except Exception as refused:
    print(refused)`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      `refs/heads/release/libgit2 None\nrefs/heads/dev ${DENIED}\nunexpected http status code: 403\n`,
    );
  });
});

test('no answer, and no line of the log, holds a token', async () => {
  const { stdout, stderr } = await sandbox.sh(
    `curl -sSiv ${API} ${API}/branches ${OTHER_API}; git ls-remote ${REPO}`,
  );
  expect(stdout + stderr).not.toMatch(SECRET);
  expect(stdout).not.toContain('ghp_mine');
  expect(JSON.stringify(await sandbox.log())).not.toMatch(/ghs_|ghp_|user_session/);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has, isMissing, ProxiedSandbox, SECRET } from './proxy-scene.ts';

const REPO = 'my-user/my-repo';
const PROFILE = `
metadata: { name: gh }
spec:
  sourceAccess:
    github:
      allowedRepos: [${REPO}]
      allowedRefs: [main, topic/*, refs/tags/v*]
      permissions: [clone, fetch, push, comment, review]
      graphql: read
`;

describe.skipIf(isMissing('gh', has('gh', '--version')))('gh behind the proxy', () => {
  let sandbox: ProxiedSandbox;

  beforeAll(async () => {
    sandbox = await ProxiedSandbox.start(PROFILE);
    const { code, stderr } = await sandbox.sh(`
set -e
git clone -q https://github.com/${REPO} repo && cd repo && git switch -qc topic/a
git commit -q --allow-empty -m topic && git push -q origin topic/a`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  afterAll(() => sandbox[Symbol.asyncDispose]());

  const gh = (script: string) =>
    sandbox.sh(`git clone -q https://github.com/${REPO} . || exit 99\n${script}`);

  test('it works with a placeholder, and shows the repo', async () => {
    const { code, stdout } = await gh(`
echo "$GH_TOKEN" && gh repo view --json name,owner --jq '.owner.login + "/" + .name'
gh repo view ${REPO} | head -1
gh api repos/{owner}/{repo} --jq .default_branch
gh api rate_limit --jq .resources.core.limit`);
    expect(code).toBe(0);
    expect(stdout).toBe(`km-proxy-puts-the-token-on\n${REPO}\nname:\t${REPO}\nmain\n5000\n`);
    expect(stdout).not.toMatch(SECRET);
  });

  test('it lists the repos of the token, and they are those of the profile', async () => {
    const { stdout } = await gh(
      "gh api installation/repositories --jq '.total_count, .repositories[].full_name'",
    );
    expect(stdout).toBe(`1\n${REPO}\n`);
  });

  test('a pull request is made over REST, listed and shown', async () => {
    const { code, stdout } = await gh(`
set -e
number="$(gh api repos/{owner}/{repo}/pulls -f title=hello -f body=there -f head=topic/a -f base=main --jq .number)"
gh pr list --json number,title,headRefName,baseRefName --jq '.[] | [.title, .headRefName, .baseRefName] | @tsv'
gh pr view "$number" --json state,body --jq '.state + " " + .body'
gh api "repos/{owner}/{repo}/pulls/$number" --jq .base.ref`);
    expect(code).toBe(0);
    expect(stdout).toBe('hello\ttopic/a\tmain\nOPEN there\nmain\n');
  });

  test('one whose base is not in allowedRefs is refused', async () => {
    const { code, stderr } = await gh(
      'gh api repos/{owner}/{repo}/pulls -f title=x -f head=topic/a -f base=dev',
    );
    expect(code).toBe(1);
    expect(stderr).toContain("[km] Push to 'dev' denied -- not in allowedRefs");
  });

  test('what gh does by a mutation is refused, and says how to do it', async () => {
    const { code, stderr } = await gh(
      `gh api graphql -f query='mutation { createIssue(input: {repositoryId: "x", title: "x"}) { clientMutationId } }'`,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/\[km\] A mutation is not let through.* Use the REST API/);
  });

  test('issues are made, listed and commented on', async () => {
    const { code, stdout } = await gh(`
set -e
number="$(gh api repos/{owner}/{repo}/issues -f title=broken --jq .number)"
gh api "repos/{owner}/{repo}/issues/$number/comments" -f body=seen --jq .body
gh issue list --json title --jq '.[].title'
gh issue view "$number" | grep comments
gh api "repos/{owner}/{repo}/issues/$number/comments" --jq '.[].body'`);
    expect(code).toBe(0);
    expect(stdout).toBe('seen\nbroken\ncomments:\t1\nseen\n');
  });

  test('a release is made with an asset, listed and downloaded', async () => {
    const { code, stdout } = await gh(`
set -e
echo content >asset.txt
gh release create v1 asset.txt --title one --notes first --target main
gh release list | cut -f1,3
gh release download v1 --dir down && cat down/asset.txt
gh release download v1 --archive tar.gz --dir down && tar tzf down/my-repo-1.tar.gz | head -1
git ls-remote origin refs/tags/v1 | cut -f2`);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `https://github.com/${REPO}/releases/tag/v1\none\tv1\ncontent\nmy-repo-1/\nrefs/tags/v1\n`,
    );
  });

  test.each([
    ['at once', 'gh release create nightly --notes x'],
    ['from a draft with an asset', 'echo x >asset && gh release create nightly asset --notes x'],
  ])('a release whose tag is not in allowedRefs is refused, made %s', async (_, script) => {
    const { code, stdout, stderr } = await gh(
      `${script}; echo "status $?"; git ls-remote origin refs/tags/nightly`,
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'status 1\n' });
    expect(stderr).toContain("[km] Push to 'nightly' denied -- not in allowedRefs");
  });

  test.each([
    ['gh repo view my-org/private-repo', /'my-org\/private-repo' is not in allowedRepos/],
    ['gh api repos/my-org/private-repo', /my-org\/private-repo is not in allowedRepos/],
    ['gh pr list -R my-org/private-repo', /'my-org\/private-repo' is not in allowedRepos/],
    ['gh release download v1 -R my-org/private-repo', /my-org\/private-repo'? is not in allowedRepos/],
    ['gh repo list my-org', /'repositoryOwner' is not let through/],
    ['gh search repos private', /search\/repositories is not among the requests/],
    ['gh gist create README.md', /POST api.github.com\/gists is not among the requests/],
    ['gh repo create x --private', /A mutation is not let through/],
    ['gh repo fork --clone=false', /\[km\]/],
    ['gh secret list', /actions\/secrets/],
    ['gh api -X DELETE repos/{owner}/{repo}', /DELETE api.github.com\/repos\/my-user\/my-repo is not among/],
    ['gh api -X DELETE installation/token', /installation\/token is not among/],
    ['gh api --hostname evil.example user', /Forbidden|evil\.example/],
  ])('%s is refused', async (command, why) => {
    const { code, stdout, stderr } = await gh(command);
    expect(code).toBeGreaterThan(0);
    expect(stdout + stderr).toMatch(why);
  });
});

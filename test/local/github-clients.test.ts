import { execFile, execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitEnvironment, startWorld, type World } from './github-harness.ts';

const PYTHON = '/usr/bin/python3';

const isImportable = (module: string): boolean => {
  try {
    execFileSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const DULWICH = `
import sys
from dulwich import porcelain
url, path = sys.argv[1:]
repo = porcelain.clone(url, path, errstream=open('/dev/null', 'wb'))
open(path + '/dulwich', 'w').write('x')
porcelain.add(repo, [path + '/dulwich'])
porcelain.commit(repo, b'By dulwich', author=b'A <a@example.com>', committer=b'A <a@example.com>')
porcelain.push(repo, url, b'refs/heads/main:refs/heads/dulwich', errstream=open('/dev/null', 'wb'))
`;

const LIBGIT2 = `
import sys, pygit2
url, path = sys.argv[1:]
repo = pygit2.clone_repository(url, path)
who = pygit2.Signature('A', 'a@example.com')
tree = repo.head.peel(pygit2.Tree).id
repo.create_commit('refs/heads/libgit2', who, who, 'By libgit2', tree, [repo.head.target])
repo.remotes['origin'].push(['refs/heads/libgit2'])
`;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

describe.each([
  ['dulwich', 'dulwich', DULWICH],
  ['libgit2', 'pygit2', LIBGIT2],
])('%s', (branch, module, script) => {
  test.runIf(isImportable(module))('clones and pushes a branch', async () => {
    const token = await world.mint('my-org');
    const remote = world.remote('my-org/another-repo.git', token);
    const failed = await new Promise<string>((resolve) => {
      const options = { cwd: world.dir, env: gitEnvironment(world.dir) };
      execFile(PYTHON, ['-c', script, remote, `${world.dir}/${branch}`], options, (error, _stdout, stderr) =>
        resolve(error ? stderr : ''),
      );
    });
    expect(failed).toBe('');
    const { body } = await world.rest('GET', `/repos/my-org/another-repo/commits/${branch}`, token);
    expect(body.commit.message).toBe(`By ${branch}`);
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Front, isInstalled, startFront } from './github-front.ts';
import { startWorld, type World } from './github-harness.ts';

const NAME = 'my-org/another-repo';

describe.runIf(isInstalled('gh'))('gh, against the real names', () => {
  let world: World;
  let front: Front;
  let env: Record<string, string>;
  beforeAll(async () => {
    world = await startWorld();
    front = await startFront(world);
    const token = await world.mint('my-org');
    env = { GH_TOKEN: token };
    const url = `https://x-access-token:${token}@github.com/${NAME}.git`;
    const run = (args: readonly string[], cwd = `${world.dir}/work`) => front.run('git', args, { cwd });
    await run(['clone', '-q', url, 'work'], world.dir);
    await run(['checkout', '-qb', 'feature']);
    writeFileSync(`${world.dir}/work/new.txt`, 'new');
    await run(['add', '.']);
    await run(['commit', '-qm', 'A feature']);
    await run(['push', '-q', 'origin', 'feature']);
    await run(['remote', 'set-url', 'origin', `https://github.com/${NAME}.git`]);
  });
  afterAll(async () => {
    await front.close();
    await world.close();
  });

  const gh = async (...args: readonly string[]) => {
    const done = await front.run('gh', args, { cwd: `${world.dir}/work`, env });
    expect(done, args.join(' ')).toMatchObject({ code: 0 });
    return done.stdout;
  };

  test('knows who asks, and the repository', async () => {
    const status = await front.run('gh', ['auth', 'status'], { env });
    expect(`${status.stdout}${status.stderr}`).toContain('Logged in to github.com as km-local[bot]');
    expect(await gh('repo', 'view')).toContain('The repository my-org/another-repo of the local GitHub.');
    expect(JSON.parse(await gh('repo', 'view', NAME, '--json', 'nameWithOwner,defaultBranchRef'))).toEqual({
      nameWithOwner: NAME,
      defaultBranchRef: { name: 'main' },
    });
    expect(await gh('repo', 'list', 'my-org')).toContain('my-org/private-repo');
    expect(await gh('api', 'repos/{owner}/{repo}', '--jq', '.full_name')).toBe(`${NAME}\n`);
  });

  test('opens a pull request, lists, shows and merges it', async () => {
    const create = [
      'pr',
      'create',
      '--title',
      'My feature',
      '--body',
      'Please',
      '--head',
      'feature',
      '--base',
      'main',
    ];
    const [, number = ''] = /\/pull\/(\d+)\n$/.exec(await gh(...create)) ?? [];
    expect(await gh('pr', 'list')).toMatch(new RegExp(`^${number}\tMy feature\tfeature\tOPEN`));
    expect(await gh('pr', 'view', number)).toContain('Please');
    expect(await gh('pr', 'status')).toContain(`#${number}  My feature [feature]`);
    expect(await gh('pr', 'diff', number)).toContain('+++ b/new.txt');
    await gh('pr', 'comment', number, '--body', 'Fine');
    expect(await gh('pr', 'view', number, '--comments')).toContain('Fine');
    await gh('pr', 'merge', number, '--merge');
    expect(JSON.parse(await gh('pr', 'view', number, '--json', 'state')).state).toBe('MERGED');
    expect(await gh('pr', 'list')).toBe('');
  });

  test('opens an issue, lists, shows and closes it', async () => {
    const [, number = ''] =
      /\/issues\/(\d+)\n$/.exec(await gh('issue', 'create', '--title', 'Broken', '--body', 'It is')) ?? [];
    expect(await gh('issue', 'list')).toContain('Broken');
    expect(await gh('issue', 'view', number)).toContain('It is');
    expect(await gh('issue', 'status')).toContain('Broken');
    await gh('issue', 'close', number);
    expect(await gh('issue', 'list')).toBe('');
  });

  test('makes a release, and brings its asset up and down', async () => {
    await gh('release', 'create', 'v1', '--title', 'One', '--notes', 'First');
    await gh('release', 'upload', 'v1', 'new.txt');
    expect(await gh('release', 'list')).toMatch(/^One\tLatest\tv1\t/);
    expect(await gh('release', 'view', 'v1')).toContain('asset:\tnew.txt');
    await gh('release', 'download', 'v1', '--dir', `${world.dir}/down`);
    expect(readFileSync(`${world.dir}/down/new.txt`, 'utf8')).toBe('new');
    await gh('release', 'download', 'v1', '--archive', 'tar.gz', '--dir', `${world.dir}/down`);
    const hosts = new Set(front.seen.map((request) => new URL(request.url).host));
    expect([...hosts]).toEqual(
      expect.arrayContaining([
        'api.github.com',
        'uploads.github.com',
        'release-assets.githubusercontent.com',
        'codeload.github.com',
      ]),
    );
  });
});

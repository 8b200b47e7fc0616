import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Front, startFront } from './github-front.ts';
import { startWorld, type World } from './github-harness.ts';

let world: World;
let read: string;
let front: Front;
const NAME = 'my-org/another-repo';
beforeAll(async () => {
  world = await startWorld();
  read = await world.mint('my-org', { permissions: { contents: 'read' } });
  const write = await world.mint('my-org');
  const refs = `/repos/${NAME}/git/refs`;
  const { body } = await world.rest('GET', `/repos/${NAME}/git/ref/heads/main`, write);
  for (const ref of ['refs/heads/release/1', 'refs/tags/v1.0'])
    await world.rest('POST', refs, write, { ref, sha: body.object.sha });
  front = await startFront(world);
});
afterAll(async () => {
  await front.close();
  await world.close();
});

/** Asks a real name with curl; `-L` follows redirects without the token, as clients do across hosts. */
const curl = async (url: string, options: readonly string[] = [], token: string | null = read) => {
  const auth = token === null ? [] : ['-H', `authorization: Bearer ${token}`];
  const format = ['-w', '\n%{http_code} %{url_effective} %{redirect_url}'];
  const { stdout } = await front.run('curl', ['-s', ...auth, ...options, ...format, url]);
  const [, body = '', status = '', effective = '', location = ''] =
    /^([\s\S]*)\n(\d+) (\S+) (\S*)$/.exec(stdout) ?? [];
  return { body, status: Number(status), url: effective.replace(/\?.*/, ''), location };
};

const contentOf = async (url: string) => {
  const file = `${world.dir}/${createHash('sha256').update(url).digest('hex')}`;
  const answer = await curl(url, ['-L', '-o', file]);
  const list = await front.run('tar', ['-tf', file]);
  return { ...answer, files: list.stdout.split('\n').filter((line) => line !== '') };
};

describe('archives', () => {
  test.each([
    ['https://api.github.com/repos/my-org/another-repo/tarball', 'legacy.tar.gz'],
    ['https://api.github.com/repos/my-org/another-repo/tarball/release/1', 'legacy.tar.gz/release/1'],
    ['https://github.com/my-org/another-repo/tarball/main', 'legacy.tar.gz/main'],
  ])('%s leads to codeload', async (url, path) => {
    const { status, url: effective, files } = await contentOf(url);
    expect([status, effective]).toEqual([200, `https://codeload.github.com/${NAME}/${path}`]);
    expect(files.at(-1)).toMatch(/^my-org-another-repo-[\da-f]{7}\/README\.md$/);
  });

  test('the folder of an archive is named for its ref', async () => {
    const { files, url } = await contentOf(`https://github.com/${NAME}/archive/refs/tags/v1.0.tar.gz`);
    expect(url).toBe(`https://codeload.github.com/${NAME}/tar.gz/refs/tags/v1.0`);
    expect(files.at(-1)).toBe('another-repo-1.0/README.md');
  });

  test('codeload takes a token as well, zips, and knows no other ref', async () => {
    const codeload = `https://codeload.github.com/${NAME}`;
    expect((await curl(`${codeload}/zip/main`)).body.slice(0, 2)).toBe('PK');
    expect((await curl(`${codeload}/tar.gz/nothing`)).status).toBe(404);
    expect((await curl(`${codeload}/rar/main`)).status).toBe(404);
    expect((await curl(`${codeload}/zip/main`, [], null)).status).toBe(404);
    expect((await curl('https://codeload.github.com/my-user/my-repo/zip/main')).status).toBe(404);
  });
});

describe('files', () => {
  const raw = 'https://raw.githubusercontent.com';
  test.each(['main', 'refs/heads/main', 'release/1', 'v1.0'])('of the ref %s are raw', async (ref) => {
    const { status, body } = await curl(`${raw}/${NAME}/${ref}/README.md`);
    expect([status, body.split('\n')[0]]).toEqual([200, '# another-repo']);
  });

  test('the page of a raw file leads to its host', async () => {
    const { url, body } = await curl(`https://github.com/${NAME}/raw/main/README.md`, ['-L']);
    expect(url).toBe(`${raw}/${NAME}/main/README.md`);
    expect(body).toContain('# another-repo');
  });

  test.each([
    `${NAME}/main/nothing`,
    `${NAME}/main/.git/config`,
    `${NAME}/main`,
    `${NAME}/nothing/README.md`,
    'other-org/their-repo/main/README.md',
    `${NAME}/main/%2e%2e%2fREADME.md`,
    `${NAME}/%ff/README.md`,
  ])('%s is 404', async (path) => {
    expect((await curl(`${raw}/${path}`, ['--path-as-is'])).status).toBe(404);
  });

  test('without a token nothing is there', async () => {
    expect((await curl(`${raw}/${NAME}/main/README.md`, [], null)).status).toBe(404);
  });

  test('an URL of a redirect works for one path, and for five minutes', async () => {
    const { location } = await curl(`https://github.com/${NAME}/raw/main/README.md`);
    expect((await curl(location, [], null)).status).toBe(200);
    expect((await curl(location.replace('/main/', '/v1.0/'), [], null)).status).toBe(404);
    await world.clock.advance(301_000);
    expect((await curl(location, [], null)).status).toBe(404);
  });

  test('media is what a pointer of Git LFS stands for; raw is the pointer', async () => {
    const write = await world.mint('my-org');
    const content = 'large';
    const oid = createHash('sha256').update(content).digest('hex');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;
    const batch = await fetch(`${world.github.url}/${NAME}.git/info/lfs/objects/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${write}` },
      body: JSON.stringify({ operation: 'upload', objects: [{ oid, size: content.length }] }),
    });
    // biome-ignore lint/suspicious/noExplicitAny: the answer of a batch
    const { upload } = ((await batch.json()) as any).objects[0].actions;
    await fetch(upload.href, { method: 'PUT', headers: upload.header, body: content });
    await world.rest('PUT', `/repos/${NAME}/contents/large.bin`, write, {
      message: 'A pointer',
      content: Buffer.from(pointer).toString('base64'),
    });
    expect((await curl(`${raw}/${NAME}/main/large.bin`)).body).toBe(pointer);
    const media = 'https://media.githubusercontent.com/media';
    expect((await curl(`${media}/${NAME}/main/large.bin`)).body).toBe(content);
    expect((await curl(`${media}/${NAME}/main/README.md`)).body).toContain('# another-repo');
  });
});

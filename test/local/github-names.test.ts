import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_SEED } from '../../lib/local/github/seed.ts';
import { type Front, startFront } from './github-front.ts';
import { startWorld, type World } from './github-harness.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** One request that calls the server by another name. */
const call = (world: World, host: string, path: string, token?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const headers = { host, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const sent = request({ host: '127.0.0.1', port: world.github.port, path, headers }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
    });
    sent.on('error', reject).end();
  });

const REFS = '/my-org/another-repo.git/info/refs?service=git-upload-pack';
const REPOSITORY = '/repos/my-org/another-repo';

describe.each([undefined, 'github.com'] as const)('under its real names, standing in for %s', (host) => {
  let world: World;
  let token: string;
  beforeAll(async () => {
    world = await startWorld({ seed: { ...DEFAULT_SEED, ...(host ? { host } : {}) } });
    token = await world.mint('my-org');
  });
  afterAll(() => world.close());

  test.each([
    ['github.com', REFS, 200],
    ['GitHub.com', REFS, 200],
    ['api.github.com', REPOSITORY, 200],
    ['api.github.com', `/api/v3${REPOSITORY}`, 501],
    ['api.github.com', REFS, 501],
    ['codeload.github.com', REFS, 404],
    ['raw.githubusercontent.com', REFS, 404],
    ['uploads.github.com', REPOSITORY, 404],
    ['lfs.github.com', REPOSITORY, 403],
    ['github-cloud.githubusercontent.com', REPOSITORY, 403],
    ['api.github.com.example.com', REPOSITORY, 404],
  ])('%s%s is %i', async (name, path, status) => {
    expect((await call(world, name, path, token)).status).toBe(status);
  });

  test('addresses in answers are the real ones, with https', async () => {
    const { text, headers } = await call(
      world,
      'api.github.com',
      '/installation/repositories?per_page=1',
      token,
    );
    const [repository] = JSON.parse(text).repositories;
    expect([repository.url, repository.clone_url, repository.owner.html_url]).toEqual([
      `https://api.github.com${REPOSITORY}`,
      'https://github.com/my-org/another-repo.git',
      'https://github.com/my-org',
    ]);
    expect(headers.link).toContain('<https://api.github.com/installation/repositories?per_page=1&page=2>');
  });

  test('its own origin stays as it is beside them', async () => {
    const { body } = await world.rest('GET', REPOSITORY, token);
    expect(body.url).toBe(`${world.github.apiUrl}${REPOSITORY}`);
  });
});

describe('another GitHub under its name', () => {
  test.each([
    [
      'ghes',
      'ghe.example.com',
      `/api/v3${REPOSITORY}`,
      'https://ghe.example.com/api/v3',
      /^https:\/\/ghe\.example\.com\/codeload\//,
    ],
    [
      'ghe.com',
      'api.acme.ghe.com',
      REPOSITORY,
      'https://api.acme.ghe.com',
      /^https:\/\/codeload\.acme\.ghe\.com\//,
    ],
  ] as const)('%s is %s%s', async (host, name, path, api, archives) => {
    const world = await startWorld({ seed: { ...DEFAULT_SEED, host } });
    try {
      const token = await world.mint('my-org');
      const { text } = await call(world, name, path, token);
      expect(JSON.parse(text).url).toBe(`${api}${REPOSITORY}`);
      expect((await call(world, 'api.github.com', REPOSITORY, token)).status).toBe(404);
      expect((await call(world, name.replace('api.', ''), REFS, token)).status).toBe(200);
      const archive = await call(
        world,
        name,
        `${api.endsWith('/api/v3') ? '/api/v3' : ''}${REPOSITORY}/tarball`,
        token,
      );
      const leads = new URL(String(archive.headers.location));
      expect(leads.href).toMatch(archives);
      expect((await call(world, leads.host, leads.pathname + leads.search)).status).toBe(200);
    } finally {
      await world.close();
    }
  });
});

test('at its own origin the other hosts are paths', async () => {
  const world = await startWorld();
  try {
    const token = await world.mint('my-org');
    const get = async (path: string) =>
      (await call(world, `127.0.0.1:${world.github.port}`, path, token)).status;
    expect(await get('/raw/my-org/another-repo/main/README.md')).toBe(200);
    expect(await get('/media/my-org/another-repo/main/README.md')).toBe(200);
    expect(await get('/codeload/my-org/another-repo/tar.gz/main')).toBe(200);
    expect(await get('/rawest/my-org/another-repo/main/README.md')).toBe(404);
  } finally {
    await world.close();
  }
});

test('on *.ghe.com an upload to Git LFS is verified at the host of the objects', async () => {
  const world = await startWorld({ seed: { ...DEFAULT_SEED, host: 'ghe.com' } });
  try {
    expect(
      (await call(world, 'github-cloud.githubusercontent.com', '/verify/my-org/another-repo/verify')).status,
    ).toBe(403);
    expect((await call(world, 'lfs.github.com', '/my-org/another-repo/verify')).status).toBe(404);
  } finally {
    await world.close();
  }
});

describe('git through a front that answers for the names', () => {
  let world: World;
  let front: Front;
  beforeAll(async () => {
    world = await startWorld();
    front = await startFront(world);
  });
  afterAll(async () => {
    await front.close();
    await world.close();
  });

  test('clones, pushes with options and atomically, and fetches one commit without blobs', async () => {
    const token = await world.mint('my-org');
    const url = `https://x-access-token:${token}@github.com/my-org/another-repo.git`;
    const git = (args: readonly string[], cwd = `${world.dir}/work`) => front.run('git', args, { cwd });
    expect(await git(['clone', '-q', url, 'work'], world.dir)).toMatchObject({ code: 0, stderr: '' });
    await git(['commit', '-q', '--allow-empty', '-m', 'one']);
    const pushed = await git([
      'push',
      '-q',
      '--atomic',
      '-o',
      'ci.skip',
      'origin',
      'HEAD:main',
      'HEAD:refs/tags/v1',
    ]);
    expect(pushed).toMatchObject({ code: 0 });
    const partial = await git(['clone', '-q', '--depth=1', '--filter=blob:none', url, 'partial'], world.dir);
    expect(partial).toMatchObject({ code: 0 });
    expect(new Set(front.seen.map((request) => new URL(request.url).host))).toEqual(new Set(['github.com']));
  });
});

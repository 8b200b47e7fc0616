import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from './github-harness.ts';

let world: World;
let write: string;
let read: string;
beforeAll(async () => {
  world = await startWorld();
  write = await world.mint('my-org', { permissions: { contents: 'write' } });
  read = await world.mint('my-org', { permissions: { contents: 'read' } });
});
afterAll(() => world.close());

const REPOSITORY = '/repos/my-org/another-repo';
const api = (method: string, path: string, body?: unknown, token = write) =>
  world.rest(method, `${REPOSITORY}${path}`, token, body);
const upload = (release: { upload_url: string }, name: string, token = write) =>
  fetch(release.upload_url.replace(/\{.*/, `?name=${name}`), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/x-test' },
    body: 'the content',
  });

describe('releases', () => {
  test('make their tag when they are published, and are found by it', async () => {
    const made = await api('POST', '/releases', { tag_name: 'v1', name: 'One', body: 'First' });
    expect([made.status, made.body.tag_name, made.body.draft]).toEqual([201, 'v1', false]);
    expect((await api('GET', '/git/ref/tags/v1')).status).toBe(200);
    const draft = await api('POST', '/releases', { tag_name: 'v2', draft: true });
    expect((await api('GET', '/git/ref/tags/v2')).status).toBe(404);
    expect((await api('GET', '/releases/tags/v2')).status).toBe(404);
    expect((await api('GET', '/releases', undefined, read)).body).toHaveLength(1);
    expect((await api('GET', '/releases')).body).toHaveLength(2);
    const changed = await api('PATCH', `/releases/${draft.body.id}`, { draft: false, prerelease: true });
    expect(changed.status).toBe(200);
    expect((await api('GET', '/git/ref/tags/v2')).status).toBe(200);
    expect((await api('GET', '/releases/latest')).body.tag_name).toBe('v1');
    expect((await api('DELETE', `/releases/${draft.body.id}`)).status).toBe(204);
    expect((await api('GET', `/releases/${draft.body.id}`)).status).toBe(404);
  });

  test.each<[string, object, string, number]>([
    ['a tag that is released', { tag_name: 'v1' }, 'already_exists', 422],
    ['no tag', {}, 'missing_field', 422],
    ['a tag of a hostile name', { tag_name: '../x' }, 'invalid', 422],
    ['a target that is not there', { tag_name: 'v9', target_commitish: 'none' }, 'invalid', 422],
  ])('%s is refused', async (_title, body, code, status) => {
    const answer = await api('POST', '/releases', body);
    expect([answer.status, answer.body.errors?.[0].code]).toEqual([status, code]);
  });

  test('with contents: read nothing is written', async () => {
    expect((await api('POST', '/releases', { tag_name: 'v8' }, read)).status).toBe(403);
    const { body } = await api('GET', '/releases/tags/v1');
    expect((await upload(body, 'a.txt', read)).status).toBe(403);
    expect((await api('PATCH', `/releases/${body.id}`, { name: 'x' }, read)).status).toBe(403);
    expect((await api('DELETE', `/releases/${body.id}`, undefined, read)).status).toBe(403);
  });
});

describe('assets', () => {
  test('are uploaded to their host, and downloaded by a redirect to another', async () => {
    const { body: release } = await api('GET', '/releases/tags/v1');
    expect(release.upload_url).toMatch(/\/api\/uploads\/repos\//);
    const made = await upload(release, 'a.txt');
    expect(made.status).toBe(201);
    const asset = (await made.json()) as { url: string; browser_download_url: string; size: number };
    expect(asset.size).toBe(11);
    expect((await upload(release, 'a.txt')).status).toBe(422);
    const headers = { authorization: `Bearer ${read}`, accept: 'application/octet-stream' };
    for (const url of [asset.url, asset.browser_download_url]) {
      const redirect = await fetch(url, { headers, redirect: 'manual' });
      expect(redirect.status).toBe(302);
      const location = redirect.headers.get('location') ?? '';
      expect(location).toMatch(/\/storage\/assets\//);
      const got = await fetch(location);
      expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([
        200,
        'text/x-test',
        'the content',
      ]);
      expect(
        (await fetch(location.replace(/signature=[\da-f]+/, `signature=${'0'.repeat(64)}`))).status,
      ).toBe(403);
    }
    const latest = `${world.github.url}/my-org/another-repo/releases/latest/download/a.txt`;
    expect(await (await fetch(latest, { headers })).text()).toBe('the content');
    expect((await fetch(latest)).status).toBe(404);
    expect((await api('GET', `/releases/${release.id}/assets`)).body[0].name).toBe('a.txt');
  });

  test('the host of uploads serves nothing else', async () => {
    const answer = await fetch(`${world.github.url}/api/uploads${REPOSITORY}`, {
      headers: { authorization: `Bearer ${write}` },
    });
    expect(answer.status).toBe(404);
  });
});

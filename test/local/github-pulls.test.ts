import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from './github-harness.ts';

let world: World;
let token: string;
const mint = (permissions: object) => world.mint('my-org', { permissions });
beforeAll(async () => {
  world = await startWorld();
  token = await mint({ contents: 'write', pull_requests: 'write', issues: 'write', actions: 'write' });
  await api('POST', '/git/refs', { ref: 'refs/tags/a-tag', sha: await headOf('main') });
});
afterAll(() => world.close());

const REPOSITORY = '/repos/my-org/another-repo';
const api = (method: string, path: string, body?: unknown, as = token) =>
  world.rest(method, `${REPOSITORY}${path}`, as, body);
const headOf = async (branch: string) =>
  (await api('GET', `/git/ref/heads/${branch}`)).body?.object?.sha as string | undefined;

/** A branch with one commit past main. */
const branchWith = async (branch: string, path = branch, content = 'x') => {
  await api('POST', '/git/refs', { ref: `refs/heads/${branch}`, sha: await headOf('main') });
  const body = { message: `Add ${path}`, content: Buffer.from(content).toString('base64'), branch };
  const answer = await api('PUT', `/contents/${path}`, body);
  return answer.body.commit.sha as string;
};
const open = (head: string, more: object = {}) =>
  api('POST', '/pulls', { title: `Take ${head}`, base: 'main', head, ...more });

describe('pull requests', () => {
  test('are opened, listed, changed, and merged into their base', async () => {
    const sha = await branchWith('feature');
    const made = await open('my-org:feature', { body: 'Please' });
    expect(made.status).toBe(201);
    const { number } = made.body;
    expect(made.body).toMatchObject({
      state: 'open',
      merged: false,
      mergeable: true,
      commits: 1,
      changed_files: 1,
      head: { ref: 'feature', sha, repo: { full_name: 'my-org/another-repo' } },
      base: { ref: 'main' },
      user: { login: 'km-local[bot]', type: 'Bot' },
    });
    expect((await api('GET', '/pulls?head=my-org:feature')).body).toHaveLength(1);
    expect((await api('GET', '/pulls?head=my-org:other')).body).toHaveLength(0);
    expect((await api('GET', `/pulls/${number}/files`)).body[0].filename).toBe('feature');
    expect((await api('GET', `/pulls/${number}/commits`)).body[0].sha).toBe(sha);
    expect((await api('PATCH', `/pulls/${number}`, { title: 'New' })).body.title).toBe('New');
    expect((await api('GET', `/pulls/${number}/merge`)).status).toBe(404);

    expect((await api('PUT', `/pulls/${number}/merge`, { sha: 'a'.repeat(40) })).status).toBe(409);
    const merged = await api('PUT', `/pulls/${number}/merge`, { sha });
    expect(merged.body).toMatchObject({ merged: true, sha: await headOf('main') });
    expect((await api('GET', `/commits/${merged.body.sha}`)).body.parents[1].sha).toBe(sha);
    expect((await api('GET', `/pulls/${number}/merge`)).status).toBe(204);
    expect((await api('PUT', `/pulls/${number}/merge`)).status).toBe(405);
    expect((await api('GET', `/pulls/${number}`)).body).toMatchObject({ state: 'closed', merged: true });
  });

  test('are squashed into one commit, or rebased where that is a fast-forward', async () => {
    await branchWith('squashed');
    const squash = await open('squashed');
    const done = await api('PUT', `/pulls/${squash.body.number}/merge`, { merge_method: 'squash' });
    const { body } = await api('GET', `/commits/${done.body.sha}`);
    expect([body.parents.length, body.commit.message]).toEqual([1, `Take squashed (#${squash.body.number})`]);
    const sha = await branchWith('rebased');
    const rebase = await open('rebased');
    expect(
      (await api('PUT', `/pulls/${rebase.body.number}/merge`, { merge_method: 'rebase' })).body.sha,
    ).toBe(sha);
  });

  test('bring their head up to date with their base', async () => {
    await branchWith('behind');
    const { body } = await open('behind');
    expect((await api('PUT', `/pulls/${body.number}/update-branch`, {})).status).toBe(422);
    const main = await branchWith('ahead');
    await api('PATCH', '/git/refs/heads/main', { sha: main });
    expect((await api('PUT', `/pulls/${body.number}/update-branch`, {})).status).toBe(202);
    expect((await api('GET', '/compare/main...behind')).body).toMatchObject({ behind_by: 0, ahead_by: 2 });
  });

  test('that conflict, or are drafts, are not merged', async () => {
    await branchWith('one', 'same', 'one');
    const other = await branchWith('two', 'same', 'two');
    const [first, second] = [await open('one'), await open('two')];
    expect((await api('PUT', `/pulls/${first.body.number}/merge`)).status).toBe(200);
    const refused = await api('PUT', `/pulls/${second.body.number}/merge`);
    expect([refused.status, refused.body.message]).toEqual([405, 'Pull Request is not mergeable']);
    expect((await api('GET', `/pulls/${second.body.number}`)).body.mergeable).toBe(false);
    expect(await headOf('two')).toBe(other);
    await branchWith('draft');
    const draft = await open('draft', { draft: true });
    expect((await api('PUT', `/pulls/${draft.body.number}/merge`)).status).toBe(405);
  });

  test.each<[string, object, object]>([
    ['no title', { title: '', head: 'main' }, { field: 'title', code: 'missing_field' }],
    ['a head that is not there', { head: 'nothing' }, { field: 'head', code: 'invalid' }],
    ['a base that is not there', { head: 'main', base: 'nothing' }, { field: 'base', code: 'invalid' }],
    ['a base that is a tag', { head: 'feature', base: 'a-tag' }, { field: 'base', code: 'invalid' }],
    ['a head of another owner', { head: 'other-org:main' }, { field: 'head', code: 'invalid' }],
    ['nothing between them', { head: 'main' }, { message: 'No commits between main and main' }],
  ])('%s is refused', async (_title, body, error) => {
    const answer = await api('POST', '/pulls', { title: 't', base: 'main', ...body });
    expect([answer.status, answer.body.message]).toEqual([422, 'Validation Failed']);
    expect(answer.body.errors[0]).toMatchObject({ resource: 'PullRequest', ...error });
  });

  test('one more for the same branches is refused', async () => {
    await branchWith('twin');
    await open('twin');
    const again = await open('twin');
    expect(again.body.errors[0].message).toBe('A pull request already exists for my-org:twin.');
  });
});

test('what GitHub keeps of a pull request is not pushed to', async () => {
  await branchWith('kept');
  const { body } = await open('kept');
  const remote = world.remote('my-org/another-repo.git', token);
  const listed = await world.git(['ls-remote', remote, `refs/pull/${body.number}/head`]);
  expect(listed.stdout).toContain(body.head.sha);
  await world.git(['clone', '-q', remote, 'pushes']);
  const pushed = await world.git(['push', 'origin', `HEAD:refs/pull/${body.number}/head`], {
    cwd: `${world.dir}/pushes`,
  });
  expect(pushed.stderr).toContain('deny updating a hidden ref');
});

describe('issues', () => {
  test('are made, commented on, closed, and kept through a restart; pull requests are among them', async () => {
    const { status, body } = await api('POST', '/issues', { title: 'Broken', body: 'It is' });
    expect([status, body.title, body.body, body.state]).toEqual([201, 'Broken', 'It is', 'open']);
    const comment = await api('POST', `/issues/${body.number}/comments`, { body: 'Indeed' });
    expect([comment.status, comment.body.user.login]).toEqual([201, 'km-local[bot]']);
    expect((await api('GET', `/issues/${body.number}/comments`)).body).toHaveLength(1);
    const all = (await api('GET', '/issues?state=all&per_page=100')).body;
    expect(all[0].number).toBe(body.number);
    expect(all.some((issue: { pull_request?: object }) => issue.pull_request)).toBe(true);
    expect((await api('PATCH', `/issues/${body.number}`, { state: 'closed' })).body.state).toBe('closed');
    await world.restart();
    expect((await api('GET', `/issues/${body.number}`)).body).toMatchObject({ state: 'closed', comments: 1 });
    expect((await api('GET', '/issues/999')).status).toBe(404);
    expect((await api('POST', '/issues', {})).body.errors[0].field).toBe('title');
  });
});

test('dispatches are recorded, and nothing runs', async () => {
  expect((await api('POST', '/dispatches', { event_type: 'go', client_payload: { a: 1 } })).status).toBe(204);
  const workflow = '/actions/workflows/ci.yml/dispatches';
  expect((await api('POST', workflow, { ref: 'main', inputs: {} })).status).toBe(204);
  expect((await api('POST', workflow, { ref: 'nothing' })).status).toBe(422);
  const request = { method: 'GET', path: '/dispatches', query: new URLSearchParams(), body: {} };
  const { body } = await world.github.answerOwner(request);
  expect((body as { dispatches: object[] }).dispatches).toMatchObject([
    { repository: 'my-org/another-repo', event: 'repository_dispatch', name: 'go', payload: { a: 1 } },
    { event: 'workflow_dispatch', name: 'ci.yml', ref: 'main' },
  ]);
});

test.each<[string, string, object, object]>([
  ['POST', '/pulls', { title: 't', head: 'a', base: 'b' }, { pull_requests: 'read' }],
  ['PUT', '/pulls/1/merge', {}, { pull_requests: 'write', contents: 'read' }],
  ['PUT', '/pulls/1/update-branch', {}, { pull_requests: 'write', contents: 'read' }],
  ['POST', '/issues', { title: 't' }, { issues: 'read' }],
  ['POST', '/dispatches', { event_type: 't' }, { contents: 'read' }],
  ['POST', '/actions/workflows/ci.yml/dispatches', { ref: 'main' }, { contents: 'write' }],
])('%s %s with %s and only %o is 403', async (method, path, body, permissions) => {
  expect((await api(method, path, body, await mint(permissions))).status).toBe(403);
});

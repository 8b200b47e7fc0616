import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from './github-harness.ts';

let world: World;
let token: string;
beforeAll(async () => {
  world = await startWorld();
  token = await world.mint('my-org', {
    repositories: ['another-repo'],
    permissions: { contents: 'write', issues: 'write', pull_requests: 'write' },
  });
});
afterAll(() => world.close());

const ask = async (
  query: string,
  variables: object = {},
  as: string | null = token,
  path = '/api/graphql',
) => {
  const response = await fetch(`${world.github.url}${path}`, {
    method: 'POST',
    headers: as === null ? {} : { authorization: `Bearer ${as}` },
    body: JSON.stringify({ query, variables }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: whatever GitHub answers
  return { status: response.status, body: (await response.json()) as any };
};
const REPOSITORY = 'repository(owner: "my-org", name: "another-repo")';

describe('a query', () => {
  test('reads a repository that the token reaches, with its branches, files and commits', async () => {
    const { body } = await ask(`{ ${REPOSITORY} {
      nameWithOwner owner { __typename login } viewerPermission
      defaultBranchRef { name target { ... on Commit { oid history(first: 1) { totalCount nodes { messageHeadline } } } } }
      refs(refPrefix: "refs/heads/", first: 10) { nodes { name prefix } }
      object(expression: "main:README.md") { ... on Blob { text byteSize } }
    } }`);
    expect(body.errors).toBeUndefined();
    expect(body.data.repository).toMatchObject({
      nameWithOwner: 'my-org/another-repo',
      owner: { __typename: 'Organization', login: 'my-org' },
      viewerPermission: 'WRITE',
      defaultBranchRef: { name: 'main', target: { history: { totalCount: 1 } } },
      refs: { nodes: [{ name: 'main', prefix: 'refs/heads/' }] },
    });
    expect(body.data.repository.object.text).toMatch(/^# another-repo/);
  });

  test.each([
    ['repository(owner: "my-org", name: "private-repo") { id }', 'repository'],
    ['repository(owner: "other-org", name: "their-repo") { id }', 'repository'],
    ['node(id: "R_MTAwMDAwMDAx") { id }', 'node'],
  ])('%s is out of reach: NOT_FOUND', async (field, name) => {
    const { status, body } = await ask(`{ ${field} }`);
    expect([status, body.data[name], body.errors[0].type, body.errors[0].path]).toEqual([
      200,
      null,
      'NOT_FOUND',
      [name],
    ]);
  });

  test('an owner, a search and the nodes show no more than the token reaches', async () => {
    const { body } = await ask(`{
      repositoryOwner(login: "my-org") { repositories(first: 10) { totalCount nodes { name } } }
      search(type: REPOSITORY, query: "repo", first: 10) { repositoryCount }
      viewer { login }
    }`);
    expect(body.data).toEqual({
      repositoryOwner: { repositories: { totalCount: 1, nodes: [{ name: 'another-repo' }] } },
      search: { repositoryCount: 1 },
      viewer: { login: 'km-local[bot]' },
    });
  });

  test('without a permission its field is refused, and the rest answered', async () => {
    const poor = await world.mint('my-org', { permissions: { metadata: 'read' } });
    const { body } = await ask(`{ ${REPOSITORY} { name release(tagName: "v1") { id } } }`, {}, poor);
    expect(body.data.repository).toEqual({ name: 'another-repo', release: null });
    expect(body.errors[0]).toMatchObject({
      type: 'FORBIDDEN',
      message: 'Resource not accessible by integration',
      path: ['repository', 'release'],
    });
  });

  test('lists are paged forwards and backwards, and not without a size', async () => {
    for (const name of ['p1', 'p2', 'p3'])
      await world.rest('POST', '/repos/my-org/another-repo/issues', token, { title: name });
    const page = async (args: string) => {
      const fields = `totalCount nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;
      const { body } = await ask(`{ ${REPOSITORY} { issues(${args}) { ${fields} } } }`);
      const { nodes, pageInfo, totalCount } = body.data.repository.issues;
      return { titles: nodes.map((node: { title: string }) => node.title), pageInfo, totalCount };
    };
    const first = await page('first: 2');
    expect([first.titles, first.totalCount, first.pageInfo.hasNextPage]).toEqual([['p3', 'p2'], 3, true]);
    const second = await page(`first: 2, after: "${first.pageInfo.endCursor}"`);
    expect([second.titles, second.pageInfo.hasNextPage]).toEqual([['p1'], false]);
    const last = await page('last: 1');
    expect([last.titles, last.pageInfo.hasPreviousPage]).toEqual([['p1'], true]);
    expect((await page(`last: 2, before: "${last.pageInfo.startCursor}"`)).titles).toEqual(['p3', 'p2']);
    const { body } = await ask(`{ ${REPOSITORY} { issues { totalCount nodes { title } } } }`);
    expect(body.errors[0].type).toBe('MISSING_PAGINATION_BOUNDARIES');
    const many = await ask(`{ ${REPOSITORY} { issues(first: 101) { nodes { title } } } }`);
    expect(many.body.errors[0].type).toBe('EXCESSIVE_PAGINATION');
  });
});

describe('what is refused', () => {
  test('no credential, or an unknown one', async () => {
    expect((await ask('{ viewer { login } }', {}, null)).status).toBe(401);
    expect((await ask('{ viewer { login } }', {}, 'ghs_none')).status).toBe(401);
  });

  test.each([
    ['{', /^Syntax Error/],
    ['{ nothing }', /^Cannot query field "nothing"/],
    [`{ ${REPOSITORY} { secrets } }`, /^Cannot query field "secrets"/],
    [`query($a: Int!) { ${REPOSITORY} { issue(number: $a) { id } } }`, /^Variable "\$a" of required type/],
    [
      `{ ${REPOSITORY} { issue(number: 999) { id } } }`,
      /^Could not resolve to an Issue with the number of 999\.$/,
    ],
  ])('%s', async (query, message) => {
    const { status, body } = await ask(query);
    expect([status, body.errors[0].message]).toEqual([200, expect.stringMatching(message)]);
  });
});

describe('a mutation', () => {
  const idOf = async (field: string) => (await ask(`{ ${REPOSITORY} { id ${field} } }`)).body.data.repository;
  const mutate = async (name: string, input: object, answer: string, as = token) =>
    (
      await ask(
        `mutation($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${answer} } }`,
        { input },
        as,
      )
    ).body;

  test('moves refs by the rules of REST', async () => {
    const { id, ref } = await idOf('ref(qualifiedName: "main") { id target { oid } }');
    const made = await mutate(
      'createRef',
      { repositoryId: id, name: 'refs/heads/new', oid: ref.target.oid },
      'ref { id name }',
    );
    expect(made.data.createRef.ref.name).toBe('new');
    const refId = made.data.createRef.ref.id;
    const put = await world.rest('PUT', '/repos/my-org/another-repo/contents/a', token, {
      message: 'm',
      content: '',
      branch: 'new',
    });
    const back = { refId, oid: ref.target.oid };
    expect((await mutate('updateRef', back, 'ref { name }')).errors[0].message).toBe(
      'Update is not a fast forward',
    );
    expect(
      (await mutate('updateRef', { ...back, force: true }, 'ref { target { oid } }')).data.updateRef.ref
        .target.oid,
    ).toBe(ref.target.oid);
    expect(
      (await mutate('updateRef', { refId, oid: put.body.commit.sha }, 'ref { name }')).errors,
    ).toBeUndefined();
    expect((await mutate('deleteRef', { refId }, 'clientMutationId')).errors).toBeUndefined();
    expect((await world.rest('GET', '/repos/my-org/another-repo/git/ref/heads/new', token)).status).toBe(404);
  });

  test('is refused where the token does not reach', async () => {
    const poor = await world.mint('my-org', { permissions: { contents: 'read' } });
    const { id, ref } = await idOf('ref(qualifiedName: "main") { target { oid } }');
    const input = { repositoryId: id, name: 'refs/heads/poor', oid: ref.target.oid };
    expect((await mutate('createRef', input, 'ref { name }', poor)).errors[0].type).toBe('FORBIDDEN');
    const elsewhere = { repositoryId: 'R_MTAwMDAwMDAx', title: 't' };
    expect((await mutate('createIssue', elsewhere, 'issue { id }')).errors[0].type).toBe('NOT_FOUND');
  });
});

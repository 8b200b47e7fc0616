import fc from 'fast-check';
import { buildSchema, executeSync, getNamedType, isObjectType, parse } from 'graphql';
import { ask } from './graphql-scene.ts';

/** A world in which repositories lead to each other; every other repository's content is a leak. */
const schema = buildSchema(`
  type Query {
    repository(owner: String, name: String, followRenames: Boolean): Repository
    node(id: ID): Repository
    viewer: User
    search(query: String, type: String, first: Int): Found
  }
  type Repository {
    id: ID  name: String  description: String
    parent: Repository  templateRepository: Repository  owner: User
    pullRequest(number: Int): PullRequest  pullRequests(first: Int): PullRequests
    defaultBranchRef: Ref  forks: Repositories  object(oid: String): Repository
  }
  type Repositories { nodes: [Repository] }
  type User { login: String  id: ID  repository(name: String): Repository  repositories: Repositories }
  type PullRequest { title: String  author: User  headRepository: Repository  headRef: Ref  baseRef: Ref }
  type PullRequests { totalCount: Int  nodes: [PullRequest]  edges: [PullRequestEdge] }
  type PullRequestEdge { node: PullRequest }
  type Ref { name: String  repository: Repository  target: Commit }
  type Commit { oid: String  message: String  repository: Repository }
  type Found { nodes: [PullRequest]  issueCount: Int }
`);

type Leaks = string[];
type Lookup = (args: Record<string, unknown>) => unknown;

const user = (leaks: Leaks): Record<string, unknown | Lookup> => ({
  login: 'someone',
  id: 'U_1',
  repository: () => repository('mallory/theirs', leaks),
  repositories: () => ({ nodes: [repository('mallory/theirs', leaks)] }),
});

const content = (repo: string, what: string, leaks: Leaks) => () => {
  if (repo !== 'acme/app') leaks.push(`${what} of ${repo}`);
  return what;
};

const ref = (repo: string, leaks: Leaks): Record<string, unknown> => ({
  name: 'main',
  repository: () => repository('mallory/of-ref', leaks),
  target: () => ({
    oid: content(repo, 'oid', leaks),
    message: content(repo, 'message', leaks),
    repository: () => repository('mallory/of-commit', leaks),
  }),
});

const pullRequest = (repo: string, leaks: Leaks): Record<string, unknown> => ({
  title: content(repo, 'title', leaks),
  author: () => user(leaks),
  headRepository: () => repository('mallory/fork', leaks),
  headRef: () => ref('mallory/fork', leaks),
  baseRef: () => ref(repo, leaks),
});

const repository = (repo: string, leaks: Leaks): Record<string, unknown> => ({
  id: 'R_1',
  name: repo,
  description: content(repo, 'description', leaks),
  parent: () => repository('upstream/app', leaks),
  templateRepository: () => repository('upstream/template', leaks),
  owner: () => user(leaks),
  pullRequest: () => pullRequest(repo, leaks),
  pullRequests: () => ({
    totalCount: 1,
    nodes: () => [pullRequest(repo, leaks)],
    edges: () => [{ node: () => pullRequest(repo, leaks) }],
  }),
  defaultBranchRef: () => ref(repo, leaks),
  forks: () => ({ nodes: [repository('mallory/fork', leaks)] }),
  object: () => repository('mallory/object', leaks),
});

const lower = (value: unknown): string => String(value).toLowerCase();

const root = (leaks: Leaks): Record<string, unknown> => ({
  repository: ({ owner, name }: Record<string, unknown>) =>
    repository(`${lower(owner)}/${lower(name)}`, leaks),
  node: () => repository('mallory/node', leaks),
  viewer: () => user(leaks),
  search: ({ query }: Record<string, unknown>) => {
    const repos = lower(query).match(/(?<=(?:repo|org|user):)\S+/g) ?? ['mallory/any'];
    return { issueCount: 1, nodes: () => repos.map((repo) => pullRequest(repo, leaks)) };
  },
});

const TYPES = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter(({ name }) => !name.startsWith('__'));
const NAMES = TYPES.map(({ name }) => name);

/** Selections on each type: mostly such as the schema has, and some that it has not. */
const selections = fc.letrec<Record<string, string>>((tie) =>
  Object.fromEntries(
    TYPES.map((type) => {
      const fields = Object.values(type.getFields()).map((field) => {
        const to = getNamedType(field.type);
        if (!isObjectType(to)) return fc.constant(field.name);
        const args = field.name === 'pullRequest' ? '(number:1)' : '';
        return tie(to.name).map((inner) => `${field.name}${args}{${inner}}`);
      });
      const leaves = fields.filter(
        (_, n) => !isObjectType(getNamedType(Object.values(type.getFields())[n]?.type)),
      );
      const noise = fc
        .constantFrom(...NAMES)
        .chain((other) => tie(other).map((inner) => `...on ${other}{${inner}}`));
      const one = fc.oneof(
        { maxDepth: 7, depthSize: 'max' },
        fc.oneof(fc.constant('__typename'), ...leaves),
        { arbitrary: fc.oneof(...fields), weight: 9 },
        { arbitrary: tie(type.name).map((inner) => `...on ${type.name}{${inner}}`), weight: 4 },
        { arbitrary: fc.constantFrom(`...f`, `...g`, '... @include(if:true){__typename}'), weight: 1 },
        { arbitrary: noise, weight: 1 },
      );
      return [type.name, one];
    }),
  ),
);

const on = (type: string): fc.Arbitrary<string> => selections[type] ?? fc.constant('id');

const owner = fc.constantFrom(
  '"acme"',
  '"acme"',
  '$a',
  '$a',
  '"mallory"',
  '"ACME"',
  '"""acme"""',
  'null',
  '1',
);
const name = fc.constantFrom('"app"', '"app"', '"app"', '$b', '"secret"', '"\\u0061pp"');
const searched = fc.constantFrom(
  'repo:acme/app',
  'repo:acme/app org:mallory',
  'repo:mallory/x',
  'is:open',
  'REPO:acme/app',
);

const rootField = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.constantFrom('', '', 'r:', 'viewer:'), owner, name, on('Repository'))
      .map(([alias, o, n, inner]) => `${alias}repository(owner:${o},name:${n}){${inner}}`),
    weight: 6,
  },
  fc.tuple(searched, on('Found')).map(([query, inner]) => `search(type:"ISSUE",query:"${query}"){${inner}}`),
  on('User').map((inner) => `viewer{${inner}}`),
  on('Repository').map((inner) => `node(id:"R_1"){${inner}}`),
);

const operation = fc.tuple(fc.constantFrom('acme', 'mallory'), rootField).map(([fallback, field]) => ({
  variables: `($a:String="${fallback}",$b:String="app")`,
  body: `{${field}}`,
}));

const fragment = fc.constantFrom(...NAMES).chain((type) => on(type).map((inner) => [type, inner] as const));

const request = fc.record({
  operations: fc.array(operation, { minLength: 1, maxLength: 2 }),
  fragments: fc.tuple(fragment, fragment),
  variables: fc.constantFrom<object | undefined>(undefined, {}, { a: 'acme' }, { a: 'mallory' }, { b: null }),
});

/** How many of the requests were let through, so that a property over those alone is seen to say something. */
export const letThrough = { count: 0 };

export const graphqlStaysInItsRepos = {
  title: 'a query that is let through reads nothing of another repository, as a GraphQL engine runs it',
  run(cases: number): void {
    fc.assert(
      fc.property(request, ({ operations, fragments: [[typeF, f], [typeG, g]], variables }) => {
        const named = operations.map(({ variables: defined, body }, n) => `query Q${n}${defined}${body}`);
        const query = `${named.join(' ')} fragment f on ${typeF}{${f}} fragment g on ${typeG}{${g}}`;
        const decision = ask(query, variables);
        if (!decision.allowed) return;
        letThrough.count += 1;
        const sent = JSON.parse(String(decision.body));
        for (const [n] of operations.entries()) {
          const leaks: Leaks = [];
          executeSync({
            schema,
            document: parse(sent.query),
            rootValue: root(leaks),
            variableValues: sent.variables,
            operationName: `Q${n}`,
          });
          if (leaks.length > 0) throw new TypeError(`${leaks.join(', ')}: ${sent.query}`);
        }
      }),
      { numRuns: cases },
    );
  },
};

export const graphqlNeverThrows = {
  title: 'any text as a query, and any bytes as a body, are decided',
  run(cases: number): void {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.anything(), (query, variables) => {
        const isDecided = typeof ask(query, variables instanceof Object ? { v: String } : variables).allowed;
        if (isDecided !== 'boolean') throw new TypeError('not decided');
      }),
      { numRuns: cases },
    );
  },
};

import { EVERYTHING, POLICY } from '../server/scene.ts';
import { type Attack, attacks } from './attack.ts';
import { asked, json } from './shots.ts';

const READING = { policy: { ...POLICY, graphql: 'read' } } as const;
const ANY = { policy: EVERYTHING };
const repo = (fields: string, name = 'my-repo'): string =>
  `repository(owner:"my-org",name:"${name}"){${fields}}`;

const OWN = { query: `{${repo('name')}}` };
const post = (body: unknown) => asked(json('/graphql', body));
const SOUND = { shot: post(OWN) };

const query = (title: string, text: string, more: object = {}, rule: Attack['rule'] = 'graphql'): Attack => ({
  title,
  shot: post({ query: text, ...more }),
  rule,
  under: ANY,
  control: SOUND,
});

/** Another repository, which a policy that allows it lets through. */
const another = (title: string, text: string, variables?: object): Attack => ({
  title,
  shot: post({ query: text, ...(variables ? { variables } : {}) }),
  rule: 'repo',
  under: READING,
  control: { under: ANY },
});

const formed = (title: string, body: unknown): Attack => ({
  title,
  shot: post(body),
  rule: 'body',
  under: ANY,
  control: SOUND,
});

const BY_VARIABLES = 'query($owner:String!,$name:String!){repository(owner:$owner,name:$name){name}}';
const MUTATION = 'mutation{createIssue(input:{repositoryId:"R",title:"x"}){clientMutationId}}';

attacks('GraphQL', [
  {
    title: 'a query where the profile allows none',
    shot: post(OWN),
    rule: 'graphql',
    control: { under: READING },
  },
  another('another repository', `{${repo('name', 'their-repo')}}`),
  another('another repository beside an allowed one', `{a:${repo('name')} b:${repo('name', 'their-repo')}}`),
  another('another repository in a variable', BY_VARIABLES, { owner: 'my-org', name: 'their-repo' }),
  another(
    "another repository in a variable's default",
    'query($name:String="their-repo"){repository(owner:"my-org",name:$name){name}}',
  ),
  another(
    'a variable that takes the place of an allowed default',
    'query($name:String="my-repo"){repository(owner:"my-org",name:$name){name}}',
    { name: 'their-repo' },
  ),
  another('another repository in a block string', '{repository(owner:"my-org",name:"""their-repo"""){name}}'),
  another('another repository in escapes', '{repository(owner:"my-org",name:"\\u0074heir-repo"){name}}'),
  another(
    'another repository in a fragment',
    `query{...f} fragment f on Query{${repo('name', 'their-repo')}}`,
  ),
  another(
    'another repository in an operation that is not the first',
    `query A{${repo('name')}} query B{${repo('name', 'their-repo')}}`,
  ),
  another(
    'another repository where it is to be left out',
    `{${repo('name')} x:repository(owner:"my-org",name:"their-repo") @skip(if:true){name}}`,
  ),
  another(
    'issues of another repository by a search',
    '{search(query:"repo:my-org/their-repo is:issue",type:ISSUE,first:9){issueCount}}',
  ),
  query('a mutation', MUTATION),
  query(
    'a mutation behind a query',
    `query A{${repo('name')}} ${MUTATION.replace('mutation', 'mutation B')}`,
    { operationName: 'B' },
  ),
  query('a subscription', 'subscription{x}'),
  query('a node by its id', '{node(id:"R_1"){...on Repository{name}}}'),
  query('nodes by their ids', '{nodes(ids:["R_1"]){id}}'),
  query('a node under the name of an allowed field', '{repository:node(id:"R_1"){id}}'),
  query('a resource by its URL', '{resource(url:"https://github.com/my-org/their-repo"){url}}'),
  query(
    "an organization's repositories",
    '{organization(login:"my-org"){repositories(first:9){nodes{name}}}}',
  ),
  query("an owner's repositories", '{repositoryOwner(login:"my-org"){repositories(first:9){nodes{name}}}}'),
  query("the token's repositories", '{viewer{repositories(first:9){nodes{name}}}}'),
  query('a search over everything', '{search(query:"org:my-org",type:ISSUE,first:9){issueCount}}'),
  query(
    'a search for two repositories',
    '{search(query:"repo:my-org/my-repo repo:my-org/x",type:ISSUE,first:9){issueCount}}',
  ),
  query(
    'a search for repositories',
    '{search(query:"repo:my-org/my-repo",type:REPOSITORY,first:9){repositoryCount}}',
  ),
  query(
    'the owner of an allowed repository',
    `{${repo('owner{...on Organization{repositories(first:9){nodes{name}}}}')}}`,
  ),
  query('its forks', `{${repo('forks(first:9){nodes{name}}')}}`),
  query('content of what it was forked from', `{${repo('parent{object(expression:"HEAD:x"){id}}')}}`),
  query(
    "an author's repositories",
    `{${repo('issue(number:1){author{...on User{repositories(first:9){nodes{name}}}}}')}}`,
  ),
  query(
    'issues that refer to one',
    `{${repo('issue(number:1){timelineItems(first:9){nodes{...on CrossReferencedEvent{source{...on Issue{body}}}}}}')}}`,
  ),
  query('a directive that is not known', `{${repo('name @export(as:"x")')}}`),
  query('a repository with a name to be told later', '{repository(owner:"my-org",name:$name){name}}'),
  query('a repository with a name that is no text', '{repository(owner:"my-org",name:{a:1}){name}}'),
  query(
    'a name that follows a redirect',
    '{repository(owner:"my-org",name:"my-repo",followRenames:true){name}}',
  ),
  query('an argument twice', '{repository(owner:"my-org",name:"my-repo",name:"their-repo"){name}}'),
  query('fragments that hold each other', '{...a} fragment a on Query{...b} fragment b on Query{...a}'),
  formed('a stored query by its hash', { extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }),
  formed('a stored query by its id', { id: 'x', ...OWN }),
  formed('several queries in a list', [OWN, { query: MUTATION }]),
  formed('a query that is no text', { query: { query: MUTATION } }),
  formed('a query without an end', { query: `{${repo('name')}` }),
  formed('more tokens than are read', { query: `{${'x '.repeat(11_000)}}` }),
  formed('a query in a form', `query=${encodeURIComponent(MUTATION)}`),
  formed('a document without an operation', { query: 'fragment f on Query{__typename}' }),
  {
    title: 'a query by GET',
    shot: asked({ target: `/graphql?query=${encodeURIComponent('{viewer{login}}')}` }),
    rule: 'route',
    under: ANY,
    control: SOUND,
  },
  {
    title: 'a query with another one in the URL',
    shot: asked(json('/graphql?query=x', OWN)),
    rule: 'route',
    under: ANY,
    control: SOUND,
  },
  {
    title: 'GraphQL by the path of another GitHub',
    shot: asked(json('/api/graphql', OWN)),
    rule: 'route',
    under: ANY,
    control: SOUND,
  },
]);

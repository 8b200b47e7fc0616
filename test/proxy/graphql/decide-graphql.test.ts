import { expect, test } from 'vitest';
import { decideGraphql } from '../../../lib/proxy/graphql/decide-graphql.ts';
import { ask, own, reader, rows, sent, verdict } from './graphql-scene.ts';

test.each(
  rows([
    ['a repo by literals', own('id')],
    ['a repo in other letters', '{repository(owner:"ACME",name:"App"){id}}'],
    [
      'a repo by variables',
      'query($o:String!,$n:String!){repository(owner:$o,name:$n){id}}',
      { o: 'acme', n: 'app' },
    ],
    ['a repo by defaults', 'query($o:String="acme",$n:String="app"){repository(owner:$o,name:$n){id}}'],
    [
      'a repo by aliases, twice',
      '{a:repository(owner:"acme",name:"app"){id} b:repository(owner:"acme",name:"app"){id}}',
    ],
    [
      'a repo in a fragment on Query',
      'query{...q} fragment q on Query{repository(owner:"acme",name:"app"){id}}',
    ],
    ['who the token is', '{viewer{login} rateLimit{remaining} __typename}'],
    [
      'the schema',
      '{__schema{queryType{name} types{...t}} __type(name:"Issue"){fields{name type{ofType{name}}}}} fragment t on __Type{name}',
    ],
    ['what is included on a condition', own('id @include(if:true) name @skip(if:false)')],
    [
      'the head of a branch',
      own(
        'ref(qualifiedName:"refs/heads/main"){target{oid ...on Commit{history(first:1){nodes{messageHeadline author{name user{login}}}}}}}',
      ),
    ],
    [
      'where a fork comes from, by name',
      own('parent{nameWithOwner owner{login}} templateRepository{id ...on Repository{name}}'),
    ],
  ]),
)('$claim may be asked', ({ query, variables }) => {
  expect(verdict(query, variables)).toBe('allowed');
});

test.each(
  rows([
    ['another repo', '{repository(owner:"mallory",name:"app"){id}}'],
    [
      'another repo beside the allowed one',
      '{a:repository(owner:"acme",name:"app"){id} b:repository(owner:"acme",name:"secret"){id}}',
    ],
    [
      'another repo by a variable',
      'query($o:String!){repository(owner:$o,name:"app"){id}}',
      { o: 'mallory' },
    ],
    ['another repo by a default', 'query($o:String="mallory"){repository(owner:$o,name:"app"){id}}'],
    [
      'another repo in a variable, over an allowed default',
      'query($o:String="acme"){repository(owner:$o,name:"app"){id}}',
      { o: 'mallory' },
    ],
    [
      'another repo in the second operation',
      `query A{repository(owner:"acme",name:"app"){id}} query B{repository(owner:"mallory",name:"app"){id}}`,
    ],
    [
      'another repo in a fragment',
      'query{...q} fragment q on Query{repository(owner:"mallory",name:"app"){id}}',
    ],
    [
      'another repo in a fragment of a fragment',
      'query{...p} fragment p on Query{...q} fragment q on Query{repository(owner:"mallory",name:"app"){id}}',
    ],
    ['another repo in an inline fragment', '{...{...on Query{repository(owner:"mallory",name:"app"){id}}}}'],
    [
      'another repo where one operation’s default is allowed and the other’s not',
      'query A($o:String="acme"){...q} query B($o:String="mallory"){...q} fragment q on Query{repository(owner:$o,name:"app"){id}}',
    ],
    ['another repo by an escape', '{repository(owner:"m\\u0061llory",name:"app"){id}}'],
    ['another repo by a block string', '{repository(owner:"""\n  mallory\n""",name:"app"){id}}'],
    ['another repo, skipped', '{repository(owner:"mallory",name:"app")@skip(if:true){id}}'],
    ['a search of another repo', '{search(type:ISSUE,query:"repo:mallory/app",first:1){issueCount}}'],
  ]),
)('$claim is refused as a repo', ({ query, variables }) => {
  expect(verdict(query, variables)).toBe('repo 403');
  expect(verdict(query, variables, ['*'])).toBe('allowed');
});

test('what is sent is what was read: one form of string, no comment, no following of renames', () => {
  const query = '# x\n{repository(owner:"""acme""",name:"\\u0061pp"){n:name}}';
  expect(sent(query)).toBe('{ repository(owner: "acme", name: "app", followRenames: false) { n: name } }');
});

test('repos are told once, in lower case', () => {
  const decision = ask(
    '{a:repository(owner:"Acme",name:"App"){id} b:repository(owner:"acme",name:"app"){id}}',
  );
  expect(decision).toMatchObject({ allowed: true, repos: ['acme/app'] });
});

test('variables and operationName go with the query, extensions do not', () => {
  const body = {
    query: `query A${own('id')}`,
    operationName: 'A',
    variables: { x: 1 },
    extensions: { y: 1 },
  };
  const decision = decideGraphql(reader(['acme/app']), Buffer.from(JSON.stringify(body)));
  expect(Object.keys(JSON.parse(String(decision.allowed && decision.body))).sort()).toEqual([
    'operationName',
    'query',
    'variables',
  ]);
});

test.each<readonly [string, unknown]>([
  ['a list of requests', [{ query: own('id') }]],
  ['a stored query', { id: 'x' }],
  ['a stored query beside a harmless one', { query: own('id'), doc_id: 'x' }],
  ['a query that is no text', { query: { x: 1 } }],
  ['variables as text', { query: own('id'), variables: '{"o":"mallory"}' }],
  ['variables as a list', { query: own('id'), variables: [] }],
  ['a name that is no text', { query: own('id'), operationName: ['A'] }],
  ['no query', { variables: {} }],
  ['an empty query', { query: '' }],
  ['fragments only', { query: 'fragment r on Repository{id}' }],
  ['what is no GraphQL', { query: 'query{' }],
  ['brackets without end', { query: '{a'.repeat(40_000) }],
  ['too many tokens', { query: own('id '.repeat(20_000)) }],
])('a body that is %s is refused as not well-formed', (_, body) => {
  const decision = decideGraphql(reader(['*']), Buffer.from(JSON.stringify(body)));
  expect(decision).toMatchObject({ allowed: false, rule: 'body', status: 400 });
});

test('a body of more than 256 KiB is refused', () => {
  const decision = decideGraphql(reader(['*']), Buffer.alloc(256 * 1024 + 1, 0x20));
  expect(decision).toMatchObject({ allowed: false, rule: 'body', status: 413 });
});

test('fragments that double each other cost no more than their number', () => {
  const fragments = Array.from(
    { length: 20 },
    (_, n) => `fragment f${n} on Repository{...f${n + 1} ...f${n + 1}}`,
  );
  expect(verdict(`query${own('...f0')} ${fragments.join(' ')} fragment f20 on Repository{id}`)).toBe(
    'allowed',
  );
});

test('a policy without graphql: read lets no query through', () => {
  const body = Buffer.from(JSON.stringify({ query: '{viewer{login}}' }));
  expect(decideGraphql({ ...reader(['*']), graphql: 'none' }, body)).toMatchObject({
    allowed: false,
    rule: 'graphql',
    reason: '[km] GraphQL is not let through.',
  });
});

test('a refusal names the field and what to do', () => {
  expect(ask(own('forks(first:1){totalCount}'))).toMatchObject({
    reason:
      "[km] The field 'forks' of 'Repository' is not let through: it is not known to stay within its repository.",
    remedy: 'Leave it out of the query, or use the REST API.',
  });
});

test('no reason is as long as a client’s names are', () => {
  const decision = ask(`{${'x'.repeat(50_000)}}`);
  expect(!decision.allowed && decision.reason.length).toBeLessThan(300);
});

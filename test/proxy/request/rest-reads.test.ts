import { expect, test } from 'vitest';
import { decide, HOSTS, READER, WIDE } from './request-scene.ts';

const API = HOSTS.api;

test.each([
  '',
  '/actions/runs?branch=main&per_page=100',
  '/actions/runs/1/logs',
  '/actions/artifacts/2/zip',
  '/branches/feature%2Fx',
  '/commits?sha=main&path=a%20b&per_page=1',
  '/commits/heads/main/status',
  '/compare/main...dev',
  '/compare/feature%2Fa...feature%2Fb',
  '/contents',
  '/contents/',
  '/contents/a%20b/c:d.txt?ref=main',
  '/git/trees/main:lib?recursive=1',
  '/git/ref/heads/main',
  '/git/matching-refs/heads/feature',
  '/issues?labels[]=bug&state=all',
  '/issues/1/comments',
  '/issues/1/events?per_page=2',
  '/issues/comments/4/reactions',
  '/commits/pulls',
  '/labels/C%23',
  '/pulls?head=acme:dev',
  '/pulls/1/files',
  '/readme',
  '/releases/latest',
  '/releases/tags/v1.0',
  '/releases/assets/3',
  '/tarball/main',
  '/dependency-graph/sbom',
])('a read of /repos/acme/app%s is let through', (rest) => {
  for (const line of [
    `GET ${API}/repos/acme/app${rest}`,
    `HEAD ${API}/repos/ACME/App${rest}`,
    `GET ghe.example.com/api/v3/repos/acme/app${rest}`,
  ]) {
    expect(decide(line, READER)).toEqual({
      allowed: true,
      rule: 'rest-read',
      surface: 'api',
      repo: 'acme/app',
      inspect: { kind: 'none' },
      answer: 'pass',
    });
  }
});

test.each([
  ['a comparison with another owner', '/compare/main...evil:main'],
  ['a comparison with another repository', '/compare/main...evil:store:main'],
  ['a comparison from another repository', '/compare/evil:store:main...main'],
  ['a comparison with an encoded colon', '/compare/main...evil%3amain'],
  ['dependencies compared with another owner', '/dependency-graph/compare/main...evil:main'],
  ['a commit of another owner', '/commits/evil:main'],
  ['a branch of another owner', '/branches/evil%3Amain'],
  ['an archive of another owner', '/zipball/evil:main'],
  ['a timeline, which holds issues of other repositories', '/issues/1/timeline'],
  ['a timeline with a letter encoded', '/issues/1/time%6cine'],
  ['sub-issues, which can be of other repositories', '/issues/1/sub_issues'],
  ['the issue above it, which can be of another repository', '/issues/1/parent'],
  ['the issues that it waits for', '/issues/1/dependencies/blocked_by'],
  ['the pull requests of a commit, in any repository', '/commits/0123abc/pulls'],
  ['the pull requests of a branch’s commit', '/commits/heads/main/pulls'],
  ['forks', '/forks'],
  ['deploy keys', '/keys'],
  ['webhooks', '/hooks'],
  ['the deliveries of a webhook', '/hooks/1/deliveries'],
  ['secrets of Actions', '/actions/secrets'],
  ['the key that secrets are sealed with', '/actions/secrets/public-key'],
  ['secrets of the organization', '/actions/organization-secrets'],
  ['variables of Actions', '/actions/variables'],
  ['runners', '/actions/runners'],
  ['downloads of the runner', '/actions/runners/downloads'],
  ['secrets of Dependabot', '/dependabot/secrets'],
  ['leaked secrets', '/secret-scanning/alerts'],
  ['code scanning', '/code-scanning/alerts'],
  ['secrets of codespaces', '/codespaces/secrets'],
  ['environments', '/environments'],
  ['secrets of an environment', '/environments/prod/secrets'],
  ['collaborators', '/collaborators'],
  ['invitations', '/invitations'],
  ['teams', '/teams'],
  ['traffic', '/traffic/views'],
  ['the installation', '/installation'],
  ['actions alone', '/actions'],
  ['a word that nobody knows', '/unheard-of'],
  ['a first word in capitals', '/Keys'],
  ['a slash at the end', '/issues/'],
])('a read of %s is no route', (_, rest) => {
  expect(decide(`GET ${API}/repos/acme/app${rest}`)).toMatchObject({
    allowed: false,
    rule: 'route',
    repo: 'acme/app',
  });
});

test.each([
  'ref=evil:main',
  'sha=evil%3Amain',
  'ref=main&ref=evil:main',
  'owner=evil',
  'repo=store',
  'Repo=store',
  'repo[]=store',
  'repository_id=1',
  'repository-id=1',
  '%72epo=store',
  '_method=DELETE',
])('a read with ?%s could stray to another repository', (query) => {
  expect(decide(`GET ${API}/repos/acme/app/commits?${query}`)).toMatchObject({
    allowed: false,
    rule: 'route',
    repo: 'acme/app',
    remedy: 'Name the repository in the path only, and a ref without owner: in front.',
  });
});

test.each([
  'access_token=x',
  'ACCESS_TOKEN=x',
  'access%5Ftoken=x',
  'access_token[]=x',
  'access-token=x',
  'page=1&client_id=a&client_secret=x',
  'token=x',
  'jwt=x',
  'oauth_token=x',
])('a read with ?%s carries a credential', (query) => {
  expect(decide(`GET ${API}/repos/acme/app/issues?${query}`)).toMatchObject({
    allowed: false,
    rule: 'credential',
  });
  expect(decide(`GET ${API}/installation/repositories?${query}`)).toMatchObject({ rule: 'credential' });
});

test.each(['a;access_token=x', 'a=%', 'a=%ff', 'a=%00', 'a%0ab=1', 'a=b#c', 'a=\u00e4', 'a=b c', 'a=<'])(
  'the query %j is not well-formed',
  (query) => {
    expect(decide(`GET ${API}/repos/acme/app/issues?${query}`)).toMatchObject({
      allowed: false,
      rule: 'path',
      status: 400,
    });
  },
);

test.each(['/', '/meta', '/rate_limit', '/user'])(
  'GET %s is on the list of what carries no repository',
  (path) => {
    for (const line of [`GET ${API}${path}`, `HEAD ghe.example.com/api/v3${path}`]) {
      expect(decide(line, READER)).toEqual({
        allowed: true,
        rule: 'no-repo',
        surface: 'api',
        inspect: { kind: 'none' },
        answer: 'pass',
      });
    }
  },
);

test('the list of repositories is cut to the allowed ones', () => {
  expect(decide(`GET ${API}/installation/repositories?per_page=100&page=2`, READER)).toMatchObject({
    allowed: true,
    rule: 'no-repo',
    answer: 'repository-list',
  });
});

test.each([
  'GET /user/repos',
  'GET /user/',
  'GET /user?x=1',
  'GET /user/1',
  'GET /user/keys',
  'GET /User',
  'POST /user',
  'PATCH /user',
  'GET /users/evil/repos',
  'GET /orgs/acme',
  'GET /orgs/acme/repos',
  'GET /organizations/1/repos',
  'GET /repositories',
  'GET /repos/acme',
  'GET /repos',
  'GET /gists',
  'GET /gists/abc',
  'POST /gists',
  'GET /search/code?q=repo:acme/app+x',
  'GET /search/repositories?q=x',
  'GET /notifications',
  'GET /events',
  'GET /networks/acme/app/events',
  'GET /emojis',
  'GET /app',
  'GET /app/installations',
  'POST /app/installations/1/access_tokens',
  'GET /installations/1/repositories',
  'POST /applications/x/token',
  'DELETE /installation/token',
  'DELETE /installation/repositories',
  'GET /marketplace_listing/plans',
  'POST /markdown',
  'POST /user/repos',
  'POST /orgs/acme/repos',
  'GET /teams/1/repos',
  'GET /projects/1',
  'POST /credentials/revoke',
  'GET /installation/repositories/',
])('%s carries no repository and is refused', (line) => {
  const [method, path] = line.split(' ');
  expect(decide(`${method} ${API}${path}`)).toMatchObject({ allowed: false, rule: 'route', status: 403 });
});

test.each([
  ['GET /repositories/42', '42', ''],
  ['GET /repositories/42/issues?page=2', '42', '/issues?page=2'],
  ['DELETE /repositories/42', '42', ''],
  ['PATCH /repositories/42/git/refs/heads%2Fmain', '42', '/git/refs/heads%2Fmain'],
])('%s is asked for by its name first', (line, id, rest) => {
  const [method, path] = line.split(' ');
  expect(decide(`${method} ${API}${path}`)).toMatchObject({
    allowed: true,
    inspect: { kind: 'repository-id', id, rest },
  });
});

test.each(['0', '042', '-1', '4%32', '42.json', 'abc', '99999999999999999999'])(
  'the number %s is none of a repository',
  (id) => {
    expect(decide(`GET ${API}/repositories/${id}/issues`)).toMatchObject({ allowed: false, rule: 'route' });
  },
);

test('GraphQL is inspected with graphql: read, and refused without', () => {
  for (const address of [`${API}/graphql`, 'ghe.example.com/api/graphql']) {
    expect(decide(`POST ${address}`)).toMatchObject({
      allowed: true,
      rule: 'graphql-read',
      inspect: { kind: 'graphql' },
    });
    expect(decide(`POST ${address}`, READER)).toMatchObject({ allowed: false, rule: 'graphql' });
    for (const [method, tail] of [
      ['GET', '?query={viewer{login}}'],
      ['GET', ''],
      ['POST', '?query=x'],
      ['POST', '/'],
      ['POST', '/x'],
    ]) {
      expect(decide(`${method} ${address}${tail}`, WIDE)).toMatchObject({ allowed: false });
    }
  }
});

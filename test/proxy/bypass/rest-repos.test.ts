import { type Asked, EVERYTHING, POLICY } from '../server/scene.ts';
import { type Attack, attacks, type Setting } from './attack.ts';
import { asked, json } from './shots.ts';

const OWN = '/repos/my-org/my-repo';
const ANY = { policy: EVERYTHING };
const SOUND = { shot: asked({ target: OWN }) };
const WRITTEN = { shot: asked(json(`${OWN}/issues`, {})) };

const reads = (title: string, target: string, rule: Attack['rule'] = 'route', control = OWN): Attack => ({
  title,
  shot: asked({ target }),
  rule,
  under: ANY,
  control: control === OWN ? SOUND : { shot: asked({ target: control }) },
});

const others = (title: string, ...requests: readonly Asked[]): Attack => ({
  title,
  shot: asked(...requests),
  rule: 'repo',
  control: { under: ANY },
});

/** What no policy allows, held against what is allowed of the same kind. */
const never = (title: string, request: Asked): Attack => ({
  title,
  shot: asked(request),
  rule: 'route',
  under: ANY,
  control: WRITTEN,
});

const REPOSITORY = (name: string) => ({
  onRequest: (_: unknown, response: import('node:http').ServerResponse) =>
    void response.end(JSON.stringify({ full_name: name })),
});

/** A GitHub that takes a range of a list for what it is. */
const inParts: NonNullable<Setting['onRequest']> = ({ headers }, response) => {
  response.writeHead(headers.range === undefined ? 200 : 206, { 'content-type': 'application/json' });
  response.end('{"total_count":1,"repositories":[{"full_name":"my-org/their-repo"}]}');
};

attacks('repositories over REST', [
  {
    // The list is asked for, and its parts go nowhere.
    title: 'a part of the list of repositories, which cannot be cut down',
    shot: asked({ target: '/installation/repositories', headers: { range: 'bytes=0-99' } }),
    before: 1,
    rule: 'upstream',
    under: { onRequest: inParts },
    control: { shot: asked({ target: '/installation/repositories' }) },
  },
  others('another repository', { target: '/repos/my-org/their-repo' }),
  others('a file of another repository', { target: '/repos/my-org/their-repo/contents/x' }),
  others('an issue in another repository', json('/repos/my-org/their-repo/issues', { title: 'secrets' })),
  others('a ref of another repository', {
    method: 'DELETE',
    target: '/repos/my-org/their-repo/git/refs/heads/x',
  }),
  others('an archive of another repository', {
    target: '/repos/my-org/their-repo/tarball/main',
  }),
  {
    title: 'another repository by its number',
    shot: asked({ target: '/repositories/1234/contents/x' }),
    rule: 'repo',
    under: REPOSITORY('my-org/their-repo'),
    control: { under: REPOSITORY('My-Org/My-Repo') },
  },
  {
    title: "a number whose repository the sandbox's tokens do not reach",
    shot: asked({ target: '/repositories/1234' }),
    rule: 'repo',
    under: { onRequest: (_, response) => void response.writeHead(404).end('{}') },
    control: { under: REPOSITORY('my-org/my-repo') },
  },
  {
    title: 'a ref of another repository by its number',
    shot: asked(json('/repositories/1234/git/refs', { ref: 'refs/heads/main', sha: '1'.repeat(40) })),
    rule: 'repo',
    under: REPOSITORY('my-org/their-repo'),
    control: { under: REPOSITORY('my-org/my-repo') },
  },
  {
    title: 'a route that is refused, by the number of an allowed repository',
    shot: asked(json('/repositories/1234/forks', {})),
    rule: 'route',
    under: REPOSITORY('my-org/my-repo'),
    control: { shot: asked({ target: '/repositories/1234' }) },
  },
  reads('a number with an encoded digit', '/repositories/%31234'),
  reads('a number with a zero before it', '/repositories/01234'),
  reads('every repository there is', '/repositories'),
  reads('dot segments out of the allowed repository', `${OWN}/../their-repo`, 'path'),
  reads('dot segments within the path of a file', `${OWN}/contents/../../their-repo`, 'path'),
  reads('encoded dot segments within the path of a file', `${OWN}/contents/%2e%2e/%2e%2e/their-repo`, 'path'),
  reads('an encoded slash in dot segments', `${OWN}/contents/..%2f..%2ftheir-repo`, 'path'),
  reads('an encoded ? within the path', `${OWN}%3f/contents`, 'path'),
  reads('a route in other letters', '/Repos/my-org/my-repo'),
  reads('a route with an encoded letter', '/re%70os/my-org/my-repo'),
  reads('a base path of another GitHub', '/api/v3/repos/my-org/my-repo'),
  reads('an extension that some servers cut off', '/repos/my-org/my-repo.git', 'path'),
  reads(
    'a comparison with the branch of a fork',
    `${OWN}/compare/main...other:main`,
    'route',
    `${OWN}/compare/main...x`,
  ),
  reads('a comparison with a branch of another repository', `${OWN}/compare/main...my-org:their-repo:main`),
  reads('a comparison with an encoded colon', `${OWN}/compare/main...other%3Amain`),
  reads(
    'commits of the branch of a fork',
    `${OWN}/commits?sha=other:main`,
    'route',
    `${OWN}/commits?sha=main`,
  ),
  reads(
    'a file of the branch of a fork',
    `${OWN}/contents/x?ref=other%3amain`,
    'route',
    `${OWN}/contents/x?ref=main`,
  ),
  reads(
    'another repository in the query',
    `${OWN}/issues?repo=their-repo`,
    'route',
    `${OWN}/issues?state=all`,
  ),
  reads('another repository as a list in the query', `${OWN}/issues?repository_ids[]=1`),
  reads('the forks, which are repositories of others', `${OWN}/forks`),
  reads('the keys of a repository', `${OWN}/keys`),
  reads('the hooks of a repository', `${OWN}/hooks`),
  reads('the names of its secrets', `${OWN}/actions/secrets`),
  reads('the key that its secrets are sealed with', `${OWN}/actions/secrets/public-key`),
  reads('its runners', `${OWN}/actions/runners`),
  reads('its collaborators', `${OWN}/collaborators`),
  reads('the events of its network of forks', '/networks/my-org/my-repo/events'),
  reads('a search over everything', '/search/code?q=org:my-org+password'),
  reads("the token's repositories", '/user/repos', 'route', '/user'),
  reads('the repositories of an organization', '/orgs/my-org/repos'),
  reads('the repositories of a user', '/users/someone/repos'),
  reads("the user's mail addresses", '/user/emails', 'route', '/user'),
  reads("the user's keys", '/user/keys', 'route', '/user'),
  reads('gists', '/gists'),
  reads('one gist', '/gists/0123456789abcdef'),
  reads('notifications', '/notifications'),
  reads('all events', '/events'),
  reads('feeds with tokens in them', '/feeds'),
  reads('an organization', '/orgs/my-org'),
  reads('the app', '/app'),
  reads('the installations of the app', '/app/installations'),
  reads('a query behind what carries no repository', '/user?x=1', 'route', '/user'),
]);

attacks('what REST never lets through', [
  never('a fork', json(`${OWN}/forks`, {})),
  never('a transfer', json(`${OWN}/transfer`, { new_owner: 'other-org' })),
  never('a repository from a template', json(`${OWN}/generate`, { name: 'x' })),
  never('a new repository', json('/user/repos', { name: 'x' })),
  never('a new repository of an organization', json('/orgs/my-org/repos', { name: 'x' })),
  never('a gist', json('/gists', { files: { x: { content: 'secrets' } } })),
  never('a repository that becomes public', json(OWN, { private: false }, 'PATCH')),
  never('the deletion of a repository', { method: 'DELETE', target: OWN }),
  never('a deploy key', json(`${OWN}/keys`, { key: 'ssh-ed25519 x', read_only: false })),
  never('a hook', json(`${OWN}/hooks`, { config: { url: 'https://example.com' } })),
  never('a collaborator', json(`${OWN}/collaborators/other`, { permission: 'admin' }, 'PUT')),
  never('an invitation', json(`${OWN}/invitations/1`, {}, 'PATCH')),
  never('a secret', json(`${OWN}/actions/secrets/X`, { encrypted_value: 'x' }, 'PUT')),
  never('a variable', json(`${OWN}/actions/variables`, { name: 'X', value: 'x' })),
  never('an environment', json(`${OWN}/environments/prod`, {}, 'PUT')),
  never('a deployment', json(`${OWN}/deployments`, { ref: 'dev' })),
  never('a page', json(`${OWN}/pages`, { source: { branch: 'dev' } })),
  never('a runner', json(`${OWN}/actions/runners/registration-token`, {})),
  never('no protection of a branch any more', {
    method: 'DELETE',
    target: `${OWN}/branches/main/protection`,
  }),
  never('a ruleset', json(`${OWN}/rulesets`, { name: 'x', enforcement: 'disabled' })),
  never(
    'an autolink',
    json(`${OWN}/autolinks`, { key_prefix: 'X', url_template: 'https://example.com/<num>' }),
  ),
  never('an import', json(`${OWN}/import`, { vcs_url: 'https://example.com' }, 'PUT')),
  never('a status of a commit', json(`${OWN}/statuses/${'1'.repeat(40)}`, { state: 'success' })),
  never('an asset of a release, at the host of the API', json(`${OWN}/releases/1/assets`, {})),
  never("the end of the sandbox's token", { method: 'DELETE', target: '/installation/token' }),
  never('a token of the app', json('/app/installations/1/access_tokens', {})),
  never('a token of an OAuth app', json('/applications/x/token', { access_token: 'x' })),
  never('a workflow that is approved', json(`${OWN}/actions/runs/1/approve`, {})),
  never('a codespace', json(`${OWN}/codespaces`, {})),
  never('a change by POST, which GitHub takes for PATCH', json(`${OWN}/git/refs/heads/main`, { sha: 'x' })),
  never('a write with a query', json(`${OWN}/issues?_method=DELETE`, {})),
  never('a write with a slash at its end', json(`${OWN}/issues/`, {})),
]);

attacks('permissions over REST', [
  ...(
    [
      ['an issue', json(`${OWN}/issues`, {})],
      ['a comment', json(`${OWN}/issues/1/comments`, {})],
      ['a review', json(`${OWN}/pulls/1/reviews`, {})],
      ['a check', json(`${OWN}/check-runs`, {})],
      ['a run again', json(`${OWN}/actions/runs/1/rerun`, {})],
      ['a run of a workflow', json(`${OWN}/actions/workflows/x.yml/dispatches`, { ref: 'main' })],
    ] as const
  ).map(
    ([title, request]): Attack => ({
      title: `${title} without the permission for it`,
      shot: asked(request),
      rule: 'permission',
      control: { under: ANY },
    }),
  ),
  {
    title: 'a commit where only reading is allowed',
    shot: asked(json(`${OWN}/git/commits`, {})),
    rule: 'permission',
    under: { policy: { ...POLICY, permissions: { contents: 'read' } } },
    control: { under: { policy: POLICY } },
  },
  {
    title: 'a file where nothing of contents is allowed',
    shot: asked({ host: 'raw.githubusercontent.com', target: '/my-org/my-repo/main/x' }),
    rule: 'permission',
    under: { policy: { ...POLICY, permissions: { issues: 'read' } } },
    control: { under: { policy: POLICY } },
  },
  {
    title: 'a POST where a GET is meant',
    shot: asked(json(OWN, {})),
    rule: 'route',
    under: ANY,
    control: SOUND,
  },
]);

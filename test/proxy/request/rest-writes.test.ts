import { expect, test } from 'vitest';
import { decide, HOSTS, READER, WIDE } from './request-scene.ts';

const REPO = `${HOSTS.api}/repos/acme/app`;
const at = (line: string): string => line.replace(' ', ` ${REPO}`);

test.each([
  ['POST /git/refs', { kind: 'create-ref' }],
  ['PATCH /git/refs/heads/main', { kind: 'update-ref', ref: 'refs/heads/main' }],
  ['PATCH /git/refs/heads/feature/x', { kind: 'update-ref', ref: 'refs/heads/feature/x' }],
  ['PATCH /git/refs/heads%2Ffeature%2Fx', { kind: 'update-ref', ref: 'refs/heads/feature/x' }],
  ['PATCH /git/refs/tags/v1', { kind: 'update-ref', ref: 'refs/tags/v1' }],
  ['DELETE /git/refs/heads/Main', { kind: 'delete-ref', ref: 'refs/heads/Main' }],
  ['POST /merges', { kind: 'merge' }],
  ['POST /merge-upstream', { kind: 'merge-upstream' }],
  ['PUT /contents/a/b.txt', { kind: 'contents' }],
  ['DELETE /contents/a%2Fb.txt', { kind: 'contents' }],
  ['POST /branches/dev/rename', { kind: 'rename-branch', branch: 'dev' }],
  ['POST /branches/feature%2Fx/rename', { kind: 'rename-branch', branch: 'feature/x' }],
  ['PUT /pulls/7/merge', { kind: 'merge-pull', number: 7 }],
  ['PUT /pulls/7/update-branch', { kind: 'update-pull-branch', number: 7 }],
  ['POST /pulls', { kind: 'write-pull' }],
  ['PATCH /pulls/7', { kind: 'write-pull' }],
  ['POST /releases', { kind: 'write-release' }],
  ['PATCH /releases/9', { kind: 'write-release', id: 9 }],
  ['POST /dispatches', { kind: 'repository-dispatch' }],
  ['POST /actions/workflows/3/dispatches', { kind: 'workflow-dispatch' }],
  ['POST /actions/workflows/ci.yml/dispatches', { kind: 'workflow-dispatch' }],
])('%s decides over refs', (line, write) => {
  expect(decide(at(line))).toEqual({
    allowed: true,
    rule: 'ref-write',
    surface: 'api',
    repo: 'acme/app',
    inspect: { kind: 'ref-write', write },
    answer: 'pass',
  });
  expect(decide(at(line), READER)).toMatchObject({ allowed: false, rule: 'permission', repo: 'acme/app' });
  expect(decide(at(line).replace('acme/app', 'acme/other'))).toMatchObject({ allowed: false, rule: 'repo' });
});

test.each([
  ['POST /git/blobs', ['contents']],
  ['POST /git/trees', ['contents']],
  ['POST /git/commits', ['contents']],
  ['POST /git/tags', ['contents']],
  ['DELETE /releases/9', ['contents']],
  ['POST /releases/generate-notes', ['contents']],
  ['DELETE /releases/assets/9', ['contents']],
  ['POST /issues', ['issues']],
  ['PATCH /issues/7', ['issues', 'pull_requests']],
  ['POST /issues/7/comments', ['issues', 'pull_requests']],
  ['PATCH /issues/comments/9', ['issues', 'pull_requests']],
  ['DELETE /issues/7/labels/C%23', ['issues', 'pull_requests']],
  ['PUT /issues/7/lock', ['issues', 'pull_requests']],
  ['POST /labels', ['issues']],
  ['PATCH /milestones/2', ['issues']],
  ['POST /pulls/7/comments', ['pull_requests']],
  ['POST /pulls/7/comments/9/replies', ['pull_requests']],
  ['POST /pulls/7/reviews', ['pull_requests']],
  ['PUT /pulls/7/reviews/9/dismissals', ['pull_requests']],
  ['DELETE /pulls/7/requested_reviewers', ['pull_requests']],
  ['POST /check-runs', ['checks']],
  ['PATCH /check-runs/9', ['checks']],
  ['POST /check-suites/9/rerequest', ['checks']],
  ['POST /actions/runs/9/rerun', ['actions']],
  ['POST /actions/runs/9/cancel', ['actions']],
  ['DELETE /actions/caches/9', ['actions']],
  ['PUT /actions/workflows/ci.yaml/disable', ['actions']],
])('%s takes write of %j, and each is enough', (line, permissions) => {
  for (const name of permissions) {
    const only = { ...WIDE, permissions: { [name]: 'write' } } as const;
    expect(decide(at(line), only)).toMatchObject({ allowed: true, rule: 'rest-write', repo: 'acme/app' });
  }
  const others = Object.entries(WIDE.permissions).filter(([name]) => !permissions.includes(name));
  for (const level of ['read', 'write'] as const) {
    const asked = permissions.map((name): [string, 'read' | 'write'] => [name, 'read']);
    const without = {
      ...WIDE,
      permissions: Object.fromEntries(level === 'read' ? asked : others),
    };
    expect(decide(at(line), without)).toMatchObject({ allowed: false, rule: 'permission' });
  }
});

test.each([
  ['a fork', 'POST /forks'],
  ['a transfer', 'POST /transfer'],
  ['a copy from a template', 'POST /generate'],
  ['settings', 'PATCH '],
  ['the whole repository', 'DELETE '],
  ['a webhook', 'POST /hooks'],
  ['a webhook that is tried', 'POST /hooks/1/tests'],
  ['a deploy key', 'POST /keys'],
  ['a collaborator', 'PUT /collaborators/evil'],
  ['branch protection', 'PUT /branches/main/protection'],
  ['branch protection taken away', 'DELETE /branches/main/protection'],
  ['a ruleset', 'POST /rulesets'],
  ['a ruleset changed', 'PUT /rulesets/1'],
  ['pages', 'POST /pages'],
  ['a pages build', 'POST /pages/builds'],
  ['an environment', 'PUT /environments/prod'],
  ['a secret', 'PUT /actions/secrets/X'],
  ['a variable', 'POST /actions/variables'],
  ['a runner', 'POST /actions/runners/registration-token'],
  ['permissions of Actions', 'PUT /actions/permissions'],
  ['a run of a fork approved', 'POST /actions/runs/1/approve'],
  ['a deployment approved', 'POST /actions/runs/1/pending_deployments'],
  ['a secret of Dependabot', 'PUT /dependabot/secrets/X'],
  ['topics', 'PUT /topics'],
  ['an import', 'PUT /import'],
  ['an autolink', 'POST /autolinks'],
  ['a deployment', 'POST /deployments'],
  ['a status', `POST /statuses/${'a'.repeat(40)}`],
  ['a sub-issue, named by a global number', 'POST /issues/7/sub_issues'],
  ['an issue that blocks, named by a global number', 'POST /issues/7/dependencies/blocked_by'],
  ['a codespace', 'POST /codespaces'],
  ['preferences of check suites', 'PATCH /check-suites/preferences'],
  ['an attestation', 'POST /attestations'],
  ['a commit comment', `POST /commits/${'a'.repeat(40)}/comments`],
  ['a subscription', 'PUT /subscription'],
  ['interaction limits', 'PUT /interaction-limits'],
  ['POST where GitHub takes it for PATCH, of a ref', 'POST /git/refs/heads/main'],
  ['POST where GitHub takes it for PATCH, of a pull request', 'POST /pulls/7'],
  ['POST where GitHub takes it for PATCH, of a release', 'POST /releases/9'],
  ['POST where GitHub takes it for PATCH, of the settings', 'POST '],
  ['PUT for PATCH, of a ref', 'PUT /git/refs/heads/main'],
  ['all refs at once', 'DELETE /git/refs'],
  ['a folder of refs', 'DELETE /git/refs/heads'],
  ['the singular of refs', 'DELETE /git/ref/heads/main'],
  ['a ref with refs/ twice', 'PATCH /git/refs/refs/heads/main'],
  ['a ref with refs/ and its slash encoded', 'PATCH /git/refs/refs%2Fheads%2Fmain'],
  ['a ref in the words of a revision', 'PATCH /git/refs/heads/main~1'],
  ['a ref with a colon', 'PATCH /git/refs/heads/a:b'],
  ['a ref with @{', 'PATCH /git/refs/heads/main@%7B1%7D'],
  ['a ref with two dots', 'PATCH /git/refs/heads/a..b'],
  ['a ref with a space', 'PATCH /git/refs/heads/a%20b'],
  ['a ref with .lock', 'DELETE /git/refs/heads/a.lock'],
  ['a ref with a dot at its end', 'DELETE /git/refs/heads/main.'],
  ['a ref with a slash at its end', 'DELETE /git/refs/heads/main/'],
  ['a ref with .json behind the route', 'POST /git/refs.json'],
  ['a renamed branch in several segments', 'POST /branches/feature/x/rename'],
  ['a renamed branch in full', 'POST /branches/refs%2Fheads%2Fmain/rename'],
  ['a renamed branch that is an option', 'POST /branches/-x/rename'],
  ['a pull request by an encoded number', 'PUT /pulls/%37/merge'],
  ['a pull request by zero', 'PUT /pulls/0/merge'],
  ['a pull request by an octal number', 'PUT /pulls/07/merge'],
  ['a pull request by a number with a sign', 'PUT /pulls/+7/merge'],
  ['a pull request by a number past all counting', 'PUT /pulls/9007199254740993/merge'],
  ['a pull request by a number and more', 'PUT /pulls/7.json/merge'],
  ['a merge that is posted', 'POST /pulls/7/merge'],
  ['a workflow by a path', 'POST /actions/workflows/x%2Fci.yml/dispatches'],
  ['a workflow by a name that is no file', 'POST /actions/workflows/ci/dispatches'],
  ['a folder as contents', 'PUT /contents/a/'],
  ['contents without a path', 'PUT /contents'],
])('%s is no route of the table', (_, line) => {
  expect(decide(at(line))).toMatchObject({ allowed: false, rule: 'route', repo: 'acme/app' });
});

test.each([
  'PUT /contents/a.txt?branch=dev',
  'DELETE /contents/a.txt?branch=dev&sha=1',
  'POST /git/refs?ref=refs/heads/dev',
  'DELETE /git/refs/heads/dev?x=1',
  'POST /pulls?base=main',
  'POST /issues?',
  'POST /merges?_method=GET',
])('%s is refused for its query, since a write says everything in its body', (line) => {
  expect(decide(at(line))).toMatchObject({
    allowed: false,
    rule: 'route',
    remedy: 'Send the values in the JSON body, not in a query.',
  });
});

test.each(['OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'MKACTIVITY', 'get', ''])(
  'the method %j is refused',
  (method) => {
    expect(decide(`${method} ${REPO}/issues`)).toMatchObject({ allowed: false, rule: 'route' });
  },
);

import type { Repository } from '../directory.ts';
import { diffOf } from '../git/history.ts';
import { branchCommit } from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import { currentPull, openPull, PULLS, type Pull } from '../pull-requests.ts';
import { botOf } from './bot.ts';
import { commitJson, fileJson } from './commit-json.ts';
import { accepts } from './commit-routes.ts';
import { changedIssue, inState, invalidField, namedIssue } from './issue-routes.ts';
import { paginate } from './paging.ts';
import { fullPullJson, pullContent, pullJson } from './pull-json.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

/** The pull request of the path's number, at its current commits. Throws 404. */
export const namedPull = async (
  context: RestContext,
  repository: Repository,
  documentation: string,
): Promise<Pull> => {
  const issue = namedIssue(context, repository, documentation);
  if (!issue.pull) throw new GitHubError(404, 'Not Found', { documentation });
  return currentPull(context.state, { ...issue, pull: issue.pull });
};

const create = async (context: RestContext): Promise<Reply> => {
  const documentation = `${PULLS}#create-a-pull-request`;
  const repository = accessRepository(context, 'pull_requests', 'write', documentation);
  const { title, body, base, head, draft } = await context.body();
  for (const [field, value] of Object.entries({ title, base, head }))
    if (typeof value !== 'string' || value === '') throw invalidField(documentation, 'PullRequest', field);
  const issue = await openPull(context.state, repository, {
    title: String(title),
    body: typeof body === 'string' ? body : '',
    base: String(base),
    head: String(head),
    draft: draft === true,
    author: botOf(context).login,
    now: context.now,
  });
  return { status: 201, body: await fullPullJson(context, repository, issue) };
};

const list = async (context: RestContext): Promise<Reply> => {
  const repository = accessRepository(context, 'pull_requests', 'read', `${PULLS}#list-pull-requests`);
  const { query, state } = context;
  const head = query.get('head')?.replace(/^[^:]*:/, '');
  const pulls = inState(context, state.issues.list(repository.id)).flatMap((issue) => {
    const { pull } = issue;
    const wanted =
      pull && [undefined, pull.head].includes(head) && [null, pull.base].includes(query.get('base'));
    return wanted ? [{ ...issue, pull }] : [];
  });
  const { items, headers } = paginate(context, pulls);
  const current = await Promise.all(items.map((issue) => currentPull(state, issue)));
  return { status: 200, headers, body: current.map((issue) => pullJson(context, repository, issue)) };
};

const get = async (context: RestContext): Promise<Reply> => {
  const documentation = `${PULLS}#get-a-pull-request`;
  const repository = accessRepository(context, 'pull_requests', 'read', documentation);
  const issue = await namedPull(context, repository, documentation);
  if (!accepts(context, 'diff')) return { status: 200, body: await fullPullJson(context, repository, issue) };
  const { common } = await pullContent(context, repository, issue);
  const bytes = await diffOf(context.state.git, repository.id, common, issue.pull.headSha);
  return { status: 200, content: { type: 'application/vnd.github.v3.diff; charset=utf-8', bytes } };
};

const update = async (context: RestContext): Promise<Reply> => {
  const documentation = `${PULLS}#update-a-pull-request`;
  const repository = accessRepository(context, 'pull_requests', 'write', documentation);
  const body = await context.body();
  const issue = await namedPull(context, repository, documentation);
  const { base = issue.pull.base } = body;
  if (typeof base !== 'string' || (await branchCommit(context.state.git, repository.id, base)) === undefined)
    throw invalidField(documentation, 'PullRequest', 'base', 'invalid');
  if (issue.pull.mergedAt !== undefined && body.state === 'open')
    throw invalidField(documentation, 'PullRequest', 'state', 'invalid');
  const changed = { ...changedIssue(context, issue, body), pull: { ...issue.pull, base } };
  context.state.issues.save(changed);
  const current = await currentPull(context.state, changed);
  return { status: 200, body: await fullPullJson(context, repository, current) };
};

const commits = async (context: RestContext): Promise<Reply> => {
  const documentation = `${PULLS}#list-commits-on-a-pull-request`;
  const repository = accessRepository(context, 'pull_requests', 'read', documentation);
  const content = await pullContent(context, repository, await namedPull(context, repository, documentation));
  const { items, headers } = paginate(context, content.commits);
  return { status: 200, headers, body: items.map((commit) => commitJson(context, repository, commit)) };
};

const files = async (context: RestContext): Promise<Reply> => {
  const documentation = `${PULLS}#list-pull-requests-files`;
  const repository = accessRepository(context, 'pull_requests', 'read', documentation);
  const issue = await namedPull(context, repository, documentation);
  const { items, headers } = paginate(context, (await pullContent(context, repository, issue)).files);
  const body = items.map((file) => fileJson(context, repository, issue.pull.headSha, file));
  return { status: 200, headers, body };
};

const ROOT = '/repos/{owner}/{repo}/pulls';

/** Pull requests between branches of one repository. */
export const pullRoutes: readonly Route[] = [
  { method: 'POST', pattern: ROOT, auth: 'anyone', handle: create },
  { method: 'GET', pattern: ROOT, auth: 'anyone', handle: list },
  { method: 'GET', pattern: `${ROOT}/{number}`, auth: 'anyone', handle: get },
  { method: 'PATCH', pattern: `${ROOT}/{number}`, auth: 'anyone', handle: update },
  { method: 'GET', pattern: `${ROOT}/{number}/commits`, auth: 'anyone', handle: commits },
  { method: 'GET', pattern: `${ROOT}/{number}/files`, auth: 'anyone', handle: files },
];

import type { Repository } from '../directory.ts';
import { GitHubError } from '../github-error.ts';
import type { Issue } from '../issue-store.ts';
import { botOf } from './bot.ts';
import { commentJson, issueJson } from './issue-json.ts';
import { paginate } from './paging.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

const ISSUES = 'https://docs.github.com/rest/issues/issues';
const COMMENTS = 'https://docs.github.com/rest/issues/comments';

/** 422 with what is wrong with a field, as GitHub words it. */
export const invalidField = (
  documentation: string,
  resource: string,
  field: string,
  code = 'missing_field',
) => new GitHubError(422, 'Validation Failed', { documentation, errors: [{ resource, field, code }] });

/** Those in the state that `state` asks for: open unless it says closed or all. */
export const inState = (context: RestContext, issues: readonly Issue[]): Issue[] => {
  const wanted = context.query.get('state') ?? 'open';
  return issues.filter(({ state }) => wanted === 'all' || state === wanted);
};

/** The issue or pull request of the path's number. Throws 404. */
export const namedIssue = (context: RestContext, repository: Repository, documentation: string): Issue => {
  const { number = '' } = context.params;
  const found = /^[1-9]\d{0,8}$/.test(number) && context.state.issues.get(repository.id, Number(number));
  if (!found) throw new GitHubError(404, 'Not Found', { documentation });
  return found;
};

/** An issue with what a PATCH says of title, body and state. */
export const changedIssue = (
  context: RestContext,
  issue: Issue,
  body: Readonly<Record<string, unknown>>,
): Issue => {
  const { closedAt: _closedAt, ...open } = issue;
  const state = body.state === 'open' || body.state === 'closed' ? body.state : issue.state;
  return {
    ...open,
    title: typeof body.title === 'string' ? body.title : issue.title,
    body: typeof body.body === 'string' ? body.body : issue.body,
    state,
    updatedAt: context.now,
    ...(state === 'closed' ? { closedAt: issue.closedAt ?? context.now } : {}),
  };
};

const create = async (context: RestContext): Promise<Reply> => {
  const documentation = `${ISSUES}#create-an-issue`;
  const repository = accessRepository(context, 'issues', 'write', documentation);
  const { title, body } = await context.body();
  if (typeof title !== 'string' || title === '') throw invalidField(documentation, 'Issue', 'title');
  const issue = context.state.issues.create({
    repositoryId: repository.id,
    title,
    body: typeof body === 'string' ? body : '',
    author: botOf(context).login,
    createdAt: context.now,
  });
  return { status: 201, body: issueJson(context, repository, issue) };
};

const list = (context: RestContext): Reply => {
  const repository = accessRepository(context, 'issues', 'read', `${ISSUES}#list-repository-issues`);
  const all = inState(context, context.state.issues.list(repository.id));
  const { items, headers } = paginate(context, all);
  return { status: 200, headers, body: items.map((issue) => issueJson(context, repository, issue)) };
};

const get = (context: RestContext): Reply => {
  const documentation = `${ISSUES}#get-an-issue`;
  const repository = accessRepository(context, 'issues', 'read', documentation);
  return {
    status: 200,
    body: issueJson(context, repository, namedIssue(context, repository, documentation)),
  };
};

const update = async (context: RestContext): Promise<Reply> => {
  const documentation = `${ISSUES}#update-an-issue`;
  const repository = accessRepository(context, 'issues', 'write', documentation);
  const issue = changedIssue(context, namedIssue(context, repository, documentation), await context.body());
  context.state.issues.save(issue);
  return { status: 200, body: issueJson(context, repository, issue) };
};

const comment = async (context: RestContext): Promise<Reply> => {
  const documentation = `${COMMENTS}#create-an-issue-comment`;
  const repository = accessRepository(context, 'issues', 'write', documentation);
  const { issues } = context.state;
  const issue = namedIssue(context, repository, documentation);
  const { body } = await context.body();
  if (typeof body !== 'string' || body === '') throw invalidField(documentation, 'IssueComment', 'body');
  const made = { id: issues.nextId(), body, author: botOf(context).login, createdAt: context.now };
  issues.save({ ...issue, comments: [...issue.comments, made], updatedAt: context.now });
  return { status: 201, body: commentJson(context, repository, issue, made) };
};

const comments = (context: RestContext): Reply => {
  const documentation = `${COMMENTS}#list-issue-comments`;
  const repository = accessRepository(context, 'issues', 'read', documentation);
  const issue = namedIssue(context, repository, documentation);
  const { items, headers } = paginate(context, issue.comments);
  return { status: 200, headers, body: items.map((entry) => commentJson(context, repository, issue, entry)) };
};

const ROOT = '/repos/{owner}/{repo}/issues';

/** Issues and their comments; pull requests are among them. */
export const issueRoutes: readonly Route[] = [
  { method: 'POST', pattern: ROOT, auth: 'anyone', handle: create },
  { method: 'GET', pattern: ROOT, auth: 'anyone', handle: list },
  { method: 'GET', pattern: `${ROOT}/{number}`, auth: 'anyone', handle: get },
  { method: 'PATCH', pattern: `${ROOT}/{number}`, auth: 'anyone', handle: update },
  { method: 'POST', pattern: `${ROOT}/{number}/comments`, auth: 'anyone', handle: comment },
  { method: 'GET', pattern: `${ROOT}/{number}/comments`, auth: 'anyone', handle: comments },
];

import type { Repository } from '../directory.ts';
import type { Issue, IssueComment } from '../issue-store.ts';
import { botOf } from '../rest/bot.ts';
import { commentJson, issueJson } from '../rest/issue-json.ts';
import type { RestContext } from '../rest/route.ts';
import { actorView } from './account-views.ts';
import { connection, none, type PageArguments } from './connection.ts';
import { repositoryView } from './repository-view.ts';

export const commentView = (
  context: RestContext,
  repository: Repository,
  issue: Issue,
  comment: IssueComment,
) => {
  const json = commentJson(context, repository, issue, comment);
  return {
    __typename: 'IssueComment',
    id: json.node_id,
    databaseId: null,
    author: actorView(context, comment.author),
    authorAssociation: json.author_association,
    body: comment.body,
    createdAt: json.created_at,
    url: json.html_url,
    includesCreatedEdit: false,
    isMinimized: false,
    minimizedReason: null,
    reactionGroups: [],
    viewerDidAuthor: comment.author === botOf(context).login,
  };
};

/** What an issue and a pull request have in common. */
export const commonView = (context: RestContext, repository: Repository, issue: Issue) => {
  const json = issueJson(context, repository, issue);
  return {
    id: json.node_id,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    url: json.html_url,
    closed: issue.state === 'closed',
    author: actorView(context, issue.author),
    authorAssociation: json.author_association,
    createdAt: json.created_at,
    updatedAt: json.updated_at,
    closedAt: json.closed_at,
    repository: () => repositoryView(context, repository),
    assignees: none('assignees'),
    labels: none('labels'),
    projectCards: none('projectCards'),
    projectItems: none('projectItems'),
    milestone: null,
    reactionGroups: [],
    comments: (args: PageArguments) =>
      connection('comments', args, issue.comments, (comment) =>
        commentView(context, repository, issue, comment),
      ),
  };
};

export const issueView = (context: RestContext, repository: Repository, issue: Issue) => ({
  __typename: 'Issue',
  ...commonView(context, repository, issue),
  state: issue.state.toUpperCase(),
  stateReason: issue.state === 'closed' ? 'COMPLETED' : null,
});

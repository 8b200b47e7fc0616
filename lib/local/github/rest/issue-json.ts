import type { Repository } from '../directory.ts';
import type { Issue, IssueComment } from '../issue-store.ts';
import { timestamp } from './app-json.ts';
import { botJson } from './bot.ts';
import type { RestContext } from './route.ts';

type Links = Pick<RestContext, 'apiUrl' | 'url'>;

const when = (ms: number | undefined): string | null => (ms === undefined ? null : timestamp(ms));

/** @see https://docs.github.com/en/rest/issues/comments#get-an-issue-comment */
export const commentJson = (
  links: Links,
  { owner, name }: Repository,
  issue: Issue,
  comment: IssueComment,
) => ({
  id: comment.id,
  node_id: `IC_${comment.id}`,
  url: `${links.apiUrl}/repos/${owner}/${name}/issues/comments/${comment.id}`,
  html_url: `${links.url}/${owner}/${name}/${issue.pull ? 'pull' : 'issues'}/${issue.number}#issuecomment-${comment.id}`,
  issue_url: `${links.apiUrl}/repos/${owner}/${name}/issues/${issue.number}`,
  user: botJson(links, comment.author),
  author_association: 'NONE',
  body: comment.body,
  created_at: timestamp(comment.createdAt),
  updated_at: timestamp(comment.createdAt),
});

/** What an issue and a pull request have in common. */
export const commonJson = (links: Links, { owner, name }: Repository, issue: Issue) => {
  const api = `${links.apiUrl}/repos/${owner}/${name}`;
  return {
    id: issue.id,
    number: issue.number,
    title: issue.title,
    body: issue.body === '' ? null : issue.body,
    state: issue.state,
    locked: false,
    user: botJson(links, issue.author),
    author_association: 'NONE',
    labels: [],
    assignee: null,
    assignees: [],
    milestone: null,
    comments: issue.comments.length,
    comments_url: `${api}/issues/${issue.number}/comments`,
    created_at: timestamp(issue.createdAt),
    updated_at: timestamp(issue.updatedAt),
    closed_at: when(issue.closedAt),
  };
};

/** A pull request among issues too, as GitHub lists them. */
export const issueJson = (links: Links, repository: Repository, issue: Issue) => {
  const { owner, name } = repository;
  const api = `${links.apiUrl}/repos/${owner}/${name}`;
  const pull = issue.pull && {
    pull_request: {
      url: `${api}/pulls/${issue.number}`,
      html_url: `${links.url}/${owner}/${name}/pull/${issue.number}`,
      merged_at: when(issue.pull.mergedAt),
    },
  };
  return {
    ...commonJson(links, repository, issue),
    node_id: `${issue.pull ? 'PR' : 'I'}_${issue.id}`,
    url: `${api}/issues/${issue.number}`,
    repository_url: api,
    html_url: `${links.url}/${owner}/${name}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`,
    state_reason: issue.state === 'closed' ? 'completed' : null,
    ...pull,
  };
};

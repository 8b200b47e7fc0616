import type { Repository } from '../directory.ts';
import { repositoryJson } from '../rest/app-json.ts';
import type { RestContext } from '../rest/route.ts';
import { ownerView } from './account-views.ts';
import { none } from './connection.ts';
import { gitFields } from './git-fields.ts';
import { issueFields } from './issue-fields.ts';

/** A repository: all are private, and none is a fork. */
export const repositoryView = (context: RestContext, repository: Repository) => {
  const json = repositoryJson(context, repository);
  const { principal, state } = context;
  const level = principal.kind === 'installation' ? principal.token.permissions.contents : undefined;
  const account = state.directory.accountById(repository.ownerId);
  return {
    __typename: 'Repository',
    id: json.node_id,
    databaseId: json.id,
    name: json.name,
    nameWithOwner: json.full_name,
    owner: () => (account ? ownerView(context, account) : null),
    description: null,
    homepageUrl: null,
    url: json.html_url,
    sshUrl: `git@github.com:${json.full_name}.git`,
    isPrivate: true,
    isFork: false,
    isArchived: false,
    isDisabled: false,
    isEmpty: false,
    isInOrganization: account?.type === 'Organization',
    isTemplate: false,
    isMirror: false,
    visibility: 'PRIVATE',
    createdAt: json.created_at,
    updatedAt: json.updated_at,
    pushedAt: json.updated_at,
    diskUsage: 0,
    forkCount: 0,
    stargazerCount: 0,
    hasIssuesEnabled: true,
    hasWikiEnabled: false,
    hasProjectsEnabled: false,
    hasDiscussionsEnabled: false,
    viewerPermission: level === 'write' ? 'WRITE' : 'READ',
    viewerCanAdminister: false,
    mergeCommitAllowed: true,
    rebaseMergeAllowed: true,
    squashMergeAllowed: true,
    deleteBranchOnMerge: false,
    parent: null,
    labels: none('labels'),
    milestones: none('milestones'),
    assignableUsers: none('assignableUsers'),
    ...gitFields(context, repository),
    ...issueFields(context, repository),
  };
};

/** What may be asked of one type: fields that hold a value, and fields that lead to another type. */
export interface Shape {
  readonly leaves: ReadonlySet<string>;
  /** By field; `Type[]` is a connection of it. */
  readonly into: Readonly<Record<string, string>>;
  /** Types that a fragment may name here, and what may then be asked. Its own name always may be. */
  readonly on: Readonly<Record<string, string>>;
}

const shape = (
  leaves: string,
  into: Readonly<Record<string, string>> = {},
  on: Readonly<Record<string, string>> = {},
): Shape => ({ leaves: new Set(['__typename', ...leaves.split(/\s+/)]), into, on });

const same = (to: string, ...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, to]));

/** What an issue and a pull request have in common. */
const TALK = `id databaseId number title body bodyText bodyHTML state url resourcePath createdAt updatedAt closed closedAt
  locked activeLockReason authorAssociation publishedAt lastEditedAt includesCreatedEdit viewerDidAuthor
  viewerCanUpdate viewerCanReact viewerSubscription`;
const TALK_INTO = {
  author: 'Actor',
  editor: 'Actor',
  assignees: 'Actor[]',
  participants: 'Actor[]',
  comments: 'Comment[]',
  labels: 'Label[]',
  milestone: 'Milestone',
  projectCards: 'ProjectCard[]',
  projectItems: 'ProjectItem[]',
  reactionGroups: 'ReactionGroup',
} as const;

/**
 * Every field that a query may ask for. What leads out of the repository is left out, or leads to a type with nothing
 * but a name: owners and authors, the repository that this one was forked from, the fork that a pull request comes from,
 * projects. Not here, since they lead to content of other repositories: timelines, cross references, closing issues, the
 * pull requests of a branch or commit, comparisons, forks, submodules, and objects by id or expression.
 *
 * {@link https://docs.github.com/en/graphql/reference/objects}
 */
export const SHAPES: Readonly<Record<string, Shape>> = {
  Repository: shape(
    `id databaseId name nameWithOwner description descriptionHTML shortDescriptionHTML url resourcePath sshUrl mirrorUrl
    homepageUrl openGraphImageUrl usesCustomOpenGraphImage projectsUrl projectsResourcePath securityPolicyUrl
    createdAt updatedAt pushedAt archivedAt diskUsage forkCount stargazerCount visibility
    isArchived isBlankIssuesEnabled isDisabled isEmpty isFork isInOrganization isLocked isMirror isPrivate
    isSecurityPolicyEnabled isTemplate isUserConfigurationRepository forkingAllowed
    hasIssuesEnabled hasProjectsEnabled hasWikiEnabled hasDiscussionsEnabled hasVulnerabilityAlertsEnabled
    mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed autoMergeAllowed deleteBranchOnMerge allowUpdateBranch
    mergeCommitMessage mergeCommitTitle squashMergeCommitMessage squashMergeCommitTitle webCommitSignoffRequired
    viewerCanAdminister viewerCanUpdateTopics viewerCanSubscribe viewerDefaultCommitEmail viewerDefaultMergeMethod
    viewerHasStarred viewerPermission viewerPossibleCommitEmails viewerSubscription`,
    {
      owner: 'Actor',
      parent: 'OtherRepository',
      templateRepository: 'OtherRepository',
      assignableUsers: 'Actor[]',
      mentionableUsers: 'Actor[]',
      watchers: 'Counted',
      stargazers: 'Counted',
      codeOfConduct: 'Named',
      licenseInfo: 'Named',
      primaryLanguage: 'Named',
      languages: 'Named[]',
      contactLinks: 'Named',
      fundingLinks: 'Named',
      issueTemplates: 'Template',
      pullRequestTemplates: 'Template',
      repositoryTopics: 'RepositoryTopic[]',
      defaultBranchRef: 'Ref',
      ref: 'Ref',
      refs: 'Ref[]',
      issue: 'Issue',
      issues: 'Issue[]',
      pullRequest: 'PullRequest',
      pullRequests: 'PullRequest[]',
      issueOrPullRequest: 'IssueOrPullRequest',
      label: 'Label',
      labels: 'Label[]',
      milestone: 'Milestone',
      milestones: 'Milestone[]',
      projects: 'Named[]',
      projectsV2: 'Named[]',
      release: 'Release',
      releases: 'Release[]',
      latestRelease: 'Release',
    },
  ),
  Issue: shape(`${TALK} stateReason isPinned isReadByViewer`, TALK_INTO, same('Issue', 'Comment', 'Node')),
  PullRequest: shape(
    `${TALK} additions deletions changedFiles baseRefName baseRefOid headRefName headRefOid isDraft isCrossRepository
    isInMergeQueue isMergeQueueEnabled maintainerCanModify mergeable mergeStateStatus merged mergedAt permalink
    canBeRebased checksUrl reviewDecision totalCommentsCount viewerCanApplySuggestion viewerCanUpdateBranch
    viewerCanEnableAutoMerge viewerCanDisableAutoMerge viewerCanDeleteHeadRef`,
    {
      ...TALK_INTO,
      baseRef: 'BaseRef',
      headRef: 'HeadRef',
      headRepository: 'OtherRepository',
      headRepositoryOwner: 'Actor',
      mergedBy: 'Actor',
      mergeCommit: 'CommitName',
      potentialMergeCommit: 'CommitName',
      autoMergeRequest: 'AutoMergeRequest',
      commits: 'PullRequestCommit[]',
      statusCheckRollup: 'Rollup',
      files: 'ChangedFile[]',
      reviews: 'Review[]',
      latestReviews: 'Review[]',
      latestOpinionatedReviews: 'Review[]',
      reviewRequests: 'ReviewRequest[]',
    },
    same('PullRequest', 'Comment', 'Node'),
  ),
  IssueOrPullRequest: shape('', {}, { Issue: 'Issue', PullRequest: 'PullRequest' }),
  Comment: shape(
    `id databaseId body bodyText bodyHTML url createdAt updatedAt publishedAt lastEditedAt authorAssociation
    includesCreatedEdit isMinimized minimizedReason viewerDidAuthor`,
    { author: 'Actor', editor: 'Actor', reactionGroups: 'ReactionGroup' },
    same('Comment', 'IssueComment'),
  ),
  Review: shape(
    'id databaseId state body bodyText url submittedAt createdAt updatedAt authorAssociation viewerDidAuthor',
    { author: 'Actor', commit: 'CommitName', reactionGroups: 'ReactionGroup', comments: 'ReviewComment[]' },
    same('Review', 'PullRequestReview'),
  ),
  ReviewComment: shape(
    `id databaseId body bodyText path position originalPosition line startLine diffHunk outdated url createdAt updatedAt
    authorAssociation isMinimized minimizedReason`,
    { author: 'Actor', reactionGroups: 'ReactionGroup' },
    same('ReviewComment', 'PullRequestReviewComment'),
  ),
  ReviewRequest: shape('id asCodeOwner', { requestedReviewer: 'Actor' }),
  AutoMergeRequest: shape('authorEmail commitBody commitHeadline mergeMethod enabledAt', {
    enabledBy: 'Actor',
  }),
  PullRequestCommit: shape('id url', { commit: 'Commit' }),
  Commit: shape(
    `id oid abbreviatedOid message messageHeadline messageBody committedDate authoredDate pushedDate additions deletions
    changedFilesIfAvailable url commitUrl`,
    {
      author: 'GitActor',
      committer: 'GitActor',
      authors: 'GitActor[]',
      parents: 'CommitName[]',
      history: 'Commit[]',
      statusCheckRollup: 'Rollup',
    },
    same('Commit', 'GitObject'),
  ),
  CommitName: shape(
    'id oid abbreviatedOid messageHeadline committedDate url',
    {},
    same('CommitName', 'Commit'),
  ),
  GitActor: shape('name email date', { user: 'Actor' }),
  Rollup: shape('id state', { contexts: 'Check[]' }, same('Rollup', 'StatusCheckRollup')),
  Check: shape('', {}, { CheckRun: 'CheckRun', StatusContext: 'StatusContext' }),
  CheckRun: shape(
    'id databaseId name status conclusion startedAt completedAt detailsUrl url permalink title summary text isRequired',
    { checkSuite: 'CheckSuite' },
  ),
  CheckSuite: shape('id status conclusion', { workflowRun: 'WorkflowRun', app: 'Named' }),
  WorkflowRun: shape('id databaseId runNumber event url', { workflow: 'Named' }),
  StatusContext: shape('id context state targetUrl createdAt description isRequired', { creator: 'Actor' }),
  ChangedFile: shape('additions deletions path changeType viewerViewedState'),
  Ref: shape('id name prefix', { target: 'Target', branchProtectionRule: 'BranchProtectionRule' }),
  BaseRef: shape('id name prefix', { branchProtectionRule: 'BranchProtectionRule' }, same('BaseRef', 'Ref')),
  /** Of a fork, which may be no repository of the policy. */
  HeadRef: shape('id name prefix', {}, same('HeadRef', 'Ref')),
  Target: shape(
    'id oid abbreviatedOid',
    {},
    { GitObject: 'Target', Commit: 'Commit', Tag: 'Tag', Tree: 'Target', Blob: 'Target' },
  ),
  Tag: shape('id oid name message', { tagger: 'GitActor' }),
  BranchProtectionRule: shape(
    `id pattern requiresStrictStatusChecks requiresApprovingReviews requiredApprovingReviewCount requiresStatusChecks
    requiredStatusCheckContexts allowsForcePushes allowsDeletions requiresLinearHistory`,
  ),
  Release: shape(
    `id databaseId name tagName description shortDescriptionHTML url createdAt publishedAt updatedAt isDraft isLatest
    isPrerelease immutable`,
    { author: 'Actor', tagCommit: 'CommitName', releaseAssets: 'ReleaseAsset[]' },
  ),
  ReleaseAsset: shape('id name size contentType downloadCount downloadUrl url createdAt updatedAt'),
  Label: shape('id name description color url isDefault createdAt updatedAt'),
  Milestone: shape(
    'id databaseId number title description dueOn state url createdAt closedAt progressPercentage',
  ),
  ProjectCard: shape('id isArchived', { project: 'Named', column: 'Named' }),
  ProjectItem: shape('id isArchived', { project: 'Named' }),
  ReactionGroup: shape('content createdAt viewerHasReacted', { users: 'Counted', reactors: 'Counted' }),
  RepositoryTopic: shape('id url', { topic: 'Named' }),
  Template: shape('name title body about filename'),
  Counted: shape('totalCount'),
  /** What has a name and no content: languages, licences, workflows, projects, topics. */
  Named: shape(
    'id key name title number nickname slug url about platform body color resourcePath state closed spdxId',
    {},
    same('Named', 'ProjectV2', 'Project', 'Language', 'License', 'CodeOfConduct', 'Topic', 'Workflow', 'App'),
  ),
  /** A repository that the policy may not name: who it is, and nothing of it. */
  OtherRepository: shape(
    'id databaseId name nameWithOwner url isPrivate',
    { owner: 'Actor' },
    same('OtherRepository', 'Repository'),
  ),
  Actor: shape(
    'id databaseId login name slug url avatarUrl isBot',
    { organization: 'Actor' },
    same(
      'Actor',
      'User',
      'Bot',
      'Organization',
      'Mannequin',
      'Team',
      'EnterpriseUserAccount',
      'RepositoryOwner',
    ),
  ),
  Viewer: shape('id databaseId login', {}, same('Viewer', 'User', 'Actor')),
  RateLimit: shape('cost limit nodeCount remaining resetAt used'),
  PageInfo: shape('hasNextPage hasPreviousPage startCursor endCursor'),
};

/** What a connection of a type holds. {@link https://relay.dev/graphql/connections.htm} */
export const connectionOf = (type: string): Shape =>
  shape('totalCount totalSize issueCount', {
    pageInfo: 'PageInfo',
    nodes: type,
    edges: `${type} edge`,
  });

/** What an edge of a connection holds. `size` is a language's. */
export const edgeOf = (type: string): Shape => shape('cursor size', { node: type });

/** Arguments that choose among what belongs to the field. None names a repository, a node or an object. */
export const ARGUMENTS: ReadonlySet<string> = new Set(
  `first last after before orderBy states filterBy labels headRefName baseRefName number name tagName qualifiedName refPrefix
  query direction since until path privacy size pullRequestNumber includeDeprecated excludeMinimized`.split(
    /\s+/,
  ),
);

/** What an issue and a pull request have in common. */
const COMMON = `
  id: ID! number: Int! title: String! body: String! url: URI! closed: Boolean!
  author: Actor authorAssociation: CommentAuthorAssociation!
  createdAt: DateTime! updatedAt: DateTime! closedAt: DateTime repository: Repository!
  assignees(first: Int, after: String): UserConnection!
  labels(first: Int, after: String): LabelConnection
  projectCards(first: Int, after: String): ProjectCardConnection!
  projectItems(first: Int, after: String): ProjectItemConnection!
  milestone: Milestone
  reactionGroups: [ReactionGroup!]
  comments(first: Int, after: String, last: Int, before: String): IssueCommentConnection!
`;

/** The part of GitHub's schema that is about issues and pull requests. */
export const ISSUE_SCHEMA = `
enum IssueState { OPEN CLOSED }
enum IssueStateReason { REOPENED NOT_PLANNED COMPLETED }
enum PullRequestState { OPEN CLOSED MERGED }
enum MergeableState { MERGEABLE CONFLICTING UNKNOWN }
enum MergeStateStatus { BEHIND BLOCKED CLEAN DIRTY DRAFT HAS_HOOKS UNKNOWN UNSTABLE }
enum CommentAuthorAssociation { MEMBER OWNER MANNEQUIN COLLABORATOR CONTRIBUTOR FIRST_TIME_CONTRIBUTOR FIRST_TIMER NONE }
enum ReviewDecision { CHANGES_REQUESTED APPROVED REVIEW_REQUIRED }
enum ReactionContent { THUMBS_UP THUMBS_DOWN LAUGH HOORAY CONFUSED HEART ROCKET EYES }
enum IssueOrderField { CREATED_AT UPDATED_AT COMMENTS }
enum SearchType { ISSUE REPOSITORY USER DISCUSSION }
input IssueOrder { field: IssueOrderField! direction: OrderDirection! }
input IssueFilters { assignee: String createdBy: String mentioned: String labels: [String!] milestone: String states: [IssueState!] since: DateTime viewerSubscribed: Boolean }

type Label implements Node { id: ID! name: String! description: String color: String! }
type LabelConnection { nodes: [Label] totalCount: Int! pageInfo: PageInfo! }
type Milestone implements Node { id: ID! number: Int! title: String! description: String dueOn: DateTime url: URI! }
type MilestoneConnection { nodes: [Milestone] totalCount: Int! pageInfo: PageInfo! }
type Project implements Node { id: ID! name: String! }
type ProjectColumn implements Node { id: ID! name: String! }
type ProjectCard implements Node { id: ID! project: Project! column: ProjectColumn }
type ProjectCardConnection { nodes: [ProjectCard] totalCount: Int! pageInfo: PageInfo! }
type ProjectV2 implements Node { id: ID! title: String! }
type ProjectItem implements Node { id: ID! project: ProjectV2! }
type ProjectItemConnection { nodes: [ProjectItem] totalCount: Int! pageInfo: PageInfo! }
type ReactingUserConnection { totalCount: Int! }
type ReactionGroup { content: ReactionContent! users: ReactingUserConnection! }
type IssueComment implements Node {
  id: ID! databaseId: Int author: Actor authorAssociation: CommentAuthorAssociation! body: String! createdAt: DateTime! url: URI!
  includesCreatedEdit: Boolean! isMinimized: Boolean! minimizedReason: String
  reactionGroups: [ReactionGroup!] viewerDidAuthor: Boolean!
}
type IssueCommentConnection { nodes: [IssueComment] totalCount: Int! pageInfo: PageInfo! }

type Issue implements Node { ${COMMON} state: IssueState! stateReason: IssueStateReason }
type IssueConnection { nodes: [Issue] edges: [IssueEdge] totalCount: Int! pageInfo: PageInfo! }
type IssueEdge { cursor: String! node: Issue }

type Team implements Node { id: ID! name: String! slug: String! organization: Organization! }
union RequestedReviewer = User | Team
type ReviewRequest implements Node { id: ID! requestedReviewer: RequestedReviewer }
type ReviewRequestConnection { nodes: [ReviewRequest] totalCount: Int! pageInfo: PageInfo! }
type PullRequestReview implements Node {
  id: ID! author: Actor authorAssociation: CommentAuthorAssociation! body: String! state: String! submittedAt: DateTime
  commit: Commit reactionGroups: [ReactionGroup!] url: URI!
}
type PullRequestReviewConnection { nodes: [PullRequestReview] totalCount: Int! pageInfo: PageInfo! }
type PullRequestCommit implements Node { id: ID! commit: Commit! }
type PullRequestCommitConnection { nodes: [PullRequestCommit] totalCount: Int! pageInfo: PageInfo! }
type PullRequestChangedFile { path: String! additions: Int! deletions: Int! }
type PullRequestChangedFileConnection { nodes: [PullRequestChangedFile] totalCount: Int! pageInfo: PageInfo! }
type AutoMergeRequest { authorEmail: String }

type PullRequest implements Node { ${COMMON}
  state: PullRequestState! isDraft: Boolean! merged: Boolean! mergedAt: DateTime mergedBy: Actor mergeCommit: Commit
  mergeable: MergeableState! mergeStateStatus: MergeStateStatus! maintainerCanModify: Boolean!
  additions: Int! deletions: Int! changedFiles: Int!
  baseRefName: String! baseRefOid: GitObjectID! baseRef: Ref baseRepository: Repository
  headRefName: String! headRefOid: GitObjectID! headRef: Ref headRepository: Repository headRepositoryOwner: RepositoryOwner
  isCrossRepository: Boolean! potentialMergeCommit: Commit autoMergeRequest: AutoMergeRequest
  reviewDecision: ReviewDecision
  reviewRequests(first: Int, after: String): ReviewRequestConnection
  reviews(first: Int, after: String, last: Int): PullRequestReviewConnection
  latestReviews(first: Int, after: String): PullRequestReviewConnection
  commits(first: Int, after: String, last: Int): PullRequestCommitConnection!
  files(first: Int, after: String): PullRequestChangedFileConnection
}
type PullRequestEdge { cursor: String! node: PullRequest }
type PullRequestConnection { nodes: [PullRequest] edges: [PullRequestEdge] totalCount: Int! pageInfo: PageInfo! }
union IssueOrPullRequest = Issue | PullRequest

union SearchResultItem = Issue | PullRequest | Repository
type SearchResultItemEdge { cursor: String! node: SearchResultItem }
type SearchResultItemConnection {
  nodes: [SearchResultItem] edges: [SearchResultItemEdge] issueCount: Int! repositoryCount: Int! pageInfo: PageInfo!
}
type RateLimit { cost: Int! limit: Int! nodeCount: Int! remaining: Int! resetAt: DateTime! used: Int! }

type Query {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  rateLimit: RateLimit
  repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
  repositoryOwner(login: String!): RepositoryOwner
  search(query: String!, type: SearchType!, first: Int, after: String, last: Int, before: String): SearchResultItemConnection!
  viewer: User!
}

enum IssueClosedStateReason { COMPLETED NOT_PLANNED }
enum PullRequestMergeMethod { MERGE SQUASH REBASE }
input CreateIssueInput { repositoryId: ID! title: String! body: String assigneeIds: [ID!] labelIds: [ID!] milestoneId: ID projectIds: [ID!] issueTemplate: String clientMutationId: String }
input CreatePullRequestInput { repositoryId: ID! baseRefName: String! headRefName: String! title: String! body: String draft: Boolean = false maintainerCanModify: Boolean = true headRepositoryId: ID clientMutationId: String }
input AddCommentInput { subjectId: ID! body: String! clientMutationId: String }
input MergePullRequestInput { pullRequestId: ID! mergeMethod: PullRequestMergeMethod = MERGE commitHeadline: String commitBody: String expectedHeadOid: GitObjectID authorEmail: String clientMutationId: String }
input CloseIssueInput { issueId: ID! stateReason: IssueClosedStateReason clientMutationId: String }
input ClosePullRequestInput { pullRequestId: ID! clientMutationId: String }
input CreateRefInput { repositoryId: ID! name: String! oid: GitObjectID! clientMutationId: String }
input UpdateRefInput { refId: ID! oid: GitObjectID! force: Boolean = false clientMutationId: String }
input DeleteRefInput { refId: ID! clientMutationId: String }
type CreateIssuePayload { issue: Issue clientMutationId: String }
type CreatePullRequestPayload { pullRequest: PullRequest clientMutationId: String }
type IssueCommentEdge { cursor: String! node: IssueComment }
type AddCommentPayload { commentEdge: IssueCommentEdge clientMutationId: String }
type MergePullRequestPayload { pullRequest: PullRequest clientMutationId: String }
type CloseIssuePayload { issue: Issue clientMutationId: String }
type ClosePullRequestPayload { pullRequest: PullRequest clientMutationId: String }
type CreateRefPayload { ref: Ref clientMutationId: String }
type UpdateRefPayload { ref: Ref clientMutationId: String }
type DeleteRefPayload { clientMutationId: String }
type Mutation {
  createIssue(input: CreateIssueInput!): CreateIssuePayload
  createPullRequest(input: CreatePullRequestInput!): CreatePullRequestPayload
  addComment(input: AddCommentInput!): AddCommentPayload
  mergePullRequest(input: MergePullRequestInput!): MergePullRequestPayload
  closeIssue(input: CloseIssueInput!): CloseIssuePayload
  closePullRequest(input: ClosePullRequestInput!): ClosePullRequestPayload
  createRef(input: CreateRefInput!): CreateRefPayload
  updateRef(input: UpdateRefInput!): UpdateRefPayload
  deleteRef(input: DeleteRefInput!): DeleteRefPayload
}
`;

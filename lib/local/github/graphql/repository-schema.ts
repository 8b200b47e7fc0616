/** The part of GitHub's schema that is about repositories and what git holds. */
export const REPOSITORY_SCHEMA = `
scalar DateTime
scalar URI
scalar GitObjectID
scalar GitSSHRemote
scalar HTML

interface Node { id: ID! }
interface Actor { avatarUrl: URI! login: String! url: URI! }
interface RepositoryOwner {
  id: ID!
  login: String!
  url: URI!
  repositories(first: Int, after: String, last: Int, before: String, privacy: RepositoryPrivacy, isFork: Boolean, ownerAffiliations: [RepositoryAffiliation], affiliations: [RepositoryAffiliation], orderBy: RepositoryOrder): RepositoryConnection!
  repository(name: String!): Repository
}

type User implements Node & Actor & RepositoryOwner {
  id: ID! databaseId: Int login: String! name: String url: URI! avatarUrl: URI!
  repositories(first: Int, after: String, last: Int, before: String, privacy: RepositoryPrivacy, isFork: Boolean, ownerAffiliations: [RepositoryAffiliation], affiliations: [RepositoryAffiliation], orderBy: RepositoryOrder): RepositoryConnection!
  repository(name: String!): Repository
}
type Organization implements Node & Actor & RepositoryOwner {
  id: ID! databaseId: Int login: String! name: String url: URI! avatarUrl: URI!
  repositories(first: Int, after: String, last: Int, before: String, privacy: RepositoryPrivacy, isFork: Boolean, ownerAffiliations: [RepositoryAffiliation], affiliations: [RepositoryAffiliation], orderBy: RepositoryOrder): RepositoryConnection!
  repository(name: String!): Repository
}
type Bot implements Node & Actor { id: ID! databaseId: Int login: String! url: URI! avatarUrl: URI! }

enum RepositoryPrivacy { PUBLIC PRIVATE }
enum RepositoryVisibility { PUBLIC PRIVATE INTERNAL }
enum RepositoryAffiliation { OWNER COLLABORATOR ORGANIZATION_MEMBER }
enum RepositoryPermission { ADMIN MAINTAIN WRITE TRIAGE READ }
enum OrderDirection { ASC DESC }
enum RepositoryOrderField { CREATED_AT UPDATED_AT PUSHED_AT NAME STARGAZERS }
enum ReleaseOrderField { CREATED_AT NAME }
enum RefOrderField { TAG_COMMIT_DATE ALPHABETICAL }
input RepositoryOrder { field: RepositoryOrderField! direction: OrderDirection! }
input ReleaseOrder { field: ReleaseOrderField! direction: OrderDirection! }
input RefOrder { field: RefOrderField! direction: OrderDirection! }

type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }

type RepositoryConnection { nodes: [Repository] totalCount: Int! pageInfo: PageInfo! }

type Repository implements Node {
  id: ID! databaseId: Int name: String! nameWithOwner: String! owner: RepositoryOwner!
  description: String homepageUrl: URI url: URI! sshUrl: GitSSHRemote!
  isPrivate: Boolean! isFork: Boolean! isArchived: Boolean! isDisabled: Boolean! isEmpty: Boolean!
  isInOrganization: Boolean! isTemplate: Boolean! isMirror: Boolean! visibility: RepositoryVisibility!
  createdAt: DateTime! updatedAt: DateTime! pushedAt: DateTime
  diskUsage: Int forkCount: Int! stargazerCount: Int!
  hasIssuesEnabled: Boolean! hasWikiEnabled: Boolean! hasProjectsEnabled: Boolean! hasDiscussionsEnabled: Boolean!
  viewerPermission: RepositoryPermission viewerCanAdminister: Boolean!
  mergeCommitAllowed: Boolean! rebaseMergeAllowed: Boolean! squashMergeAllowed: Boolean! deleteBranchOnMerge: Boolean!
  parent: Repository
  defaultBranchRef: Ref
  ref(qualifiedName: String!): Ref
  refs(refPrefix: String!, first: Int, after: String, last: Int, before: String, query: String, orderBy: RefOrder, direction: OrderDirection): RefConnection
  object(oid: GitObjectID, expression: String): GitObject
  release(tagName: String!): Release
  latestRelease: Release
  releases(first: Int, after: String, last: Int, before: String, orderBy: ReleaseOrder): ReleaseConnection!
  labels(first: Int, after: String, query: String): LabelConnection
  milestones(first: Int, after: String, query: String): MilestoneConnection
  assignableUsers(first: Int, after: String, query: String): UserConnection!
  issue(number: Int!): Issue
  issueOrPullRequest(number: Int!): IssueOrPullRequest
  issues(first: Int, after: String, last: Int, before: String, states: [IssueState!], labels: [String!], orderBy: IssueOrder, filterBy: IssueFilters): IssueConnection!
  pullRequest(number: Int!): PullRequest
  pullRequests(first: Int, after: String, last: Int, before: String, states: [PullRequestState!], labels: [String!], baseRefName: String, headRefName: String, orderBy: IssueOrder): PullRequestConnection!
}

type BranchProtectionRule implements Node { id: ID! requiresStrictStatusChecks: Boolean! }
type Ref implements Node {
  id: ID! name: String! prefix: String! target: GitObject repository: Repository!
  branchProtectionRule: BranchProtectionRule
}
type RefEdge { cursor: String! node: Ref }
type RefConnection { nodes: [Ref] edges: [RefEdge] totalCount: Int! pageInfo: PageInfo! }

interface GitObject { id: ID! oid: GitObjectID! abbreviatedOid: String! repository: Repository! }
type GitActor { name: String email: String date: String user: User }
type GitActorConnection { nodes: [GitActor] totalCount: Int! pageInfo: PageInfo! }
type Commit implements Node & GitObject {
  id: ID! oid: GitObjectID! abbreviatedOid: String! repository: Repository! url: URI!
  message: String! messageHeadline: String! messageBody: String!
  authoredDate: DateTime! committedDate: DateTime! author: GitActor committer: GitActor
  authors(first: Int, after: String): GitActorConnection!
  history(first: Int, after: String, path: String): CommitHistoryConnection!
  parents(first: Int, after: String): CommitConnection!
  statusCheckRollup: StatusCheckRollup
}
type CommitHistoryConnection { nodes: [Commit] totalCount: Int! pageInfo: PageInfo! }
type CommitConnection { nodes: [Commit] totalCount: Int! pageInfo: PageInfo! }
type Blob implements Node & GitObject {
  id: ID! oid: GitObjectID! abbreviatedOid: String! repository: Repository!
  byteSize: Int! isBinary: Boolean text: String
}

type ReleaseAsset implements Node { id: ID! name: String! size: Int! contentType: String! downloadUrl: URI! url: URI! }
type ReleaseAssetConnection { nodes: [ReleaseAsset] totalCount: Int! pageInfo: PageInfo! }
type Release implements Node {
  id: ID! databaseId: Int name: String tagName: String! description: String url: URI! author: User
  isDraft: Boolean! isLatest: Boolean! isPrerelease: Boolean! createdAt: DateTime! publishedAt: DateTime
  releaseAssets(first: Int, after: String): ReleaseAssetConnection!
}
type ReleaseConnection { nodes: [Release] totalCount: Int! pageInfo: PageInfo! }
type UserConnection { nodes: [User] totalCount: Int! pageInfo: PageInfo! }

type StatusContext implements Node {
  id: ID! context: String! state: String! targetUrl: URI createdAt: DateTime! description: String
  isRequired(pullRequestId: ID, pullRequestNumber: Int): Boolean!
}
type Workflow implements Node { id: ID! name: String! }
type WorkflowRun implements Node { id: ID! workflow: Workflow! event: String! }
type CheckSuite implements Node { id: ID! workflowRun: WorkflowRun }
type CheckRun implements Node {
  id: ID! name: String! status: String! conclusion: String startedAt: DateTime completedAt: DateTime
  detailsUrl: URI checkSuite: CheckSuite!
  isRequired(pullRequestId: ID, pullRequestNumber: Int): Boolean!
}
union StatusCheckRollupContext = CheckRun | StatusContext
type StatusCheckRollupContextConnection { nodes: [StatusCheckRollupContext] totalCount: Int! pageInfo: PageInfo! }
type StatusCheckRollup implements Node {
  id: ID! state: String! contexts(first: Int, after: String): StatusCheckRollupContextConnection!
}
`;

/** A branch of a repo, as a pull request names it. `repo` is `owner/name` in lower case; absent when it is gone. */
export interface BranchOfRepo {
  readonly repo?: string;
  readonly ref: string;
}

/** What the proxy asks GitHub before it can decide, with the sandbox's own token. Each rejects with `ErrProxyLookup`. */
export interface GitHubLookups {
  /** The full name of a repository by its id, in lower case; `undefined` when the sandbox's tokens do not reach it. */
  repositoryName(id: string): Promise<string | undefined>;
  /** The name of the default branch, without `refs/heads/`. */
  defaultBranch(repo: string): Promise<string>;
  pullRequest(
    repo: string,
    number: number,
  ): Promise<{ readonly base: BranchOfRepo; readonly head: BranchOfRepo }>;
  /** The tag that a release has, or a draft is to have; `undefined` when there is none. */
  releaseTag(repo: string, id: number): Promise<string | undefined>;
  /** Whether `ancestor` is `commit` or one that it descends from; false as well when GitHub does not know one of them. */
  isAncestor(repo: string, ancestor: string, commit: string): Promise<boolean>;
}

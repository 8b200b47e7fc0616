import type { Table } from '../aws/cloud.ts';

export interface IssueComment {
  readonly id: number;
  readonly body: string;
  /** A login. */
  readonly author: string;
  readonly createdAt: number;
}

/** What makes an issue a pull request. Both branches are of the same repository: nothing is a fork. */
export interface PullRequest {
  readonly base: string;
  readonly head: string;
  /** Of the head when it was last seen: it stays when the branch is gone. */
  readonly headSha: string;
  readonly baseSha: string;
  readonly draft: boolean;
  readonly mergedAt?: number;
  readonly mergeCommit?: string;
}

/** An issue or a pull request: they share their numbers. */
export interface Issue {
  readonly id: number;
  readonly repositoryId: number;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly state: 'open' | 'closed';
  readonly comments: readonly IssueComment[];
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly closedAt?: number;
  readonly pull?: PullRequest;
}

/** The issues and pull requests of all repositories. */
export class IssueStore {
  readonly #issues: Table<Issue>;
  readonly #counters: Table<number>;

  constructor(table: <T>(name: string) => Table<T>) {
    this.#issues = table<Issue>('github-issues');
    this.#counters = table<number>('github-issue-counters');
  }

  create(issue: Omit<Issue, 'id' | 'number' | 'comments' | 'state' | 'updatedAt'>): Issue {
    const made: Issue = {
      ...issue,
      id: this.nextId(),
      number: this.#count(String(issue.repositoryId)),
      state: 'open',
      comments: [],
      updatedAt: issue.createdAt,
    };
    this.save(made);
    return made;
  }

  /** An id for an issue or a comment, which none had before. */
  nextId(): number {
    return 1_000_000_000 + this.#count('id');
  }

  save(issue: Issue): void {
    this.#issues.set(`${issue.repositoryId}/${issue.number}`, issue);
  }

  get(repositoryId: number, number: number): Issue | undefined {
    return this.#issues.get(`${repositoryId}/${number}`);
  }

  /** Of a repository, the newest first. */
  list(repositoryId: number): Issue[] {
    return this.#issues
      .values()
      .filter((issue) => issue.repositoryId === repositoryId)
      .sort((a, b) => b.number - a.number);
  }

  #count(name: string): number {
    const next = (this.#counters.get(name) ?? 0) + 1;
    this.#counters.set(name, next);
    return next;
  }
}

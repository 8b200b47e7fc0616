export interface GitHubErrorOptions {
  /** The page of the REST reference that GitHub names in the body. */
  readonly documentation?: string;
  /** What is wrong with which field, as in 422 'Validation Failed'. */
  readonly errors?: readonly object[];
  /** Further headers, such as Retry-After. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that refuses: status, message and page, as GitHub's REST API words them. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';
  readonly status: number;
  readonly documentation: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: readonly object[] | undefined;

  constructor(status: number, message: string, options: GitHubErrorOptions = {}) {
    super(message);
    this.status = status;
    this.documentation = options.documentation ?? 'https://docs.github.com/rest';
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }
}

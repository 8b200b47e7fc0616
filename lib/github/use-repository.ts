import type { Secret } from '../secret.ts';
import { unexpectedAnswer, writeNotRefused } from './errors.ts';
import { type GitHubResponse, type GitHubTransport, sendRequest } from './request.ts';

export interface UseRepositoryOptions {
  readonly token: Secret;
  readonly owner: string;
  /** Without its owner. */
  readonly repository: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

const pathOf = ({ owner, repository }: UseRepositoryOptions): string =>
  `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repository)}`;

/**
 * Reads a repository's branches, for which `contents: read` is needed.
 *
 * @throws {KmError} `ErrGitHubUnexpectedAnswer`, or what sending throws.
 * @see https://docs.github.com/en/rest/branches/branches#list-branches
 */
export const readBranches = async (
  transport: GitHubTransport,
  options: UseRepositoryOptions,
): Promise<GitHubResponse> => {
  const path = `${pathOf(options)}/branches?per_page=1`;
  const { token, deadline } = options;
  const response = await sendRequest(transport, { method: 'GET', path, credential: token, deadline });
  if (response.status !== 200) throw unexpectedAnswer(`${response.message} for GET ${path}`);
  return response;
};

/** No object has this name, so that a GitHub that let the write pass would still make no ref of it. */
const NO_OBJECT = '0'.repeat(40);

/**
 * Tries a write that a token without `contents: write` must be refused: a ref to an object that does not exist, which
 * changes nothing even where it is not refused.
 *
 * @returns GitHub's word for the refusal.
 * @throws {KmError} `ErrGitHubWriteNotRefused`, or what sending throws.
 * @see https://docs.github.com/en/rest/git/refs#create-a-reference
 */
export const tryRefusedWrite = async (
  transport: GitHubTransport,
  options: UseRepositoryOptions,
): Promise<string> => {
  const { token, owner, repository, deadline } = options;
  const response = await sendRequest(transport, {
    method: 'POST',
    path: `${pathOf(options)}/git/refs`,
    credential: token,
    body: { ref: 'refs/heads/km-probe', sha: NO_OBJECT },
    deadline,
  });
  // 404 is GitHub's refusal to one who may not know of it.
  if (response.status === 403 || response.status === 404) return `${response.status} ${response.message}`;
  throw writeNotRefused(`${owner}/${repository}`, `${response.status} ${response.message}`);
};

import type { Secret } from '../secret.ts';
import { unexpectedAnswer } from './errors.ts';
import { type GitHubTransport, sendRequest } from './request.ts';

export interface RevokeTokenOptions {
  readonly token: Secret;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/**
 * Revokes an installation access token. Safe to repeat.
 *
 * @returns `revoked`; `dead` when GitHub no longer knows it (expired or revoked before); `suspended` when it cannot be
 * used because its installation is suspended.
 * @throws {KmError} what sending throws, or `ErrGitHubUnexpectedAnswer`.
 * @see https://docs.github.com/en/rest/apps/installations#revoke-an-installation-access-token
 */
export const revokeToken = async (
  transport: GitHubTransport,
  options: RevokeTokenOptions,
): Promise<'revoked' | 'dead' | 'suspended'> => {
  const response = await sendRequest(transport, {
    method: 'DELETE',
    path: '/installation/token',
    credential: options.token,
    deadline: options.deadline,
  });
  if (response.status === 204) return 'revoked';
  if (response.status === 401) return 'dead';
  if (response.status === 403 && /suspended/i.test(response.message)) return 'suspended';
  throw unexpectedAnswer(`${response.message} for DELETE /installation/token`);
};

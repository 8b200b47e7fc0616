import type { Secret } from '../secret.ts';
import { tokenStillAlive, unexpectedAnswer } from './errors.ts';
import { type GitHubTransport, sendRequest } from './request.ts';

export interface AwaitDeadTokenOptions {
  readonly token: Secret;
  /** Whose token it is, for the message. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

const PATIENCE_MS = 5_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 1_000;

/**
 * Proves that GitHub accepts a revoked token no more; a part of GitHub that has not heard of it yet gets up to 5 s.
 *
 * @throws {KmError} `ErrRevokeFailed` when it is still accepted then, `ErrGitHubUnexpectedAnswer`, or what sending throws.
 */
export const awaitDeadToken = async (
  transport: GitHubTransport,
  options: AwaitDeadTokenOptions,
): Promise<void> => {
  const until = Math.min(options.deadline, transport.now() + PATIENCE_MS);
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, LONGEST_DELAY_MS)) {
    const response = await sendRequest(transport, {
      method: 'GET',
      path: '/installation/repositories?per_page=1',
      credential: options.token,
      deadline: options.deadline,
    });
    if (response.status === 401) return;
    if (response.status !== 200)
      throw unexpectedAnswer(`${response.message} for a revoked token of '${options.owner}'`);
    if (transport.now() + delay >= until) throw tokenStillAlive(options.owner);
    await transport.sleep(delay);
  }
};

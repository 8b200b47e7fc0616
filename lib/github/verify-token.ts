import type { Secret } from '../secret.ts';
import { tokenNotAccepted, unexpectedAnswer } from './errors.ts';
import { type GitHubResponse, type GitHubTransport, sendRequest } from './request.ts';

export interface VerifyTokenOptions {
  readonly token: Secret;
  /** Whose token it is, for the message. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Longest time to wait for GitHub to accept it, in milliseconds; default 5,000. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 5_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 1_000;

/** Does not count in the 5,000 requests an hour of an installation, so that sandboxes cannot use a proof up. */
const UNCOUNTED = '/rate_limit';
/** For an Enterprise Server without rate limits, which has no such page. */
const COUNTED = '/installation/repositories?per_page=1';

/** What a token that has not reached all of GitHub yet is answered with. */
const NOT_YET: readonly number[] = [401, 403, 404];

/**
 * Proves that GitHub accepts a fresh token: it can answer 401 or 403 to one for some seconds after the mint.
 *
 * @returns the answer with which GitHub accepted it.
 * @throws {KmError} `ErrGitHubTokenNotAccepted` when the time is up, `ErrGitHubUnexpectedAnswer`, or what sending throws.
 * @see https://docs.github.com/en/rest/rate-limit/rate-limit
 */
export const verifyToken = async (
  transport: GitHubTransport,
  options: VerifyTokenOptions,
): Promise<GitHubResponse> => {
  const until = Math.min(options.deadline, transport.now() + (options.patienceMs ?? PATIENCE_MS));
  let path = UNCOUNTED;
  for (let tried = 0; ; ) {
    const response = await sendRequest(transport, {
      method: 'GET',
      path,
      credential: options.token,
      deadline: until,
    });
    if (response.status === 200) return response;
    if (response.status === 404 && path === UNCOUNTED) {
      path = COUNTED;
      continue;
    }
    if (!NOT_YET.includes(response.status)) {
      throw unexpectedAnswer(`${response.message} for the fresh token of '${options.owner}'`);
    }
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** tried) * (0.5 + transport.random() / 2);
    if (transport.now() + delay >= until) throw tokenNotAccepted(options.owner, response.message);
    await transport.sleep(delay);
    tried += 1;
  }
};

import type { Secret } from '../../secret.ts';

/** Where a proxy gets the sandbox's tokens; only as many as the sandbox itself has. */
export interface TokenHolder {
  /** The owners that have a token each, in lower case and the profile's order; `*` for one token that serves any. */
  owners(): readonly string[];
  /**
   * The token for an owner's repos, with at least five minutes to live; `undefined` when the sandbox has none for it.
   * Rejects with `ErrTokenUnreadable` when it cannot be read.
   */
  token(owner: string): Promise<Secret | undefined>;
  /** Whether km issued this very token to the sandbox, and it still lives. */
  isIssued(candidate: Secret): Promise<boolean>;
  /** GitHub refused the token: the next one is read anew. */
  forget(owner: string): void;
}

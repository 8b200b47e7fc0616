import { Secret } from '../secret.ts';
import type { GitHubApp } from './app.ts';
import { installationMissing, installationSuspended, tooManyRepos, unexpectedAnswer } from './errors.ts';
import { explainRefusedMint } from './explain-refused-mint.ts';
import type { Installation } from './installation.ts';
import type { Permissions } from './permissions.ts';
import { readMintedToken } from './read-minted-token.ts';
import type { GitHubResponse } from './request.ts';
import { revokeToken } from './revoke-token.ts';
import { isCredentialShaped } from './token-shape.ts';

export interface MintTokenOptions {
  readonly installation: Installation;
  /** Repository names without owner, or, on purpose, all that the installation reaches. */
  readonly repositories: readonly string[] | 'all';
  readonly permissions: Permissions;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

export interface MintedToken {
  readonly token: Secret;
  /** GitHub's clock at the mint, in milliseconds since the epoch. */
  readonly mintedAt: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly repositories: readonly string[] | 'all';
  readonly permissions: Readonly<Record<string, string>>;
}

/** The most repositories that GitHub takes in one request. */
export const MOST_REPOSITORIES = 500;

/** A token that came with an answer that cannot be used must not stay alive unseen. */
const discard = async (app: GitHubApp, response: GitHubResponse, deadline: number): Promise<void> => {
  const token = (response.body as { token?: unknown } | undefined)?.token;
  if (!isCredentialShaped(token)) return;
  await revokeToken(app.transport, { token: new Secret(token), deadline }).catch(() => undefined);
};

/**
 * Mints an installation access token with exactly the named repositories and permissions. An answer that is wider
 * than that is refused, and its token revoked.
 *
 * @throws {KmError} `ErrGitHubTooManyRepos` before anything is sent; `ErrGitHubInstallationMissing`,
 * `ErrGitHubInstallationSuspended`, `ErrGitHubRepoNotInInstallation`, `ErrGitHubPermissionNotGranted`,
 * `ErrGitHubUnexpectedAnswer`, or what sending throws.
 * @see https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
 */
export const mintToken = async (app: GitHubApp, options: MintTokenOptions): Promise<MintedToken> => {
  const { installation, repositories, permissions, deadline } = options;
  const owner = installation.account;
  if (repositories !== 'all' && repositories.length > MOST_REPOSITORIES) {
    throw tooManyRepos(owner, repositories.length, MOST_REPOSITORIES);
  }
  // GitHub reads an empty or absent field as everything; 'all' is the only way to ask for that.
  if (repositories.length === 0) throw unexpectedAnswer('no repository to mint for');
  if (Object.keys(permissions).length === 0) throw unexpectedAnswer('no permission to mint for');
  if (installation.suspended) throw installationSuspended(owner, installation.settingsUrl);
  const response = await app.send({
    method: 'POST',
    path: `/app/installations/${installation.id}/access_tokens`,
    body: { permissions, ...(repositories === 'all' ? {} : { repositories }) },
    deadline,
  });
  if (response.status === 404) throw installationMissing(owner);
  if (response.status === 403 && /suspended/i.test(response.message)) {
    throw installationSuspended(owner, installation.settingsUrl);
  }
  if (response.status === 422) throw await explainRefusedMint(app, { ...options, message: response.message });
  if (response.status !== 201) throw unexpectedAnswer(`${response.message} for a token of '${owner}'`);
  try {
    return readMintedToken(response, { owner, repositories, permissions, nowMs: app.transport.now() });
  } catch (error) {
    await discard(app, response, deadline);
    throw error;
  }
};

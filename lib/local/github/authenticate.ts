import type { App } from './app.ts';
import { verifyAppJwt } from './app-jwt.ts';
import type { AppStore } from './app-store.ts';
import type { Directory, Installation } from './directory.ts';
import { GitHubError } from './github-error.ts';
import type { InstallationTokens, StoredToken } from './installation-tokens.ts';

/** Who sent a request. */
export type Principal =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'app'; readonly app: App }
  | {
      readonly kind: 'installation';
      readonly installation: Installation;
      readonly token: StoredToken;
      /** Revokes the very token of this request. */
      revoke(): void;
    };

export interface AuthenticateOptions {
  readonly apps: AppStore;
  readonly directory: Directory;
  readonly tokens: InstallationTokens;
  /** Milliseconds on GitHub's clock. */
  readonly now: number;
}

/**
 * The credential in an Authorization header: Bearer and token as they stand; of Basic the password, or the username
 * where the password is empty or `x-oauth-basic`. Undefined without one; throws 401 for a header that is none of these.
 */
export const credentialOf = (header: string | undefined): string | undefined => {
  if (header === undefined || header === '') return undefined;
  const [, scheme = '', value = ''] = /^(\w+) +([\x21-\x7e]+) *$/.exec(header) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
    case 'token':
      return value;
    case 'basic': {
      const [, username = '', password = ''] =
        /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString('utf8')) ?? [];
      const credential = password === '' || password === 'x-oauth-basic' ? username : password;
      if (credential !== '') return credential;
    }
  }
  throw new GitHubError(401, 'Bad credentials');
};

/** Tells the App by its JWT and an installation by its token; throws GitHubError 401, or 403 when it is suspended. */
export const authenticate = (header: string | undefined, options: AuthenticateOptions): Principal => {
  const credential = credentialOf(header);
  if (credential === undefined) return { kind: 'anonymous' };
  if (credential.startsWith('ey')) {
    return { kind: 'app', app: verifyAppJwt(credential, options.apps, options.now) };
  }
  const token = options.tokens.find(credential, options.now);
  const installation = options.directory.installation(token.installationId);
  if (!installation) throw new GitHubError(401, 'Bad credentials');
  if (installation.suspendedAt !== undefined)
    throw new GitHubError(403, 'This installation has been suspended');
  return {
    kind: 'installation',
    installation,
    token,
    revoke: () => options.tokens.revoke(credential),
  };
};

/** Whether a token reaches a repository: it must be of the installation still, and named by the token if that names any. */
export const reachesRepository = (
  principal: Extract<Principal, { kind: 'installation' }>,
  repository: { readonly id: number; readonly ownerId: number },
): boolean => {
  const { installation, token } = principal;
  if (repository.ownerId !== installation.accountId) return false;
  if (installation.repositories !== 'all' && !installation.repositories.includes(repository.id)) return false;
  return token.repositoryIds === undefined || token.repositoryIds.includes(repository.id);
};

import { GitHubError } from '../github-error.ts';
import type { Route } from './route.ts';

/** Of GitHub Enterprise Server. */
export const ENTERPRISE_VERSION = '3.19.0';

const USER = 'https://docs.github.com/rest/users/users#get-the-authenticated-user';

/** What the server says of itself. Asking for the rate limit does not count against it. */
export const metaRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/',
    auth: 'anyone',
    handle: ({ apiUrl }) => ({
      status: 200,
      body: {
        current_user_url: `${apiUrl}/user`,
        rate_limit_url: `${apiUrl}/rate_limit`,
        repository_url: `${apiUrl}/repos/{owner}/{repo}`,
      },
    }),
  },
  {
    method: 'GET',
    pattern: '/user',
    auth: 'installation',
    handle: () => {
      throw new GitHubError(403, 'Resource not accessible by integration', { documentation: USER });
    },
  },
  {
    method: 'GET',
    pattern: '/meta',
    auth: 'anyone',
    handle: ({ state }) => ({
      status: 200,
      body: {
        verifiable_password_authentication: false,
        ...(state.host === 'ghes' ? { installed_version: ENTERPRISE_VERSION } : {}),
      },
    }),
  },
  {
    method: 'GET',
    pattern: '/rate_limit',
    auth: 'anyone',
    counted: false,
    handle: ({ usage }) => {
      const core = {
        limit: usage.limit,
        used: usage.used,
        remaining: usage.remaining,
        reset: usage.reset,
        resource: 'core',
      };
      return { status: 200, body: { resources: { core }, rate: core } };
    },
  },
];

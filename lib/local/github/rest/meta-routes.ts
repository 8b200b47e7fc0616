import type { Route } from './route.ts';

/** Of GitHub Enterprise Server. */
export const ENTERPRISE_VERSION = '3.19.0';

/** What the server says of itself. Asking for the rate limit does not count against it. */
export const metaRoutes: readonly Route[] = [
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

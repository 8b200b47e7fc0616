import type { Route } from './route.ts';

/** What the server says of itself. Asking for the rate limit does not count against it. */
export const metaRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/meta',
    auth: 'anyone',
    handle: () => ({
      status: 200,
      body: { verifiable_password_authentication: false, installed_version: '3.19.0' },
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

/** What a profile may list under `permissions`, in the order in which a plan names them. */
export const VERBS = [
  'clone',
  'fetch',
  'push',
  'comment',
  'review',
  'checks',
  'workflow',
  'actions',
] as const;

export type Verb = (typeof VERBS)[number];

type Permission = 'contents' | 'metadata' | 'issues' | 'pull_requests' | 'checks' | 'workflows' | 'actions';

/** Permissions of an installation access token, under GitHub's names. */
export type TokenPermissions = { readonly [name in Permission]?: 'read' | 'write' };

/** What each verb needs of GitHub. Where two verbs ask for the same permission, `write` covers `read`. */
const NEEDS: Readonly<Record<Verb, TokenPermissions>> = {
  clone: { contents: 'read' },
  fetch: { contents: 'read' },
  push: { contents: 'write' },
  comment: { issues: 'write' },
  review: { pull_requests: 'write' },
  checks: { checks: 'write' },
  workflow: { workflows: 'write' },
  actions: { actions: 'write' },
};

/**
 * The narrowest token permissions that serve these verbs, with `metadata: read`, which GitHub asks of every token.
 *
 * {@link https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps}
 */
export const tokenPermissions = (verbs: readonly Verb[]): TokenPermissions => {
  const wanted: { [name in Permission]?: 'read' | 'write' } = {};
  for (const verb of verbs) {
    for (const [name, level] of Object.entries(NEEDS[verb]) as [Permission, 'read' | 'write'][]) {
      if (wanted[name] !== 'write') wanted[name] = level;
    }
  }
  return { ...wanted, metadata: 'read' };
};

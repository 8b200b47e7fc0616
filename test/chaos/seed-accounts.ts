/** The accounts of the chaos: one whose App is left alone, one that is suspended for a while, one that takes repos away. */
export const STEADY = 'acme';
export const SUSPENDED = 'globex';
export const SHRINKING = 'initech';
export const REPOS = ['one', 'two', 'three'] as const;

/** The local GitHub's seed, as YAML; JSON is YAML. */
export const SEED = JSON.stringify({
  accounts: [STEADY, SUSPENDED, SHRINKING].map((login) => ({ login, type: 'Organization', repos: REPOS })),
  app: {
    slug: 'km-chaos',
    permissions: { contents: 'write', metadata: 'read' },
    installations: [
      { account: STEADY, repositories: 'all' },
      { account: SUSPENDED, repositories: 'all' },
      { account: SHRINKING, repositories: [...REPOS] },
    ],
  },
});

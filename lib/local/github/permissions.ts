export type PermissionLevel = 'read' | 'write' | 'admin';
export type Permissions = Readonly<Record<string, PermissionLevel>>;

/** The App permissions that the local GitHub knows: the repository's, and an organization's commonest. */
export const KNOWN_PERMISSIONS: readonly string[] = [
  'actions',
  'administration',
  'checks',
  'contents',
  'dependabot_secrets',
  'deployments',
  'environments',
  'issues',
  'members',
  'metadata',
  'organization_administration',
  'packages',
  'pages',
  'pull_requests',
  'repository_hooks',
  'repository_projects',
  'secret_scanning_alerts',
  'secrets',
  'security_events',
  'single_file',
  'statuses',
  'vulnerability_alerts',
  'workflows',
];

const RANK: Readonly<Record<PermissionLevel, number>> = { read: 1, write: 2, admin: 3 };

/** Whether `granted` reaches `level` of the permission `name`. */
export const reaches = (granted: Permissions, name: string, level: PermissionLevel): boolean => {
  const held = granted[name];
  return held !== undefined && RANK[held] >= RANK[level];
};

/** The names in `asked` that `granted` does not reach. */
export const exceeding = (asked: Permissions, granted: Permissions): string[] =>
  Object.entries(asked)
    .filter(([name, level]) => !reaches(granted, name, level))
    .map(([name]) => name);

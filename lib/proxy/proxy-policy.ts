import type { GuardPolicy } from '../guard/guard-policy.ts';

/** Everything that a proxy decides by. */
export interface ProxyPolicy {
  /** The sandbox's id, or the profile's name where there is no sandbox. For the audit log. */
  readonly sandbox: string;
  /** `owner/repo`, `owner/*` or `*`, in lower case; empty: no GitHub at all. */
  readonly allowedRepos: readonly string[];
  /** What the sandbox's tokens carry: `contents: read`, … Absent: nothing of that kind. */
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
  readonly guard: GuardPolicy;
  /** `read`: queries about allowed repos, no mutations. */
  readonly graphql: 'none' | 'read';
  /** Hosts beside GitHub's, in lower case; `*.example.com` stands for every host below it. */
  readonly allowedHosts: readonly string[];
}

/** Whether a policy names a repo; `repo` is `owner/name` in lower case. */
export const allowsRepo = ({ allowedRepos }: Pick<ProxyPolicy, 'allowedRepos'>, repo: string): boolean =>
  allowedRepos.includes('*') ||
  allowedRepos.includes(repo) ||
  allowedRepos.includes(`${repo.slice(0, repo.indexOf('/'))}/*`);

/** Whether the sandbox's tokens carry a permission at that level. */
export const permits = (
  { permissions }: Pick<ProxyPolicy, 'permissions'>,
  name: string,
  level: 'read' | 'write',
): boolean => permissions[name] === 'write' || permissions[name] === level;

import type { Refusal } from '../decision.ts';
import { type ProxyPolicy, permits } from '../proxy-policy.ts';
import { refuse } from './refuse.ts';

export interface NeededPermission {
  /** What is asked for, for the reason: `A push`. */
  readonly what: string;
  readonly repo: string;
  /** Any of them is enough. */
  readonly permissions: readonly string[];
  readonly level: 'read' | 'write';
}

/** Verbs of a profile that give a permission at level `write`. */
const VERBS: Readonly<Record<string, string>> = {
  contents: 'push',
  issues: 'comment',
  pull_requests: 'review',
  checks: 'checks',
  actions: 'actions',
};

/** Refuses what the sandbox's tokens do not carry, in words that name the profile's verb for it. */
export const needsPermission = (
  policy: Pick<ProxyPolicy, 'permissions'>,
  { what, repo, permissions, level }: NeededPermission,
): Refusal | undefined => {
  if (permissions.some((name) => permits(policy, name, level))) return undefined;
  const verbs = permissions.map((name) => (level === 'read' ? 'clone' : (VERBS[name] ?? name)));
  return refuse({
    rule: 'permission',
    reason: `${what} needs ${permissions.map((name) => `${name}: ${level}`).join(' or ')}, which this sandbox does not have`,
    remedy: `Add ${[...new Set(verbs)].join(' or ')} to sourceAccess.github.permissions of the profile.`,
    repo,
  });
};

import type { SandboxPlan } from '../profile/compile-profile.ts';
import type { ProxyPolicy } from '../proxy/proxy-policy.ts';
import { egressOf, guardOf } from './create-sandbox.ts';
import type { SandboxRecord } from './sandbox-record.ts';

/** What a sandbox's stack says that its proxy is to let through. A stack that km did not write lets nothing through. */
export const proxyPolicyOf = ({ id, event, guard, egress }: SandboxRecord): ProxyPolicy => ({
  sandbox: id,
  allowedRepos: event?.allowed_repos.map((repo) => repo.toLowerCase()) ?? [],
  permissions: event?.permissions ?? {},
  guard,
  ...egress,
});

/** The same of a profile; `sandbox` is the one that it is used for, and the profile's name stands in where there is none. */
export const proxyPolicyOfPlan = (plan: SandboxPlan, sandbox: string = plan.name): ProxyPolicy => ({
  sandbox,
  allowedRepos: plan.github?.allowedRepos ?? [],
  permissions: { ...plan.github?.permissions },
  guard: guardOf(plan),
  ...egressOf(plan),
});

/** Nothing at all, for a sandbox that is gone. */
export const closedPolicy = (sandbox: string): ProxyPolicy => ({
  sandbox,
  allowedRepos: [],
  permissions: {},
  guard: { allowedRefs: [], allowForcePushes: false, allowDeletions: false },
  graphql: 'none',
  allowedHosts: [],
});

import type { SandboxPlan } from '../profile/compile-profile.ts';
import { egressOf, guardOf } from './create-sandbox.ts';
import type { SandboxRecord } from './sandbox-record.ts';

/** One thing that another profile changes, in words. */
export interface ProfileChange {
  /** `repos`, `permissions`, `refs`, `forced pushes`, `deletions`, `hosts`, `graphql`, `profile`. */
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

interface Words {
  readonly [what: string]: string;
}

const listed = (words: readonly string[] | undefined, none: string): string => words?.join(', ') || none;

const scopeOf = (permissions: Readonly<Record<string, string>>): string =>
  listed(
    Object.entries(permissions)
      .map(([name, level]) => `${name}:${level}`)
      .sort(),
    'none',
  );

const inWords = ({
  profile,
  event,
  guard,
  egress,
}: Pick<SandboxRecord, 'profile' | 'event' | 'guard' | 'egress'>): Words => ({
  repos: listed(event?.allowed_repos, 'no GitHub'),
  permissions: scopeOf(event?.permissions ?? {}),
  refs: guard.allowedRefs === undefined ? 'any ref' : listed(guard.allowedRefs, 'no ref'),
  'forced pushes': guard.allowForcePushes ? 'allowed' : 'denied',
  deletions: guard.allowDeletions ? 'allowed' : 'denied',
  hosts: listed(egress.allowedHosts, 'none'),
  graphql: egress.graphql,
  profile,
});

/** What a plan would change of a sandbox; nothing when it is what the sandbox was made from. */
export function describeChanges(sandbox: SandboxRecord, plan: SandboxPlan): readonly ProfileChange[] {
  const { github } = plan;
  const before = inWords(sandbox);
  const after = inWords({
    profile: plan.name,
    guard: guardOf(plan),
    egress: egressOf(plan),
    ...(github
      ? {
          event: {
            sandbox_id: sandbox.id,
            allowed_repos: github.allowedRepos,
            permissions: github.permissions,
          },
        }
      : {}),
  });
  return Object.keys(before).flatMap((what) =>
    before[what] === after[what] ? [] : [{ what, before: before[what] ?? '', after: after[what] ?? '' }],
  );
}

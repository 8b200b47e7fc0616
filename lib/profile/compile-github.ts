import type { Profile } from './profile-schema.ts';
import { normalisedRepos, scopesByOwner } from './repo-list.ts';
import type { GitHubPlan } from './sandbox-plan.ts';
import { tokenPermissions, VERBS, type Verb } from './token-permissions.ts';

type SourceAccess = Profile['spec']['sourceAccess'];

/** Without `permissions`, a profile that names refs to push to wants to push. */
const defaultVerbs = (allowedRefs: readonly string[]): readonly Verb[] =>
  allowedRefs.length > 0 ? ['clone', 'fetch', 'push'] : ['clone', 'fetch'];

/** What a valid profile grants on GitHub, in its narrowest form; nothing with `mode: none`. */
export const compileGitHub = ({ mode, github: section }: SourceAccess): GitHubPlan | undefined => {
  if (mode === 'none' || section === undefined) return undefined;
  const { allowedRefs } = section;
  const wanted = section.permissions ?? defaultVerbs(allowedRefs ?? []);
  const verbs = VERBS.filter((verb) => wanted.includes(verb));
  const allowedRepos = normalisedRepos(section.allowedRepos);
  return {
    verbs,
    permissions: tokenPermissions(verbs),
    allowedRepos,
    owners: allowedRepos.includes('*') ? [] : scopesByOwner(allowedRepos),
    guard: {
      ...(allowedRefs ? { allowedRefs: [...new Set(allowedRefs)] } : {}),
      allowForcePushes: section.allowForcePushes ?? false,
      allowDeletions: section.allowDeletions ?? false,
    },
    graphql: section.graphql ?? 'none',
  };
};

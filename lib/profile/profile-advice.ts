import type { Profile } from './profile-schema.ts';
import type { GitHubPlan } from './sandbox-plan.ts';

/** Something valid that is most likely not meant. */
export interface Advice {
  readonly path: readonly string[];
  /** A sentence that names what it is about. */
  readonly message: string;
}

type SourceAccess = Profile['spec']['sourceAccess'];
type GitHubSection = NonNullable<SourceAccess['github']>;

const SECTION = ['spec', 'sourceAccess', 'github'];

const on = (key: string, message: string): Advice => ({ path: [...SECTION, key], message });

const onPushing = (section: GitHubSection, { verbs }: GitHubPlan): Advice[] => {
  if (verbs.includes('push')) return [];
  const advice: Advice[] = [];
  const idle = (key: string) =>
    advice.push(on(key, `${key} changes nothing, since permissions holds no push`));
  if (section.allowedRefs?.length) idle('allowedRefs');
  if (section.allowForcePushes) idle('allowForcePushes');
  if (section.allowDeletions) idle('allowDeletions');
  if (verbs.includes('workflow')) {
    advice.push(
      on('permissions', 'the verb workflow lets push change workflow files, and permissions holds no push'),
    );
  }
  return advice;
};

const onRepos = (section: GitHubSection, { allowedRepos }: GitHubPlan): Advice[] => {
  const isCovered = (entry: string): boolean => {
    if (entry === '*') return false;
    if (allowedRepos.includes('*')) return true;
    return !entry.endsWith('/*') && allowedRepos.includes(`${entry.split('/')[0]}/*`);
  };
  const covered = allowedRepos.filter(isCovered);
  const repeated = section.allowedRepos.length - allowedRepos.length;
  return [
    ...(covered.length > 0
      ? [on('allowedRepos', `allowedRepos holds a wider entry that covers ${covered.join(', ')}`)]
      : []),
    ...(repeated > 0
      ? [on('allowedRepos', `allowedRepos names a repository more than once (${repeated} too many)`)]
      : []),
  ];
};

const onRefs = ({ guard, verbs }: GitHubPlan): Advice[] => {
  const { allowedRefs = [] } = guard;
  const short = allowedRefs.filter((pattern) => /^(?:heads|tags)\//.test(pattern));
  return [
    ...short.map((pattern) =>
      on(
        'allowedRefs',
        `allowedRefs: ${pattern} is a branch or tag of that very name; the full ref is refs/${pattern}`,
      ),
    ),
    ...(verbs.includes('push') && guard.allowedRefs?.length === 0
      ? [on('allowedRefs', 'allowedRefs is empty: the token may push, and the guard denies every ref')]
      : []),
  ];
};

/** What is valid in a profile and yet most likely not meant. */
export const profileAdvice = (
  { mode, github: section }: SourceAccess,
  plan: GitHubPlan | undefined,
): readonly Advice[] => {
  if (section && plan) return [...onRepos(section, plan), ...onRefs(plan), ...onPushing(section, plan)];
  if (section && mode === 'none')
    return [{ path: SECTION, message: 'github changes nothing with mode: none' }];
  return [];
};

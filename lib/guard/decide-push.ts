import type { GuardPolicy } from './guard-policy.ts';
import { matchesRefPattern } from './match-ref-pattern.ts';

/** One ref of a push, as `git receive-pack` and the pre-push hook see it. */
export interface RefUpdate {
  /** The full name on the remote, such as `refs/heads/main`. */
  readonly ref: string;
  /** What the remote has: 40 or 64 hex digits, all zeros when the ref is new. */
  readonly oldId: string;
  /** What it is to become: as `oldId`, all zeros for a deletion. */
  readonly newId: string;
  /** Whether commits would be lost. Absent means not known, and counts as forced. Not asked for a new or deleted ref. */
  readonly isForced?: boolean;
}

/** Why one ref of a push is refused. */
export interface PushDenial {
  readonly ref: string;
  readonly reason: 'ref' | 'deletion' | 'force';
  /** One line for the user, beginning with `[km]`. */
  readonly message: string;
}

const NO_OBJECT = /^0+$/;
const BRANCHES = 'refs/heads/';
const TAGS = 'refs/tags/';

const shortName = (ref: string): string | undefined => {
  if (ref.startsWith(BRANCHES)) return ref.slice(BRANCHES.length);
  return ref.startsWith(TAGS) ? ref.slice(TAGS.length) : undefined;
};

/** Whether a full ref name matches a pattern: with `refs/` in front the whole name, else that of a branch or tag. */
export const refMatches = (pattern: string, ref: string): boolean => {
  const name = pattern.startsWith('refs/') ? ref : shortName(ref);
  return name !== undefined && matchesRefPattern(pattern, name);
};

/** A client chooses the name, and a terminal shows it: what does not print, or prints as something else, is replaced. */
const shown = (ref: string): string => (shortName(ref) ?? ref).replace(/[\p{C}\p{Z}']/gu, '?');

const isMoved = (update: RefUpdate): boolean => {
  if (NO_OBJECT.test(update.oldId) || update.oldId === update.newId) return false;
  // A tag does not move forward: git itself takes any new value for one only by force.
  return update.ref.startsWith(TAGS) || update.isForced !== false;
};

const denial = (policy: GuardPolicy, update: RefUpdate): Omit<PushDenial, 'ref'> | undefined => {
  const { allowedRefs } = policy;
  if (allowedRefs && !allowedRefs.some((pattern) => refMatches(pattern, update.ref))) {
    const list = allowedRefs.length > 0 ? allowedRefs.join(' ') : '(none)';
    return {
      reason: 'ref',
      message: `[km] Push to '${shown(update.ref)}' denied -- not in allowedRefs: ${list}`,
    };
  }
  if (NO_OBJECT.test(update.newId)) {
    if (policy.allowDeletions) return undefined;
    return {
      reason: 'deletion',
      message: `[km] Deletion of '${shown(update.ref)}' denied -- allowDeletions is not set`,
    };
  }
  if (policy.allowForcePushes || !isMoved(update)) return undefined;
  return {
    reason: 'force',
    message: `[km] Forced push to '${shown(update.ref)}' denied -- allowForcePushes is not set`,
  };
};

/**
 * Decides over a whole push: one denial for each ref that may not be pushed so, in the push's order; none when all may.
 * A ref outside `allowedRefs` is told before anything else about it.
 *
 * {@link https://git-scm.com/docs/githooks#_pre_push}
 */
export const decidePush = (policy: GuardPolicy, updates: readonly RefUpdate[]): readonly PushDenial[] =>
  updates.flatMap((update) => {
    const found = denial(policy, update);
    return found ? [{ ref: update.ref, ...found }] : [];
  });

import type { ErrorCode } from '../errors.ts';
import type { Broker } from './broker.ts';
import { discardToken } from './discard-token.ts';
import type { InspectionProblem } from './inspection.ts';
import { onlyOnce, problemOf } from './inspection-problem.ts';
import { issueToken } from './issue-token.ts';
import { type OwnerScope, ownerScopes } from './owner-scopes.ts';
import type { CheckEvent } from './refresh-event.ts';

export interface CheckedOwner {
  readonly owner: string;
  readonly installation_id: number;
  readonly repositories: readonly string[] | 'all';
  readonly permissions: Readonly<Record<string, string>>;
}

export interface ScopeProblem extends InspectionProblem {
  /** Absent when it is no one owner's, as when the App is not configured. */
  readonly owner?: string;
}

export interface CheckedScope {
  readonly owners: readonly CheckedOwner[];
  readonly problems: readonly ScopeProblem[];
}

/** Problems of the App itself: the same for every owner, and told once. */
const OF_THE_APP: readonly ErrorCode[] = [
  'ErrGitHubNotConfigured',
  'ErrGitHubBadKey',
  'ErrSigningKeyUnusable',
  'ErrGitHubBadHost',
  'ErrGitHubKeyOfAnotherApp',
  'ErrGitHubClockSkew',
];

const problemOfOwner = (owner: string, thrown: unknown): ScopeProblem => {
  const problem = problemOf(thrown);
  return { ...(OF_THE_APP.includes(problem.code) || owner === '*' ? {} : { owner }), ...problem };
};

/**
 * Proves that a scope would be granted, without a sandbox: mints exactly it for each owner, and revokes that at once.
 * A user's problem is an answer, not an error.
 *
 * IAM: as `refresh`, without anything on sandbox parameters or keys.
 */
export const checkScope = async (
  broker: Broker,
  event: CheckEvent,
  { deadline }: { readonly deadline: number },
): Promise<CheckedScope> => {
  const scopes = ownerScopes(event.allowed_repos);
  const names = scopes.map(({ owner }) => owner);
  const problems: ScopeProblem[] = [];

  const checkOwner = async (scope: OwnerScope): Promise<CheckedOwner | undefined> => {
    try {
      const { permissions } = event;
      const issued = await issueToken(broker, {
        sandboxId: null,
        scope,
        owners: names,
        permissions,
        deadline,
      });
      await discardToken(broker, issued, { sandboxId: null, reason: 'checked' });
      return {
        owner: issued.owner,
        installation_id: issued.installation.id,
        repositories: issued.repositories,
        permissions: issued.permissions,
      };
    } catch (error) {
      problems.push(problemOfOwner(scope.owner, error));
      return undefined;
    }
  };

  const owners = await Promise.all(scopes.map(checkOwner));
  return { owners: owners.filter((owner) => owner !== undefined), problems: onlyOnce(problems) };
};

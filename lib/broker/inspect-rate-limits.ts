import type { GitHubApp } from '../github/app.ts';
import type { Installation } from '../github/installation.ts';
import { verifyToken } from '../github/verify-token.ts';
import type { Broker } from './broker.ts';
import type { InspectionProblem, RateLimit } from './inspection.ts';
import { problemOf } from './inspection-problem.ts';
import { mintInspectionToken, revokeInspectionToken } from './inspection-token.ts';
import { rateLimitOf } from './prove-token.ts';

export interface InspectRateLimitsOptions {
  readonly installations: readonly Installation[];
  /** Ids that are stored: these installations come first. */
  readonly stored: ReadonlySet<number>;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** GitHub tells a limit only to a token of that installation, so that each costs three requests. */
const MOST_ASKED = 5;

/**
 * What is left of the rate limit of the first few installations that are not suspended: each by a `metadata: read`
 * token that is minted, used once for the headers of its answer, and revoked. Never throws.
 *
 * @see https://docs.github.com/en/apps/creating-github-apps/registering-a-github-app/rate-limits-for-github-apps
 */
export const inspectRateLimits = async (
  broker: Broker,
  app: GitHubApp,
  { installations, stored, deadline }: InspectRateLimitsOptions,
): Promise<{ readonly limits: readonly RateLimit[]; readonly problems: readonly InspectionProblem[] }> => {
  const problems: InspectionProblem[] = [];

  const ask = async (installation: Installation): Promise<RateLimit | undefined> => {
    try {
      const { token } = await mintInspectionToken(broker, app, {
        installation,
        repositories: 'all',
        permissions: { metadata: 'read' },
        deadline,
      });
      try {
        const owner = installation.account;
        return rateLimitOf(owner, await verifyToken(app.transport, { token, owner, deadline }));
      } finally {
        await revokeInspectionToken(broker, app, token, { deadline });
      }
    } catch (thrown) {
      problems.push(problemOf(thrown));
      return undefined;
    }
  };

  const active = installations.filter(({ suspended }) => !suspended);
  const chosen = [
    ...active.filter(({ id }) => stored.has(id)),
    ...active.filter(({ id }) => !stored.has(id)),
  ].slice(0, MOST_ASKED);
  const limits = await Promise.all(chosen.map(ask));
  return { limits: limits.filter((limit) => limit !== undefined), problems };
};

import type { GitHubApp } from '../github/app.ts';
import { awaitDeadToken } from '../github/await-dead-token.ts';
import { unexpectedAnswer } from '../github/errors.ts';
import type { Installation } from '../github/installation.ts';
import type { MintTokenOptions } from '../github/mint-token.ts';
import { readRateLimit } from '../github/rate-limit.ts';
import type { GitHubResponse, GitHubTransport } from '../github/request.ts';
import type { Secret } from '../secret.ts';
import type { Broker } from './broker.ts';
import type { InspectionProblem, ProofStep, ProofStepName, ProveAnswer, RateLimit } from './inspection.ts';
import { problemOf } from './inspection-problem.ts';
import { mintInspectionToken, revokeInspectionToken } from './inspection-token.ts';

/** What a token is used for between its mint and its end. */
export interface TokenUse {
  readonly name: ProofStepName;
  /** Does it, and says in a line how that went. A response tells the rate limit. */
  readonly run: (
    transport: GitHubTransport,
    token: Secret,
  ) => Promise<{ readonly detail: string; readonly response?: GitHubResponse }>;
}

export interface ProveTokenOptions {
  /** The App and its installation; throws what stands in the way. */
  readonly find: () => Promise<{ readonly app: GitHubApp; readonly installation: Installation }>;
  readonly scope: Pick<MintTokenOptions, 'repositories' | 'permissions'>;
  readonly uses: readonly TokenUse[];
  /** Milliseconds since the epoch. */
  readonly deadline: number;
}

/** The rate limit that an answer tells, as part of an answer about an account. */
export const rateLimitOf = (account: string, response: GitHubResponse): RateLimit | undefined => {
  const left = readRateLimit(response);
  if (left === undefined) return undefined;
  return {
    account,
    limit: left.limit,
    remaining: left.remaining,
    reset: new Date(left.resetMs).toISOString(),
  };
};

const scopeLine = ({ repositories, permissions }: ProveTokenOptions['scope']): string =>
  `${Object.entries(permissions)
    .map(([name, level]) => `${name}: ${level}`)
    .join(', ')} for ${repositories === 'all' ? 'all repositories' : repositories.join(', ')}`;

/**
 * Mints a token, uses it, revokes it, and checks that it is dead: each a step of the answer. It ends at the first step that fails, but a minted token is revoked in any case. Never throws.
 */
export const proveToken = async (broker: Broker, options: ProveTokenOptions): Promise<ProveAnswer> => {
  const { scope, uses, deadline } = options;
  const steps: ProofStep[] = [];
  let problem: InspectionProblem | undefined;
  let rateLimit: RateLimit | undefined;

  /** Undefined: it failed, and the answer says why. */
  const step = async <T extends object>(
    name: ProofStepName,
    work: () => Promise<readonly [value: T, detail: string]>,
  ): Promise<T | undefined> => {
    try {
      const [value, detail] = await work();
      steps.push({ name, ok: true, detail });
      return value;
    } catch (thrown) {
      const found = problemOf(thrown);
      problem ??= found;
      steps.push({ name, ok: false, detail: found.message });
      return undefined;
    }
  };

  const found = await step('installation', async () => {
    const { app, installation } = await options.find();
    return [{ app, installation }, `${installation.account} (${installation.id})`];
  });
  const minted =
    found &&
    (await step('mint', async () => {
      const { app, installation } = found;
      return [await mintInspectionToken(broker, app, { installation, ...scope, deadline }), scopeLine(scope)];
    }));
  if (found && minted) {
    const { app, installation } = found;
    const { account: owner } = installation;
    const { token } = minted;
    for (const { name, run } of uses) {
      const used = await step(name, async () => {
        const { detail, response } = await run(app.transport, token);
        rateLimit ??= response && rateLimitOf(owner, response);
        return [{}, detail];
      });
      if (!used) break;
    }
    const revoked = await step('revoke', async () => {
      const result = await revokeInspectionToken(broker, app, token, { deadline });
      if (result !== 'revoked') throw unexpectedAnswer(`it calls the token ${result} that it just minted`);
      return [{}, 'DELETE /installation/token'];
    });
    if (revoked) {
      await step('dead', async () => {
        await awaitDeadToken(app.transport, { token, owner, deadline });
        return [{}, 'GitHub answers 401'];
      });
    }
  }
  return {
    ok: problem === undefined,
    ...(found === undefined
      ? {}
      : { owner: found.installation.account, installation_id: found.installation.id }),
    steps,
    ...(problem === undefined ? {} : { problem }),
    ...(rateLimit === undefined ? {} : { rate_limit: rateLimit }),
  };
};

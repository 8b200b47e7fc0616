import type { Broker } from './broker.ts';
import type { DescribedParameter, DescribeParameters } from './describe-parameters.ts';
import { isMark } from './destroyed-mark.ts';
import { SANDBOX_ID } from './names.ts';
import { readTokenDescription } from './token-description.ts';

/** How the fleet is, by the Descriptions of its tokens. */
export interface Survey {
  /** Those that have a token parameter: a paused sandbox has none. */
  readonly sandboxes: number;
  readonly tokens: number;
  /** Tokens that could not be renewed for a reason that stays; they do not count among the oldest. */
  readonly permanent_failures: number;
  /** `null` without any token that can be renewed. */
  readonly oldest_token_age_seconds: number | null;
  readonly oldest_sandbox: string | null;
}

interface SurveyedToken {
  readonly sandboxId: string;
  readonly ageMs: number | undefined;
  readonly failed: boolean;
}

const tokenIn = (
  broker: Pick<Broker, 'names' | 'now'>,
  parameter: DescribedParameter,
): SurveyedToken | undefined => {
  const [sandboxId = '', kind] = parameter.name.slice(broker.names.sandboxRoot.length + 1).split('/');
  const isToken = SANDBOX_ID.test(sandboxId) && (kind === 'github-token' || kind === 'github-tokens');
  if (!isToken || isMark(parameter)) return undefined;
  const described = readTokenDescription(parameter.description);
  return {
    sandboxId,
    ageMs: described && Math.max(0, broker.now() - Date.parse(described.mintedAt)),
    failed: described?.failure !== undefined,
  };
};

/**
 * Looks over every sandbox's tokens without reading one: how many there are, those whose refresh fails for a
 * reason that stays, and the oldest of the others: one that stays old for long would hide that the next one gets old.
 *
 * IAM: `ssm:DescribeParameters`. Throws `ErrAws`.
 */
export const survey = async (
  broker: Pick<Broker, 'names' | 'now'>,
  describe: DescribeParameters,
): Promise<Survey> => {
  const described = await describe(broker.names.sandboxRoot);
  const tokens = described.flatMap((parameter) => tokenIn(broker, parameter) ?? []);
  const aged = tokens.flatMap(({ sandboxId, ageMs, failed }) =>
    ageMs === undefined || failed ? [] : [{ sandboxId, ageMs }],
  );
  const oldest = aged.reduce<(typeof aged)[number] | undefined>(
    (old, token) => (old === undefined || token.ageMs > old.ageMs ? token : old),
    undefined,
  );
  return {
    sandboxes: new Set(tokens.map(({ sandboxId }) => sandboxId)).size,
    tokens: tokens.length,
    permanent_failures: tokens.filter(({ failed }) => failed).length,
    oldest_token_age_seconds: oldest === undefined ? null : Math.floor(oldest.ageMs / 1000),
    oldest_sandbox: oldest?.sandboxId ?? null,
  };
};

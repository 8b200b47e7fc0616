import { parseRevokeEvent, parseSurveyEvent } from '../../lib/broker/fleet-event.ts';
import type { InspectionProblem } from '../../lib/broker/inspection.ts';
import { problemOf } from '../../lib/broker/inspection-problem.ts';
import { takeBack } from '../../lib/broker/revoke.ts';
import { type Survey, survey } from '../../lib/broker/survey.ts';
import type { Runtime } from './invocation.ts';
import { unknownEvent } from './lambda-error.ts';

/** The answer to a revoke event. A sandbox whose parameters are gone is not refreshed, until its stack makes tokens again. */
export interface RevokeAnswer {
  readonly sandbox_id: string;
  /** Tokens that were alive until now. */
  readonly revoked: number;
  /** Parameters deleted. */
  readonly parameters: readonly string[];
  /** One for each parameter that stays, since not all of its tokens could be revoked. */
  readonly problems: readonly InspectionProblem[];
}

const onRevoke = async (runtime: Runtime, event: unknown, deadline: number): Promise<RevokeAnswer> => {
  const { sandbox_id } = parseRevokeEvent(event);
  const { revoked, deleted, failures } = await takeBack(runtime.broker, {
    sandboxId: sandbox_id,
    reason: 'killed',
    deadline,
  });
  const problems = failures.map(({ parameter, error }) => {
    const problem = problemOf(error);
    return { ...problem, message: `${parameter}: ${problem.message}` };
  });
  return { sandbox_id, revoked, parameters: deleted, problems };
};

const onSurvey = async (runtime: Runtime, event: unknown): Promise<Survey> => {
  parseSurveyEvent(event);
  const answer = await survey(runtime.broker, runtime.describeParameters);
  runtime.broker.metrics.surveyed(answer);
  return answer;
};

/**
 * Answers an event about the fleet: revoke, survey. A bundle of its own, which no refresh loads; see scripts/build.ts.
 *
 * IAM: as `revoke` and as `survey` of lib/broker.
 *
 * @throws {KmError} `ErrRefreshEventInvalid`; `ErrAws` when the parameters cannot be listed.
 */
export const onFleetAction = async (
  runtime: Runtime,
  event: { readonly action?: unknown },
  { deadline }: { readonly deadline: number },
): Promise<RevokeAnswer | Survey> => {
  switch (event.action) {
    case 'revoke':
      return onRevoke(runtime, event, deadline);
    case 'survey':
      return onSurvey(runtime, event);
    default:
      throw unknownEvent();
  }
};
